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
from lvsd.vrrp.tracking import adjustment, faults

OWN = ip_address("192.0.2.2")
DEFS = GlobalDefs()
RUNNING = LinkFlags.UP | LinkFlags.RUNNING
LINKS = {
    "eth0": Link(2, "eth0", RUNNING),
    "eth1": Link(3, "eth1", LinkFlags.UP),
    "eth2": Link(4, "eth2", LinkFlags(0)),
}


def vip(dev=None, **words):
    return VirtualAddress(address=ip_address("192.0.2.100"), prefix_length=24, dev=dev, **words)


VI = VirtualRouter(name="VI_1", vrid=51, interface="eth0", addresses=(vip(),))
PEER = UnicastPeer(ip_address("10.0.0.1"))


def tracking(*rows):
    return tuple(TrackedInterface(*row) for row in rows)


GROUP = SyncGroup(name="VG", members=("VI_1",), track_interfaces=tracking(("eth1", 0)))

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
    ("a tracked interface", {"track_interfaces": tracking(("eth2",))}, None, OWN, ["interface eth2 is down"]),
    ("a tracked interface with a weight", {"track_interfaces": tracking(("eth2", -5))}, None, OWN, []),
    ("a tracked interface that must be down", {"track_interfaces": tracking(("eth0", 0, True))}, None, OWN,
     ["interface eth0 is up"]),
    ("and is", {"track_interfaces": tracking(("eth2", 0, True))}, None, OWN, []),
    ("the group's", {}, GROUP, OWN, ["interface eth1 is down"]),
    ("one interface, one fault", {"interface": "eth1", "track_interfaces": tracking(("eth1",))}, GROUP, OWN,
     ["interface eth1 is down"]),
    ("AH", {"authentication": Authentication("AH", "x")}, None, OWN, ["auth_type AH is not supported"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "words", "group", "primary", "expected"), FAULTS)
def test_faults(case, words, group, primary, expected):
    assert list(faults(replace(VI, **words), DEFS, group, LINKS, primary)) == expected


@pytest.mark.parametrize(("tracks", "expected"), [
    ([("eth0", 10)], 10), ([("eth1", 10)], 0),  # a positive weight while up
    ([("eth0", -10)], 0), ([("eth1", -10)], -10), ([("eth9", -10)], -10),  # a negative one while down
    ([("eth0", 10, True)], 0), ([("eth1", 10, True)], 10), ([("eth0", -10, True)], -10),
    ([("eth0", 10), ("eth1", -3), ("eth2", 0)], 7),
])  # fmt: skip
def test_weights(tracks, expected):
    assert adjustment(replace(VI, track_interfaces=tracking(*tracks)), None, LINKS) == expected


def test_in_a_sync_group_the_weights_of_the_group_count():
    router = replace(VI, track_interfaces=tracking(("eth0", 50)))
    group = replace(GROUP, track_interfaces=tracking(("eth1", -7)))
    assert adjustment(router, group, LINKS) == -7
