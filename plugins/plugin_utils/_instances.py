# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What an instance runs with: what it says itself, else `director_globals`, else keepalived's default."""

from __future__ import annotations

import typing as t
from ipaddress import ip_address, ip_interface

from ansible_collections.lvs.director.plugins.module_utils._keywords import Values

GROUPS = {4: "224.0.0.18", 6: "ff02::12"}  # RFC 9568 §5.1.1.2, §5.1.2.2
INTERVAL, DOWN_ADVERTS, VERSION = 1.0, 3, 2


class Effective(t.NamedTuple):
    """A value and, unless the instance says it itself, where it is from."""

    value: t.Any
    origin: str = ""

    def __str__(self) -> str:
        return f"{self.value}{self.origin}"


def _effective(instance: Values, option: str, defaults: Values, variable: str, default: t.Any) -> Effective:
    if instance.get(option) is not None:
        return Effective(instance[option])
    if defaults.get(variable) is not None:
        return Effective(defaults[variable], f" from director_globals.{variable}")
    return Effective(default, " by default")


def addresses_of(instance: Values) -> list[Values]:
    """Advertised and excluded virtual addresses."""
    return [*(instance.get("virtual_ipaddress") or []), *(instance.get("virtual_ipaddress_excluded") or [])]


def family_of(instance: Values) -> int:
    """4 or 6: the family of the advertised addresses, else that of the peers or the source, else 4."""
    listed = [*(instance.get("virtual_ipaddress") or [])[:1], *(instance.get("unicast_peer") or [])[:1]]
    named = [entry["address"] for entry in listed]
    named += [instance.get(option) for option in ("unicast_src_ip", "mcast_src_ip", "mcast_dst_ip")]
    first = next((text for text in named if text is not None), "0.0.0.0")
    try:
        return ip_interface(first).version
    except ValueError:
        return 4  # the module that writes the configuration refuses it


def peers_of(instance: Values) -> set[str]:
    """The unicast peers; none in multicast."""
    return {str(ip_address(peer["address"])) for peer in instance.get("unicast_peer") or []}


def interface_of(instance: Values, defaults: Values) -> str | None:
    """Return the interface that an instance sends from: its own, else `default_interface`; None without one."""
    return instance.get("interface") or defaults.get("default_interface")


def version(instance: Values, defaults: Values) -> Effective:
    """The version of VRRP; IPv6 has version 3 only."""
    if family_of(instance) == 6:
        return Effective(3, " for IPv6")
    return _effective(instance, "version", defaults, "vrrp_version", VERSION)


def interval(instance: Values, defaults: Values) -> Effective:
    """advert_int as advertisements carry it: version 2 counts seconds, version 3 hundredths of them."""
    asked = _effective(instance, "advert_int", {}, "", INTERVAL)
    whole = version(instance, defaults).value == 2
    carried = max(1.0, float(int(asked.value + 0.5))) if whole else max(0.01, round(asked.value, 2))
    return asked._replace(value=carried)


def down_adverts(instance: Values, defaults: Values) -> Effective:
    """Return after how many missed advertisements an instance takes over, and what says so."""
    return _effective(instance, "down_timer_adverts", defaults, "vrrp_down_timer_adverts", DOWN_ADVERTS)


def multicast_group(instance: Values, defaults: Values) -> Effective:
    """Where advertisements go unless there are unicast peers."""
    family = family_of(instance)
    found = _effective(instance, "mcast_dst_ip", defaults, f"vrrp_mcast_group{family}", GROUPS[family])
    return found._replace(value=str(ip_address(found.value)))
