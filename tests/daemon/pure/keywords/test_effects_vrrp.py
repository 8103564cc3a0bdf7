# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effect of every VRRP keyword that a worker's derived values show; the rest is in live_effects.py."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from operator import attrgetter
from typing import Any

import pytest
from effects import INSTANCE, INSTANCE6, INSTANCE_WITHOUT_ADDRESSES, Effect, Look, globally, group, instance, rows
from lvsd.kernel.rtnl_types import FOREVER, AddressFlags, Link, LinkFlags
from lvsd.model import Configuration
from lvsd.vrrp import fsm, garp_schedule, packet, tracking
from lvsd.vrrp.desired import desired
from lvsd.vrrp.parameters import (
    advertised,
    advertisement,
    interval_of,
    parameters,
    password,
    pseudo_header,
    transport,
)
from lvsd.vrrp.sync_group import group_of
from lvsd.vrrp.validate import expectation

OWN = ip_address("192.0.2.2")
PEERS = "unicast_peer {\n 192.0.2.3\n}"
VIP = ip_address("192.0.2.100")


def link(index: int, name: str, *, up: bool = True) -> Link:
    flags = LinkFlags.UP | LinkFlags.RUNNING if up else LinkFlags(0)
    return Link(index=index, name=name, flags=flags)


LINKS = {"eth0": link(2, "eth0"), "eth1": link(3, "eth1", up=False), "eth2": link(4, "eth2")}


def first(configuration: Configuration) -> tuple[Any, Any]:
    return configuration.routers[0], configuration.global_defs


def vr(configuration: Configuration) -> fsm.Parameters:
    router, defs = first(configuration)
    return parameters(router, defs, OWN)


def value(name: str) -> Look:
    """A field of the state machine's parameters."""
    return lambda configuration: attrgetter(name)(vr(configuration))


def way(name: str) -> Look:
    """A field of how advertisements travel."""
    return lambda configuration: attrgetter(name)(transport(*first(configuration)))


def wanted(name: str) -> Look:
    """A field of what an instance accepts."""

    def look(configuration: Configuration) -> Any:
        return attrgetter(name)(expectation(*first(configuration), vr(configuration)))

    return look


def pace(name: str) -> Look:
    """A field of the policy for gratuitous ARP."""

    def look(configuration: Configuration) -> Any:
        router, defs = first(configuration)
        return attrgetter(name)(garp_schedule.policy(router.announcements, defs))

    return look


def defs(name: str) -> Look:
    return lambda configuration: attrgetter(name)(configuration.global_defs)


def on_the_wire(configuration: Configuration) -> bytes:
    """The first bytes of an advertisement."""
    router, globals_ = first(configuration)
    return packet.encode(advertisement(router, globals_, vr(configuration), 100), OWN, packet.GROUP[4])[:2]


def kernel(configuration: Configuration) -> set[str]:
    """The addresses that an Active Router sets."""
    router, globals_ = first(configuration)
    return {f"{key.address} {key.index}" for key in desired([router], globals_, LINKS)}


def in_advertisement(configuration: Configuration) -> set[str]:
    return {str(address) for address in advertised(configuration.routers[0], 2)}


def group_for(configuration: Configuration) -> Any:
    return group_of(configuration.routers[0], configuration.sync_groups)


def faults(configuration: Configuration, links: Mapping[str, Link] = LINKS) -> tuple[str, ...]:
    router, globals_ = first(configuration)
    wanted = tracking.tracking(router, globals_, group_for(configuration))
    return tracking.faults(wanted, states(wanted, links), transport(router, globals_), OWN)


def states(wanted: tracking.Tracking, links: Mapping[str, Link]) -> tracking.Trackers:
    return {key: tracking.interface_state(key.name, links) for key in wanted.keys}


def faults_with_own_interface_down(configuration: Configuration) -> tuple[str, ...]:
    return faults(configuration, {"eth0": link(2, "eth0", up=False)})


def members(configuration: Configuration) -> list[str]:
    return [r.name for r in configuration.routers if group_of(r, configuration.sync_groups) is not None]


def secret(configuration: Configuration) -> bytes | None:
    return password(*first(configuration))


def pseudo(configuration: Configuration) -> bool:
    return pseudo_header(*first(configuration))


def seconds(configuration: Configuration) -> float:
    return interval_of(configuration.routers[0], 2)


GARP = (
    ("garp_master_delay", "7", "delay", 5.0, 7.0),
    ("garp_master_repeat", "2", "repeat", 5, 2),
    ("garp_master_refresh", "60", "refresh", 0.0, 60.0),
    ("garp_master_refresh_repeat", "3", "refresh_repeat", 1, 3),
    ("garp_lower_prio_delay", "9", "lower_delay", 5.0, 9.0),
    ("garp_lower_prio_repeat", "4", "lower_repeat", 5, 4),
)
PASS = "authentication {\n auth_type PASS\n auth_pass secret\n}"

EFFECTS = [
    *rows(
        "global_defs",
        globally(),
        ("vrrp_version", "vrrp_version 3", value("version"), 2, 3),
        ("vrrp_mcast_group4", "vrrp_mcast_group4 224.0.0.20", way("group"), packet.GROUP[4], ip_address("224.0.0.20")),
        ("vrrp_min_garp", "vrrp_min_garp", pace("repeat"), 5, 1),
        ("vrrp_garp_interval", "vrrp_garp_interval 0.5", defs("vrrp_garp_interval"), 0.0, 0.5),
        ("vrrp_gna_interval", "vrrp_gna_interval 0.5", defs("vrrp_gna_interval"), 0.0, 0.5),
        ("vrrp_down_timer_adverts", "vrrp_down_timer_adverts 5", value("down_adverts"), 3, 5),
        ("vrrp_lower_prio_no_advert", "vrrp_lower_prio_no_advert", value("advertise_to_lower"), True, False),
        ("vrrp_higher_prio_send_advert", "vrrp_higher_prio_send_advert", value("advertise_to_higher"), False, True),
        ("v3_checksum_as_v2", "v3_checksum_as_v2", pseudo, True, False),
        ("vrrp_check_unicast_src", "vrrp_check_unicast_src", wanted("check_source"), False, True),
        ("vrrp_skip_check_adv_addr", "vrrp_skip_check_adv_addr", wanted("compare_addresses"), True, False),
        *((f"vrrp_{n}", f"vrrp_{n} {said}", pace(field), off, on) for n, said, field, off, on in GARP),
    ),
    *rows(
        "global_defs",
        globally(INSTANCE6.replace("@", "")),
        ("vrrp_mcast_group6", "vrrp_mcast_group6 ff02::20", way("group"), packet.GROUP[6], ip_address("ff02::20")),
    ),
    *rows(
        "global_defs",
        globally(INSTANCE.replace("interface eth0", PEERS).replace("@", "")),
        ("default_interface", "default_interface eth2", kernel, set(), {"192.0.2.100 4"}),
    ),
    *rows(
        "",
        "@" + instance().replace("@", ""),
        ("global_defs", "global_defs {\n vrrp_version 3\n}", value("version"), 2, 3),
        ("vrrp_sync_group", "vrrp_sync_group G {\n group {\n VI_1\n }\n}", members, [], ["VI_1"]),
    ),
    *rows(
        "",
        instance().replace("@", "") + "@",
        (
            "vrrp_instance",
            "vrrp_instance VI_2 {\n interface eth0\n virtual_router_id 52\n virtual_ipaddress {\n 192.0.2.102\n }\n}",
            lambda configuration: len(configuration.routers),
            1,
            2,
        ),
    ),
    *rows(
        "vrrp_sync_group",
        group(),
        ("track_interface", "track_interface {\n eth1\n}", faults, (), ("interface eth1 is down",)),
    ),
    *rows(
        "vrrp_sync_group",
        "vrrp_sync_group G {\n group {\n VI_1\n @\n }\n}\n"
        + instance().replace("@", "")
        + instance().replace("@", "").replace("VI_1", "VI_2").replace("51", "52").replace("100", "102"),
        ("group", "VI_2", members, ["VI_1"], ["VI_1", "VI_2"]),
    ),
    *rows(
        "vrrp_instance",
        instance(),
        ("state", "state MASTER", value("starts_active"), False, True),
        ("interface", "interface eth2", way("interface"), "eth0", "eth2"),
        ("virtual_router_id", "virtual_router_id 52", on_the_wire, b"\x21\x33", b"\x21\x34"),
        ("priority", "priority 150", value("priority"), 100, 150),
        ("version", "version 3", value("version"), 2, 3),
        ("advert_int", "advert_int 2", seconds, 1.0, 2.0),
        ("nopreempt", "nopreempt", value("preempt"), True, False),
        ("preempt_delay", "preempt_delay 30", value("preempt_delay"), 0.0, 30.0),
        ("down_timer_adverts", "down_timer_adverts 5", value("down_adverts"), 3, 5),
        ("mcast_src_ip", "mcast_src_ip 192.0.2.7", way("source"), None, ip_address("192.0.2.7")),
        ("mcast_dst_ip", "mcast_dst_ip 224.0.0.20", way("group"), packet.GROUP[4], ip_address("224.0.0.20")),
        ("unicast_peer", PEERS, way("unicast"), False, True),
        ("v3_checksum_as_v2", "v3_checksum_as_v2", pseudo, True, False),
        ("skip_check_adv_addr", "skip_check_adv_addr", wanted("compare_addresses"), True, False),
        ("lower_prio_no_advert", "lower_prio_no_advert", value("advertise_to_lower"), True, False),
        ("higher_prio_send_advert", "higher_prio_send_advert", value("advertise_to_higher"), False, True),
        (
            "dont_track_primary",
            "dont_track_primary",
            faults_with_own_interface_down,
            ("interface eth0 is down",),
            (),
        ),
        ("authentication", PASS, secret, None, b"secret\0\0"),
        (
            "virtual_ipaddress_excluded",
            "virtual_ipaddress_excluded {\n 192.0.2.101\n}",
            kernel,
            {"192.0.2.100 2"},
            {"192.0.2.100 2", "192.0.2.101 2"},
        ),
        ("track_interface", "track_interface {\n eth1\n}", faults, (), ("interface eth1 is down",)),
        *((n, f"{n} {said}", pace(field), off, on) for n, said, field, off, on in GARP),
    ),
    *rows("vrrp_instance", instance("nopreempt"), ("preempt", "preempt", value("preempt"), False, True)),
    *rows(
        "vrrp_instance",
        instance(PEERS),
        ("unicast_src_ip", "unicast_src_ip 192.0.2.7", way("source"), None, ip_address("192.0.2.7")),
        ("unicast_ttl", "unicast_ttl 64", way("hop_limit"), 255, 64),
        ("check_unicast_src", "check_unicast_src", wanted("check_source"), False, True),
    ),
    *rows(
        "vrrp_instance",
        INSTANCE_WITHOUT_ADDRESSES,
        ("virtual_ipaddress", "virtual_ipaddress {\n 192.0.2.100\n}", in_advertisement, set(), {"192.0.2.100"}),
    ),
    *rows(
        "authentication",
        instance("authentication {\n auth_type PASS\n auth_pass other\n @\n}").replace("\n@\n}\n", "\n}\n"),
        ("auth_pass", "auth_pass secret", secret, b"other\0\0\0", b"secret\0\0"),
        ("auth_type", "auth_type AH", secret, b"other\0\0\0", None),
    ),
]


def assigned(name: str) -> Look:
    """How the kernel shall hold the first address."""

    def look(configuration: Configuration) -> Any:
        router, globals_ = first(configuration)
        return attrgetter(name)(next(iter(desired([router], globals_, LINKS).values())))

    return look


def flagged(flag: str) -> tuple[Look, Any, Any]:
    return (lambda configuration: AddressFlags[flag] in assigned("flags")(configuration)), False, True


def adjusted(configuration: Configuration) -> int:
    wanted = tracking.tracking(*first(configuration), None)
    return tracking.adjustment(wanted, states(wanted, LINKS))


VIPS = "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n 192.0.2.100/24 @\n }\n}\n"
VIPS6 = VIPS.replace("192.0.2.100/24", "2001:db8::100/64")
TRACKED = instance("track_interface {\n eth1 @\n}").replace("}\n@", "}")
RAISED = instance("track_interface {\n eth2 weight 20 @\n}").replace("}\n@", "}")
PEER = instance("unicast_peer {\n 192.0.2.3 @\n}").replace("}\n@", "}")

WORDS = [
    *rows(
        "virtual_ipaddress",
        VIPS,
        ("dev", "dev eth2", kernel, {"192.0.2.100 2"}, {"192.0.2.100 4"}),
        ("label", "label eth0:1", assigned("label"), "", "eth0:1"),
        ("scope", "scope host", assigned("scope"), 0, 254),
        ("brd", "brd +", assigned("broadcast"), None, ip_address("192.0.2.255")),
        ("peer", "peer 192.0.2.9", assigned("peer"), None, ip_address("192.0.2.9")),
        ("noprefixroute", "noprefixroute", *flagged("NOPREFIXROUTE")),
        ("autojoin", "autojoin", *flagged("MCAUTOJOIN")),
    ),
    *rows(
        "virtual_ipaddress",
        VIPS.replace("@", "dev eth1 @"),
        ("no_track", "no_track", faults, ("interface eth1 is down",), ()),
    ),
    *rows(
        "virtual_ipaddress",
        VIPS6,
        ("home", "home", *flagged("HOMEADDRESS")),
        ("preferred_lft", "preferred_lft 60", assigned("preferred_lifetime"), FOREVER, 60),
        ("mngtmpaddr", "mngtmpaddr", *flagged("MANAGETEMPADDR")),
    ),
    *rows(
        "track_interface",
        TRACKED,
        ("weight", "weight -20", adjusted, 0, -20),
        ("reverse", "weight 0 reverse", faults, ("interface eth1 is down",), ()),
    ),
    *rows("track_interface", RAISED, ("weight reverse", "reverse", adjusted, 20, 0)),
    *rows(
        "unicast_peer",
        PEER,
        ("min_ttl", "min_ttl 250", lambda c: transport(*first(c)).peers[0].min_ttl, None, 250),
        ("max_ttl", "max_ttl 64", lambda c: transport(*first(c)).peers[0].max_ttl, None, 64),
    ),
]


@pytest.mark.parametrize("effect", [*EFFECTS, *WORDS], ids=str)
def test_a_keyword_has_its_effect(effect: Effect) -> None:
    assert effect.seen("") == effect.without
    assert effect.seen(effect.said) == effect.with_it
    assert effect.without != effect.with_it
