# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults and weights."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.kernel.rtnl_types import Link, LinkFlags
from lvsd.model import (
    Authentication,
    GlobalDefs,
    SyncGroup,
    TrackedInterface,
    UnicastPeer,
    VirtualAddress,
    VirtualRouter,
)
from lvsd.vrrp.parameters import transport
from lvsd.vrrp.tracking import (
    Track,
    Tracking,
    TrackKey,
    TrackState,
    TrackStatus,
    adjustment,
    faults,
    interface,
    interface_state,
    tracking,
)

OWN = ip_address("192.0.2.2")
DEFS = GlobalDefs()
RUNNING = LinkFlags.UP | LinkFlags.RUNNING
LINKS = {
    "eth0": Link(2, "eth0", RUNNING),
    "eth1": Link(3, "eth1", LinkFlags.UP),
    "eth2": Link(4, "eth2", LinkFlags(0)),
}


TRACKERS = {interface(name): interface_state(name, LINKS) for name in (*LINKS, "eth9")}


def vip(dev=None, **words):
    return VirtualAddress(address=ip_address("192.0.2.100"), prefix_length=24, dev=dev, **words)


VI = VirtualRouter(name="VI_1", vrid=51, interface="eth0", addresses=(vip(),))
PEER = UnicastPeer(ip_address("10.0.0.1"))


def tracked(*rows):
    return tuple(TrackedInterface(*row) for row in rows)


GROUP = SyncGroup(name="VG", members=("VI_1",), track_interfaces=tracked(("eth1", 0)))

# case, words of the instance, its sync group, primary, faults
FAULTS = [
    ("none", {}, None, OWN, []),
    ("no carrier", {"interface": "eth1"}, None, OWN, ["interface eth1 is down"]),
    ("down", {"interface": "eth2"}, None, OWN, ["interface eth2 is down"]),
    ("missing", {"interface": "eth9"}, None, None, ["no interface eth9"]),
    ("down, but not looked at", {"interface": "eth1", "dont_track_primary": True}, None, OWN, []),
    ("no address", {}, None, None, ["no IPv4 address to send from on eth0"]),
    ("no interface", {"interface": None}, None, OWN, ["no interface is configured", "no interface for 192.0.2.100"]),
    ("unicast needs none", {"interface": None, "unicast_peers": (PEER,), "addresses": (vip("eth0"),)}, None, OWN, []),
    ("an address elsewhere", {"addresses": (vip("eth1"), vip("eth9"))}, None, OWN,
     ["interface eth1 is down", "no interface eth9"]),
    ("an address elsewhere, not looked at", {"addresses": (vip("eth1", no_track=True),)}, None, OWN, []),
    ("an excluded address elsewhere", {"excluded_addresses": (vip("eth1"),)}, None, OWN, ["interface eth1 is down"]),
    ("a tracked interface", {"track_interfaces": tracked(("eth2",))}, None, OWN, ["interface eth2 is down"]),
    ("a tracked interface with a weight", {"track_interfaces": tracked(("eth2", -5))}, None, OWN, []),
    ("a tracked interface that must be down", {"track_interfaces": tracked(("eth0", 0, True))}, None, OWN,
     ["interface eth0 is up"]),
    ("and is", {"track_interfaces": tracked(("eth2", 0, True))}, None, OWN, []),
    ("the group's", {}, GROUP, OWN, ["interface eth1 is down"]),
    ("one interface, one fault", {"interface": "eth1", "track_interfaces": tracked(("eth1",))}, GROUP, OWN,
     ["interface eth1 is down"]),
    ("AH", {"authentication": Authentication("AH", "x")}, None, OWN, ["auth_type AH is not supported"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "words", "group", "primary", "expected"), FAULTS)
def test_faults(case, words, group, primary, expected):
    router = replace(VI, **words)
    wanted = tracking(router, DEFS, group)
    assert list(faults(wanted, TRACKERS, transport(router, DEFS), primary)) == expected


@pytest.mark.parametrize(("tracks", "expected"), [
    ([("eth0", 10)], 10), ([("eth1", 10)], 0),  # a positive weight while up
    ([("eth0", -10)], 0), ([("eth1", -10)], -10), ([("eth9", -10)], -10),  # a negative one while down
    ([("eth0", 10, True)], 0), ([("eth1", 10, True)], 10), ([("eth0", -10, True)], -10),
    ([("eth0", 10), ("eth1", -3), ("eth2", 0)], 7),
])  # fmt: skip
def test_weights(tracks, expected):
    assert adjustment(tracking(replace(VI, track_interfaces=tracked(*tracks)), DEFS, None), TRACKERS) == expected


def test_in_a_sync_group_the_weights_of_the_group_count():
    router = replace(VI, track_interfaces=tracked(("eth0", 50)))
    group = replace(GROUP, track_interfaces=tracked(("eth1", -7)))
    assert adjustment(tracking(router, DEFS, group), TRACKERS) == -7


def test_the_interface_to_track_is_none_where_it_is_only_sent_from():
    router = replace(VI, dont_track_primary=True, excluded_addresses=(vip("eth2", no_track=True),))
    wanted = tracking(router, DEFS, None)
    assert (wanted.interface, transport(router, DEFS).interface, wanted.tracks) == (None, "eth0", ())
    assert wanted.keys == {interface("eth0"), interface("eth2")}  # it uses both
    assert tracking(VI, DEFS, None).interface == "eth0"


SCRIPT = TrackKey("script", "chk")


@pytest.mark.parametrize(("status", "weight", "reverse", "fault", "added"), [
    (TrackStatus.UP, 0, False, False, 0), (TrackStatus.DOWN, 0, False, True, 0),
    (TrackStatus.UNKNOWN, 0, False, True, 0),
    (TrackStatus.UP, 0, True, True, 0), (TrackStatus.DOWN, 0, True, False, 0), (TrackStatus.UNKNOWN, 0, True, True, 0),
    (TrackStatus.UP, 5, False, False, 5), (TrackStatus.DOWN, -5, False, False, -5),
    (TrackStatus.UNKNOWN, 5, False, False, 0), (TrackStatus.UNKNOWN, -5, False, False, 0),
    (TrackStatus.UNKNOWN, 5, True, False, 0), (TrackStatus.UNKNOWN, -5, True, False, 0),
])  # fmt: skip
def test_a_tracker_of_any_kind_speaks_by_its_state(status, weight, reverse, fault, added):
    wanted = Tracking(None, (Track(SCRIPT, weight, reverse),), (), frozenset({SCRIPT}))
    trackers = {SCRIPT: TrackState(status, "script chk has ended with 1")}
    assert faults(wanted, trackers, transport(VI, DEFS), OWN) == (("script chk has ended with 1",) if fault else ())
    assert adjustment(wanted, trackers) == added


def test_a_tracker_that_has_not_been_told_is_unknown():
    wanted = Tracking(None, (Track(SCRIPT),), (), frozenset({SCRIPT}))
    assert faults(wanted, {}, transport(VI, DEFS), OWN) == ("script chk is not known yet",)
