# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `vrrp_instance`: the field that each sets, how it is written, and what is refused with which text."""

from __future__ import annotations

from ipaddress import ip_address
from operator import attrgetter
from typing import Any

import pytest
from lvsd.conf.grammar.announcements import ANNOUNCEMENTS
from lvsd.conf.grammar.instance import INSTANCE, INSTANCE_KEPT, OWN_MAC
from lvsd.model import Authentication, Command, TrackedInterface, UnicastPeer, VirtualAddress, VirtualRouter

from tests.support.language import kept, read, words, written

HEAD = "vrrp_instance V"
V4, V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")
LINES: list[tuple[str, str, Any]] = [
    ("state MASTER", "initial_state", "MASTER"),
    ("interface eth0.100", "interface", "eth0.100"),
    ("priority 1", "priority", 1),
    ("priority 255", "priority", 255),
    ("version 2", "version", 2),
    ("version 3", "version", 3),
    ("advert_int 0.01", "advertisement_interval", 0.01),
    ("advert_int 255", "advertisement_interval", 255.0),
    ("nopreempt", "preempt", False),
    ("preempt_delay 1000", "preempt_delay", 1000.0),
    ("down_timer_adverts 100", "down_timer_adverts", 100),
    ("mcast_src_ip 192.0.2.1", "source", V4),
    ("mcast_dst_ip 224.0.0.19", "multicast_group", ip_address("224.0.0.19")),
    ("unicast_ttl 0", "unicast_ttl", 0),
    ("check_unicast_src", "check_unicast_source", True),
    ("check_unicast_src off", "check_unicast_source", False),
    ("v3_checksum_as_v2", "checksum_as_v2", True),
    ("skip_check_adv_addr off", "skip_check_adv_addr", False),
    ("lower_prio_no_advert", "lower_prio_no_advert", True),
    ("higher_prio_send_advert", "higher_prio_send_advert", True),
    ("dont_track_primary", "dont_track_primary", True),
    ("notify_master_rx_lower_pri /bin/true", "notify.active_rx_lower_priority", Command(("/bin/true",))),
]
REFUSED = [
    ("virtual_router_id 0", "fatal 2: virtual_router_id '0' is outside 1 to 255"),
    ("virtual_router_id 256", "fatal 2: virtual_router_id '256' is outside 1 to 255"),
    ("priority 0", "error 2: priority '0' is outside 1 to 255"),
    ("priority 256", "error 2: priority '256' is outside 1 to 255"),
    ("version 1", "error 2: version '1' is none of 2, 3"),
    ("advert_int 0.001", "error 2: advert_int '0.001' is outside 0.01 to 255 seconds"),
    ("advert_int 256", "error 2: advert_int '256' is outside 0.01 to 255 seconds"),
    ("preempt_delay 1001", "error 2: preempt_delay '1001' is outside 0 to 1000 seconds"),
    ("down_timer_adverts 101", "error 2: down_timer_adverts '101' is outside 1 to 100"),
    ("unicast_ttl 256", "error 2: unicast_ttl '256' is outside 0 to 255"),
    ("interface eth/0", "fatal 2: interface 'eth/0' is no name of an interface: there is no '/', ':' or space in one"),
    ("mcast_src_ip x", "error 2: mcast_src_ip 'x' is not an IP address"),
    ("unicast_src_ip 0.0.0.0", "fatal 2: unicast_src_ip '0.0.0.0' is not the address of a host"),
    ("check_unicast_src maybe", "error 2: check_unicast_src 'maybe' is none of on, off, true, false, yes, no"),
    ("notify_master_rx_lower_pri ''", "fatal 2: notify_master_rx_lower_pri has no command"),
]


def test_the_words_of_an_instance() -> None:
    named = {line.split()[0] for line, *_rest in LINES} | {row[0] for row in ANNOUNCEMENTS}
    blocks = {"authentication", "virtual_ipaddress", "virtual_ipaddress_excluded", "track_interface", "unicast_peer"}
    notify = {"notify", *(f"notify_{state}" for state in ("master", "backup", "fault", "stop", "deleted"))}
    assert words(INSTANCE) == named | blocks | notify | {"virtual_router_id", "preempt", "unicast_src_ip"}


@pytest.mark.parametrize(("line", "path", "held"), LINES)
def test_a_word_sets_its_field(line: str, path: str, held: Any) -> None:
    value, said = read(INSTANCE, "virtual_router_id 7", line, head=HEAD)
    assert said == []
    assert attrgetter(path)(value) == held
    assert sorted(written(INSTANCE, value)) == sorted([line, "virtual_router_id 7"])


@pytest.mark.parametrize(("line", "said"), REFUSED)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    more = [] if line.startswith("virtual_router_id") else ["virtual_router_id 7"]
    value, found = read(INSTANCE, line, *more, head=HEAD)
    assert found == [said]
    priority = 100 if line.startswith("priority") else None  # that of `state MASTER` would be 255
    assert value == (VirtualRouter(name="V", vrid=7, priority=priority) if more else None)


def test_a_name_and_a_number_are_needed() -> None:
    value, said = read(INSTANCE, head=HEAD)
    assert (value, said) == (None, ["fatal 1: 'virtual_router_id N' is missing"])
    for head in ("vrrp_instance", "vrrp_instance A B"):
        value, said = read(INSTANCE, "virtual_router_id 7", head=head)
        assert (value, said) == (None, ["error 1: needs exactly one name"])


def test_what_is_not_said_is_left_open() -> None:
    value, _said = read(INSTANCE, "virtual_router_id 7", head=HEAD)
    assert value == VirtualRouter(name="V", vrid=7)
    assert written(INSTANCE, value) == ["virtual_router_id 7"]


def test_an_unknown_state_is_backup() -> None:
    value, said = read(INSTANCE, "state FAULT", "virtual_router_id 7", head=HEAD)
    assert value.initial_state == "BACKUP"
    assert said == ["2: state 'FAULT' is none of MASTER, BACKUP: it is BACKUP"]


def test_the_blocks_of_an_instance() -> None:
    value, said = read(
        INSTANCE,
        "virtual_router_id 7",
        "unicast_src_ip 192.0.2.1",
        "unicast_peer {",
        "192.0.2.2 min_ttl 255",
        "}",
        "authentication {",
        "auth_type PASS",
        "auth_pass x",
        "}",
        "virtual_ipaddress {",
        "192.0.2.9/24",
        "}",
        "virtual_ipaddress_excluded {",
        "2001:db8::1",
        "}",
        "track_interface {",
        "eth1 weight 5",
        "}",
        head=HEAD,
    )
    assert said == []
    assert value == VirtualRouter(
        name="V",
        vrid=7,
        source=V4,
        unicast_peers=(UnicastPeer(ip_address("192.0.2.2"), 255),),
        authentication=Authentication("PASS", "x"),
        addresses=(VirtualAddress(address=ip_address("192.0.2.9"), prefix_length=24),),
        excluded_addresses=(VirtualAddress(address=V6, prefix_length=128),),
        track_interfaces=(TrackedInterface("eth1", 5),),
    )
    assert "unicast_src_ip 192.0.2.1" in written(INSTANCE, value)
    assert not any(line.startswith("mcast_src_ip") for line in written(INSTANCE, value))


def test_what_is_only_kept_says_what_happens_instead() -> None:
    said = kept(INSTANCE.entries)
    assert list(said) == [entry.name for entry in INSTANCE_KEPT]
    assert {name for name, warning in said.items() if warning is None} == {"no_virtual_ipaddress", "accept", "debug"}
    for name in ("use_vmac", "use_vmac_addr", "vmac_xmit_base", "use_ipvlan"):
        assert said[name] == f"'{name}' is known but not implemented yet: {OWN_MAC}"
    assert said["native_ipv6"] == "'native_ipv6' is deprecated (the addresses decide about the family)"
    value, found = read(INSTANCE, "virtual_router_id 7", "vrf red", head=HEAD)
    assert found == ["3: 'vrf' is known but not implemented yet: the main routing table is used"]
    assert written(INSTANCE, value) == ["virtual_router_id 7", "vrf red"]
