# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords of `global_defs`, `vrrp_instance` and `vrrp_sync_group`, and the files they become."""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _agreement
from ansible_collections.lvs.director.plugins.module_utils._forms import multicast4, multicast6
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused, block, fragment, line, safe_name
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, Values, checked, lines
from ansible_collections.lvs.director.plugins.module_utils._vocabulary import option, options

PASSWORD_BYTES = 8  # RFC 2338 §5.3.6: the field; keepalived cuts what is longer

PASSWORD = f"The password, up to {PASSWORD_BYTES} bytes, the same on every router."

NOTIFY = ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "notify")
ANNOUNCEMENTS = (
    *("garp_master_delay", "garp_master_repeat", "garp_master_refresh", "garp_master_refresh_repeat"),
    *("garp_lower_prio_delay", "garp_lower_prio_repeat"),
)

TRACK_INTERFACE = option(
    "vrrp_instance",
    "track_interface",
    body=options("track_interface", option("track_interface", "name", required=True), "weight", "reverse"),
)

VIRTUAL_ADDRESS: Table = options(
    "virtual_ipaddress",
    option("virtual_ipaddress", "address", required=True),
    *("brd", "dev", "scope", "label", "peer", "home"),
    option("virtual_ipaddress", "nodad", "-nodad"),
    *("mngtmpaddr", "noprefixroute", "autojoin", "preferred_lft", "no_track"),
)

UNICAST_PEER: Table = options("unicast_peer", option("unicast_peer", "address", required=True), "min_ttl", "max_ttl")

AUTHENTICATION: Table = (
    option("authentication", "auth_type", default="PASS"),
    option("authentication", "auth_pass", required=True, no_log=True, form=None, text=PASSWORD),
)

INSTANCE: Table = options(
    "vrrp_instance",
    option("vrrp_instance", "initial_state", "state", default="BACKUP"),
    *("interface", "virtual_router_id", "priority", "version", "advert_int", "nopreempt", "preempt_delay"),
    *("down_timer_adverts", "dont_track_primary", "mcast_src_ip", "mcast_dst_ip", "unicast_src_ip"),
    option("vrrp_instance", "unicast_peer", body=UNICAST_PEER),
    *("unicast_ttl", "check_unicast_src", "v3_checksum_as_v2", "skip_check_adv_addr", "lower_prio_no_advert"),
    "higher_prio_send_advert",
    option("vrrp_instance", "authentication", body=AUTHENTICATION),
    TRACK_INTERFACE,
    *ANNOUNCEMENTS,
    option("vrrp_instance", "virtual_ipaddress", body=VIRTUAL_ADDRESS),
    option("vrrp_instance", "virtual_ipaddress_excluded", body=VIRTUAL_ADDRESS),
    *NOTIFY,
    "notify_master_rx_lower_pri",
)

GROUP: Table = options("vrrp_sync_group", "group", TRACK_INTERFACE, *NOTIFY)


def _off_already(name: str) -> Keyword:
    """A switch that nothing comes before: off is left out."""
    return option("global_defs", name, kind="flag")


GLOBALS: Table = options(
    "global_defs",
    *("router_id", "default_interface", "vrrp_version"),
    option("global_defs", "vrrp_mcast_group4", form=multicast4),
    option("global_defs", "vrrp_mcast_group6", form=multicast6),
    *("vrrp_down_timer_adverts", "vrrp_check_unicast_src", "vrrp_skip_check_adv_addr"),
    *map(_off_already, ("vrrp_lower_prio_no_advert", "vrrp_higher_prio_send_advert")),
    *map(_off_already, ("v3_checksum_as_v2", "vrrp_min_garp")),
    *("vrrp_garp_interval", "vrrp_gna_interval"),
    *(f"vrrp_{name}" for name in ANNOUNCEMENTS),
    *("script_user", "enable_script_security", "vrrp_rt_priority", "vrrp_no_swap", "lvs_flush", "lvs_flush_on_stop"),
)


def instance_file(name: str) -> str:
    """The path below the configuration's directory.  Raises `Refused` for a name that cannot be a file's."""
    return f"conf.d/vrrp_instance-{safe_name(name, 'vrrp_instance')}.conf"


def instance_text(name: str, values: Values) -> str:
    """The file of one instance.  Raises `Refused` for a value that keepalived would not take."""
    known = checked(INSTANCE, values, f"vrrp_instance {name}: ")
    for needed in ("virtual_router_id", "interface"):
        if known[needed] is None and not (needed == "interface" and known["unicast_peer"]):
            raise Refused(f"vrrp_instance {name}: {needed} is required")
    authentication = known["authentication"]
    if authentication:
        _check_password(name, known["version"], authentication["auth_pass"])
    if known["unicast_src_ip"] and known["mcast_src_ip"]:
        raise Refused(f"vrrp_instance {name}: unicast_src_ip and mcast_src_ip exclude each other")
    _agreement.instance(name, known)
    return fragment([block(["vrrp_instance", safe_name(name, "vrrp_instance")], lines(INSTANCE, known))])


def needed_links(values: Values) -> t.List[str]:
    """The interfaces without which the daemon leaves an instance in Initialize (runtime/lvsd/vrrp/tracking.py)."""
    primary, is_free = values.get("interface"), values.get("dont_track_primary")
    found = [] if is_free else [primary]
    for address_ in [*(values.get("virtual_ipaddress") or []), *(values.get("virtual_ipaddress_excluded") or [])]:
        if not address_.get("no_track") and not (is_free and address_.get("dev") == primary):
            found.append(address_.get("dev"))
    for track in values.get("track_interface") or []:
        if not track.get("weight") and not track.get("reverse"):
            found.append(track["name"])
    return list(dict.fromkeys(link for link in found if link))


def _check_password(name: str, version: t.Optional[int], password: str) -> None:
    if version == 3:
        raise Refused(f"vrrp_instance {name}: VRRP version 3 has no authentication (RFC 9568 §9)")
    if not 1 <= len(password.encode("utf-8", "surrogatepass")) <= PASSWORD_BYTES:
        raise Refused(
            f"vrrp_instance {name}: auth_pass has to have 1 to {PASSWORD_BYTES} bytes; keepalived cuts the rest"
        )


def group_file(name: str) -> str:
    """The path below the configuration's directory.  Raises `Refused` for a name that cannot be a file's."""
    return f"conf.d/vrrp_sync_group-{safe_name(name, 'vrrp_sync_group')}.conf"


def group_text(name: str, values: Values) -> str:
    """The file of one sync group.  Raises `Refused` where members are missing, twice or no names."""
    known = checked(GROUP, values, f"vrrp_sync_group {name}: ")
    members = [safe_name(member, "group") for member in known["group"] or []]
    if not members:
        raise Refused(f"vrrp_sync_group {name}: group needs at least one vrrp_instance")
    if len(set(members)) != len(members):
        raise Refused(f"vrrp_sync_group {name}: group names an instance twice")
    return fragment([block(["vrrp_sync_group", safe_name(name, "vrrp_sync_group")], lines(GROUP, known))])


GLOBALS_FILE = "lvsd.conf"


def globals_text(values: Values) -> str:
    """lvsd.conf: the global definitions, then everything in conf.d."""
    return fragment(
        [
            block(["global_defs"], lines(GLOBALS, checked(GLOBALS, values, "global_defs: "))),
            line("include", "conf.d/*.conf"),
        ]
    )


def group_candidate(name: str, values: Values) -> str:
    """The group with the barest members, for a check of this one block by the daemon."""
    members = [
        block(
            ["vrrp_instance", member],
            [
                line("interface", f"candidate{number}"),
                line("virtual_router_id", 1),
                block(["virtual_ipaddress"], [line("", f"198.18.{number // 256}.{number % 256}")]),
            ],
        )
        for number, member in enumerate(values["group"])
    ]
    return group_text(name, values) + fragment(members)
