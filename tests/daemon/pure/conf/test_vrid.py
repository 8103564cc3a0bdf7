# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two instances of which a packet could be either one's are reported, and no others."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import Any

import pytest
from lvsd.conf.draft import Located
from lvsd.conf.findings import Findings, Place
from lvsd.conf.validate.vrid import same_numbers
from lvsd.model import GlobalDefs, UnicastPeer, VirtualAddress, VirtualRouter

SIX = VirtualAddress(address=ip_address("2001:db8::1"), prefix_length=64)
PEER, OTHER, THIRD = (UnicastPeer(ip_address(f"192.0.2.{n}")) for n in (1, 2, 3))


def said(*routers: dict[str, Any], defs: GlobalDefs | None = None) -> list[str]:
    """What is found of instances A, B ... in lines 10, 20 ..., each with its number on the next line."""
    located = []
    for number, fields in enumerate(routers, 1):
        name = "ABCDE"[number - 1]
        router = VirtualRouter(**{"name": name, "vrid": 1, "interface": "eth0", **fields})
        places = {"virtual_router_id": Place("f", number * 10 + 1)}
        located.append(Located(router, Place("f", number * 10), f"vrrp_instance {name}", places))
    findings = Findings()
    same_numbers(located, defs or GlobalDefs(), findings)
    assert all(f.fatal and f.keyword == "virtual_router_id" for f in findings.result())
    return [f"{f.line}: {f.message}" for f in findings.result()]


@pytest.mark.parametrize(
    "second",
    [
        {"vrid": 2},
        {"interface": "eth1"},
        {"addresses": (SIX,)},
        {"multicast_group": ip_address("224.0.0.19")},
        {"unicast_peers": (PEER,)},
    ],
    ids=["number", "interface", "family", "group", "unicast"],
)
def test_instances_that_differ_in_one_thing_are_told_apart(second: dict[str, Any]) -> None:
    assert said({}, second) == []


def test_a_number_is_taken_once_per_interface_and_group() -> None:
    message = "vrrp_instance {}: virtual_router_id 1 on eth0 is taken by A"
    assert said({}, {}, {}) == [f"21: {message.format('B')}", f"31: {message.format('C')}"]


def test_an_instance_without_an_interface_is_named_so() -> None:
    none = {"interface": None}
    assert said(none, none) == ["21: vrrp_instance B: virtual_router_id 1 without an interface is taken by A"]


@pytest.mark.parametrize("group", ["224.0.0.18", "224.0.0.77"])
def test_a_group_that_is_named_equals_the_one_that_holds_without_a_name(group: str) -> None:
    defs = GlobalDefs(vrrp_mcast_group4=None if group == "224.0.0.18" else IPv4Address(group))
    assert len(said({}, {"multicast_group": ip_address(group)}, defs=defs)) == 1
    assert said({}, {"multicast_group": ip_address("224.0.0.99")}, defs=defs) == []


def test_the_global_group_of_one_family_does_not_concern_the_other() -> None:
    group = {"addresses": (SIX,), "multicast_group": ip_address("ff02::12")}
    assert len(said({"addresses": (SIX,)}, group, defs=GlobalDefs(vrrp_mcast_group4=IPv4Address("224.0.0.77")))) == 1


def test_a_peer_of_two_instances_of_one_number_is_reported_whatever_their_interface() -> None:
    first, second = {"unicast_peers": (PEER, OTHER)}, {"unicast_peers": (THIRD, OTHER), "interface": "eth1"}
    assert said(first, second) == [
        "21: vrrp_instance B: virtual_router_id 1 in unicast is taken by A (line 11): it has the unicast_peer "
        "192.0.2.2 too, and nothing tells whom its advertisements are for"
    ]


def test_peers_tell_instances_of_one_number_apart() -> None:
    assert said({"unicast_peers": (PEER,)}, {"unicast_peers": (OTHER,)}, {"unicast_peers": (PEER,), "vrid": 2}) == []


def test_a_peer_that_stands_twice_is_no_other_instance() -> None:
    assert said({"unicast_peers": (PEER, PEER)}) == []
