# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords of `global_defs`, `vrrp_instance` and `vrrp_sync_group`, and the files they become."""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _agreement
from ansible_collections.lvs.director.plugins.module_utils._forms import (
    address_with_prefix,
    broadcast,
    command,
    host,
    interface,
    label,
    lifetime,
    multicast,
    multicast4,
    multicast6,
    peer,
    scope,
    word,
)
from ansible_collections.lvs.director.plugins.module_utils._fragment import Refused, block, fragment, line, safe_name
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table, Values, checked, lines

WEIGHT = Keyword("weight", type="int", low=-253, high=253)
PASSWORD_BYTES = 8  # RFC 2338 §5.3.6: the field; keepalived cuts what is longer


def _seconds(name: str, high: float = 86400) -> Keyword:
    return Keyword(name, type="float", low=0, high=high)


def _whole_seconds(name: str) -> Keyword:
    """What keepalived takes in whole seconds only."""
    return Keyword(name, type="int", low=0, high=86400)


def _count(name: str, low: int = 0, high: int = 65535) -> Keyword:
    return Keyword(name, type="int", low=low, high=high)


NOTIFY: Table = tuple(
    Keyword(name, form=command)
    for name in ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "notify")
)

TRACK_INTERFACE = Keyword(
    "track_interface",
    "rows",
    body=(Keyword("name", form=interface, required=True), WEIGHT, Keyword("reverse", "flag")),
)

VIRTUAL_ADDRESS: Table = (
    Keyword("address", form=address_with_prefix, required=True),
    Keyword("brd", form=broadcast),
    Keyword("dev", form=interface),
    Keyword("scope", form=scope),
    Keyword("label", form=label),
    Keyword("peer", form=peer),
    Keyword("home", "flag"),
    Keyword("nodad", "flag", written="-nodad"),
    Keyword("mngtmpaddr", "flag"),
    Keyword("noprefixroute", "flag"),
    Keyword("autojoin", "flag"),
    Keyword("preferred_lft", form=lifetime),
    Keyword("no_track", "flag"),
)

UNICAST_PEER: Table = (
    Keyword("address", form=host, required=True),
    _count("min_ttl", 0, 255),
    _count("max_ttl", 0, 255),
)

AUTHENTICATION: Table = (
    Keyword("auth_type", choices=("PASS", "AH"), default="PASS"),
    Keyword("auth_pass", required=True, no_log=True),
)

INSTANCE: Table = (
    Keyword("initial_state", choices=("MASTER", "BACKUP"), default="BACKUP", written="state"),
    Keyword("interface", form=interface),
    _count("virtual_router_id", 1, 255),
    _count("priority", 1, 255),
    Keyword("version", type="int", choices=(2, 3)),
    Keyword("advert_int", type="float", low=0.01, high=255),
    Keyword("nopreempt", "flag"),
    _seconds("preempt_delay", 1000),
    _count("down_timer_adverts", 1, 100),
    Keyword("dont_track_primary", "flag"),
    Keyword("mcast_src_ip", form=host),
    Keyword("mcast_dst_ip", form=multicast),
    Keyword("unicast_src_ip", form=host),
    Keyword("unicast_peer", "rows", body=UNICAST_PEER),
    _count("unicast_ttl", 0, 255),
    Keyword("check_unicast_src", "switch"),
    Keyword("v3_checksum_as_v2", "switch"),
    Keyword("skip_check_adv_addr", "switch"),
    Keyword("lower_prio_no_advert", "switch"),
    Keyword("higher_prio_send_advert", "switch"),
    Keyword("authentication", "block", body=AUTHENTICATION),
    TRACK_INTERFACE,
    _whole_seconds("garp_master_delay"),
    _count("garp_master_repeat", 1, 255),
    _whole_seconds("garp_master_refresh"),
    _count("garp_master_refresh_repeat", 1, 255),
    _whole_seconds("garp_lower_prio_delay"),
    _count("garp_lower_prio_repeat", 0, 255),
    Keyword("virtual_ipaddress", "rows", body=VIRTUAL_ADDRESS),
    Keyword("virtual_ipaddress_excluded", "rows", body=VIRTUAL_ADDRESS),
    *NOTIFY,
    Keyword("notify_master_rx_lower_pri", form=command),
)

GROUP: Table = (Keyword("group", "names"), TRACK_INTERFACE, *NOTIFY)

GLOBALS: Table = (
    Keyword("router_id", form=word),
    Keyword("default_interface", form=interface),
    Keyword("vrrp_version", type="int", choices=(2, 3)),
    Keyword("vrrp_mcast_group4", form=multicast4),
    Keyword("vrrp_mcast_group6", form=multicast6),
    _count("vrrp_down_timer_adverts", 1, 100),
    Keyword("vrrp_check_unicast_src", "flag"),
    Keyword("vrrp_skip_check_adv_addr", "flag"),
    Keyword("vrrp_lower_prio_no_advert", "flag"),
    Keyword("vrrp_higher_prio_send_advert", "flag"),
    Keyword("v3_checksum_as_v2", "flag"),
    Keyword("vrrp_min_garp", "flag"),
    _seconds("vrrp_garp_interval", 3600),
    _seconds("vrrp_gna_interval", 3600),
    _whole_seconds("vrrp_garp_master_delay"),
    _count("vrrp_garp_master_repeat", 1, 255),
    _whole_seconds("vrrp_garp_master_refresh"),
    _count("vrrp_garp_master_refresh_repeat", 1, 255),
    _whole_seconds("vrrp_garp_lower_prio_delay"),
    _count("vrrp_garp_lower_prio_repeat", 0, 255),
    Keyword("script_user", "words"),
    Keyword("enable_script_security", "flag"),
    _count("vrrp_rt_priority", 1, 99),
    Keyword("vrrp_no_swap", "flag"),
    Keyword("lvs_flush", "flag"),
    Keyword("lvs_flush_on_stop", "flag"),
)


def instance_file(name: str) -> str:
    """The path below the configuration's directory.  Raises `Refused` for a name that cannot be a file's."""
    return f"conf.d/vrrp_instance-{safe_name(name, 'vrrp_instance')}.conf"


def instance_text(name: str, values: Values) -> str:
    """The file of one instance.  Raises `Refused` for a value that keepalived would not take."""
    known = checked(INSTANCE, values, f"vrrp_instance {name}: ")
    for option in ("virtual_router_id", "interface"):
        if known[option] is None and not (option == "interface" and known["unicast_peer"]):
            raise Refused(f"vrrp_instance {name}: {option} is required")
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
