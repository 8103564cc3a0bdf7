# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reload means for the instances."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.model import Configuration, GlobalDefs, UnicastPeer, VirtualRouter
from lvsd.vrrp.instance import Instance
from lvsd.vrrp.reload_diff import plan

A = VirtualRouter(name="A", vrid=1, interface="eth0")
B = VirtualRouter(name="B", vrid=2, interface="eth0")


def running(*routers):
    return [Instance(router, GlobalDefs(), None, 0.0) for router in routers]


def wanted(*routers):
    return Configuration(routers=routers)


def changed(before, *after):
    return plan(running(*before), wanted(*after)).changes()


def test_unchanged():
    assert changed([A, B], A, B) == {"added": [], "deleted": [], "changed": [], "unchanged": ["A", "B"]}


def test_changed_in_place():
    assert changed([A, B], replace(A, priority=7), B)["changed"] == ["A"]


def test_a_new_name_is_the_same_instance():
    assert changed([A], replace(A, name="C")) == {"added": [], "deleted": [], "changed": ["C"], "unchanged": []}


def test_another_vrid_is_another_instance():
    assert changed([A], replace(A, vrid=9)) == {"added": ["A"], "deleted": ["A"], "changed": [], "unchanged": []}


def test_added_and_deleted():
    assert changed([A], B) == {"added": ["B"], "deleted": ["A"], "changed": [], "unchanged": []}


def test_nothing_is_lost_where_two_instances_are_the_same_one():
    twin = replace(A, name="twin")
    assert changed([A, twin], A, twin)["unchanged"] == ["A", "twin"]
    assert changed([A, twin], twin)["deleted"] == ["A"]


def unicast(name, *peers):
    return replace(A, name=name, unicast_peers=tuple(UnicastPeer(ip_address(f"192.0.2.{n}")) for n in peers))


def kept(before, *after):
    return [(instance.name, router.name) for instance, router in plan(running(*before), wanted(*after)).kept]


TWO = (unicast("A", 1), unicast("B", 2))


@pytest.mark.parametrize(
    ("after", "pairs"),
    [
        ((unicast("C", 3), unicast("A", 1), unicast("B", 2)), [("A", "A"), ("B", "B")]),
        ((unicast("C", 3), unicast("B", 2)), [("A", "C"), ("B", "B")]),
        ((unicast("B", 1), unicast("A", 2)), [("B", "B"), ("A", "A")]),
        ((unicast("X", 2), unicast("Y", 1)), [("B", "X"), ("A", "Y")]),
        ((unicast("X", 2, 4), unicast("A", 1)), [("B", "X"), ("A", "A")]),
    ],
    ids=["one more", "one renamed", "names stay", "names change, peers stay", "name and peers change"],
)
def test_instances_that_share_a_vrid_keep_their_states(after, pairs):
    assert kept(TWO, *after) == pairs
