# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What a director's part of the inventory expects of its interfaces and addresses, compared with those that it has."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_interface

from ansible_collections.lvs.director.plugins.module_utils._checks import CHECKS
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values
from ansible_collections.lvs.director.plugins.module_utils._vrrp import needed_links


@dataclass(frozen=True)
class Links:
    """The host's interfaces: the addresses of each, and what else an interface is called."""

    addresses: Mapping[str, frozenset[str]]  # name -> addresses with their prefix length
    other_names: Mapping[str, str] = field(default_factory=dict)  # other name -> name

    def missing(self, name: str) -> str:
        """What is wrong with an interface of this name; "" where it is there."""
        if name in self.addresses:
            return ""
        if name in self.other_names:
            return f"the daemon knows it as {self.other_names[name]}, not as {name}"
        near = get_close_matches(name, self.addresses, 1, 0.7)
        meant = f", did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(self.addresses)) or 'none'}"
        return f"the host has no interface {name}{meant}"


def links_of(shown: Iterable[Mapping[str, t.Any]]) -> Links:
    """From what `ip -json address show` prints (iproute2); an interface without addresses counts."""
    rows = [row for row in shown if row.get("ifname")]
    addresses = {
        str(row["ifname"]): frozenset(
            str(ip_interface(f"{one['local']}/{one['prefixlen']}"))
            for one in row.get("addr_info") or []
            if "local" in one
        )
        for row in rows
    }
    return Links(addresses, {str(other): str(row["ifname"]) for row in rows for other in row.get("altnames") or []})


def faults(links: Links, part: Values) -> list[str]:
    """A message for everything that the part names and the host lacks.  `part` is a director's part of the plan."""
    found = _own_addresses(links, part["addresses"])
    for instance in part["configuration"]["vrrp_instances"]:
        found += _instance(links, instance, part["configuration"]["globals"])
    for service in part["configuration"]["ipvs_services"]:
        for server in service["real_servers"]:
            for name in _bound(server):
                if wrong := links.missing(name):
                    found.append(f"director_services: real server {server['address']}: bind_if: {wrong}")
    return list(dict.fromkeys(found))


def _own_addresses(links: Links, expected: Mapping[str, Iterable[str]]) -> list[str]:
    found = []
    holders = {text.partition("/")[0]: name for name, texts in links.addresses.items() for text in texts}
    for name, texts in expected.items():
        if wrong := links.missing(name):
            found.append(f"director_addresses.{name}: {wrong}")
            continue
        for text in texts:
            if text not in links.addresses[name]:
                found.append(f"director_addresses.{name}: {_whereabouts(text, name, holders, links)}")
    return found


def _whereabouts(text: str, name: str, holders: Mapping[str, str], links: Links) -> str:
    address = text.partition("/")[0]
    holder = holders.get(address)
    if holder is None:
        return f"the host does not have {text}; {name} has {', '.join(sorted(links.addresses[name])) or 'no address'}"
    if holder != name:
        return f"{address} is an address of {holder}"
    (real,) = [one for one in links.addresses[name] if one.partition("/")[0] == address][:1]
    return f"{text} is {real} on the host"


def _instance(links: Links, instance: Values, defaults: Values) -> list[str]:
    where = f"director_vrrp_instances: {instance['name']}"
    interface = instance.get("interface") or defaults.get("default_interface")
    found = [
        f"{where}: {wrong}"
        for name in needed_links({**instance, "interface": interface})
        if (wrong := links.missing(name))
    ]
    source = instance.get("unicast_src_ip") or instance.get("mcast_src_ip")
    held = {text.partition("/")[0] for texts in links.addresses.values() for text in texts}
    if source and source not in held:
        found.append(f"{where}: the host does not have {source}, from which advertisements are to be sent")
    return found


def _bound(server: Values) -> list[str]:
    """The interfaces that the checks of a real server leave by."""
    checks = [check for kind in CHECKS for check in server.get(kind.name) or []]
    return [check["bind_if"] for check in checks if check.get("bind_if")]
