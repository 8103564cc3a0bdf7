# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Announcements of Active instances in virtual time: at once, in a second burst, at each refresh, and not any more."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.kernel.rtnl_types import AddressKey, Link, LinkFlags
from lvsd.model import Announcements, GlobalDefs, VirtualAddress, VirtualRouter
from lvsd.vrrp import fsm
from lvsd.vrrp.fsm import Active, Announce, Backup, DropAddresses
from lvsd.vrrp.garp import GarpSender
from lvsd.vrrp.instance import Instance

from tests.daemon.simulation.clock import Clock, VirtualLoop

VIP = VirtualAddress(address=ip_address("192.0.2.100"), prefix_length=24)
ETH0 = Link(2, "eth0", LinkFlags.UP | LinkFlags.RUNNING, mtu=1500)
P = Announcements(repeat=3, delay=5.0, lower_priority_repeat=2, lower_priority_delay=7.0)
REFRESHED = Announcements(repeat=3, delay=0.0, refresh=10.0, refresh_repeat=1)


class Scene:
    """An instance that is Active; `sent` is when how many frames went for each address."""

    def __init__(self, announcements: Announcements = P) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, lambda: self.loop.turn(lambda: None))
        self.sent: list[tuple[float, list[tuple[list[str], int]]]] = []
        self.lower: list[str] = []
        plain: Any = self
        self.garp = GarpSender(self.loop, plain, plain, plain)
        router = VirtualRouter(name="VI_1", vrid=51, interface="eth0", addresses=(VIP,), announcements=announcements)
        self.instance = Instance(router, GlobalDefs(), None, 0.0)
        self.instance.assess({"eth0": ETH0}, {}, ip_address("192.0.2.2"))
        self.instance.state = Active(1e9)

    def announce(self, wanted: list[Any], interfaces: object) -> None:
        """As the transmitter's."""
        assert interfaces is self
        said = [([str(key.address) for key in keys], repeat) for keys, repeat in wanted]
        self.sent.append((self.clock.now, said))

    def lower_heard(self, instance: Instance) -> None:
        """As that of the scripts."""
        self.lower.append(instance.name)

    def do(self, *effects: fsm.Effect, gained: Any = ()) -> None:
        self.loop.turn(lambda: self.garp.announce([(self.instance, effect) for effect in effects], list(gained)))

    @property
    def frames(self) -> list[tuple[float, int]]:
        return [(when, repeat) for when, said in self.sent for _, repeat in said]


def test_a_take_over_is_announced_at_once_and_once_more() -> None:
    scene = Scene()
    scene.do(Announce())
    assert scene.sent == [(0.0, [(["192.0.2.100"], 3)])]
    scene.clock.run(100.0)
    assert scene.frames == [(0.0, 3), (5.0, 3)]
    assert (scene.lower, scene.instance.announce_timer) == ([], None)


def test_a_refresh_goes_on_and_on() -> None:
    scene = Scene(REFRESHED)
    scene.do(Announce())
    scene.clock.run(35.0)
    assert scene.frames == [(0.0, 3), (10.0, 1), (20.0, 1), (30.0, 1)]


def test_a_lower_router_is_answered_with_its_own_number_and_told_to_the_scripts() -> None:
    scene = Scene()
    scene.do(Announce(again=True))
    scene.clock.run(100.0)
    assert scene.frames == [(0.0, 2), (7.0, 2)]
    assert scene.lower == ["VI_1"]


def test_of_one_that_is_heard_again_and_again_the_second_burst_is_not_put_off() -> None:
    scene = Scene()
    for second in range(3):
        scene.clock.run(float(second))
        scene.do(Announce(again=True))
    scene.clock.run(100.0)
    assert scene.frames == [(0.0, 2), (1.0, 2), (2.0, 2), (7.0, 2)]


@pytest.mark.parametrize("state", [Backup(1e9, 1.0), fsm.Initialize()], ids=["Backup", "Initialize"])
def test_one_that_is_not_active_any_more_announces_nothing(state: fsm.State) -> None:
    scene = Scene(REFRESHED)
    scene.do(Announce())
    scene.instance.state = state
    scene.do(Announce())
    scene.clock.run(100.0)
    assert scene.frames == [(0.0, 3)]


def test_what_was_still_to_be_sent_ends_with_the_addresses() -> None:
    """It loses its state and takes over again before the second burst of the first time was due."""
    scene = Scene()
    scene.do(Announce())
    scene.clock.run(1.0)
    scene.do(DropAddresses())
    assert scene.instance.schedule.deadline == float("inf")
    scene.clock.run(4.0)
    scene.do(Announce())
    scene.clock.run(100.0)
    assert scene.frames == [(0.0, 3), (4.0, 3), (9.0, 3)]


def test_addresses_that_were_gained_otherwise_go_in_the_same_burst() -> None:
    scene = Scene()
    key = AddressKey(2, ip_address("192.0.2.7"), 24)
    scene.do(Announce(), gained=[([key], 4)])
    assert scene.sent == [(0.0, [(["192.0.2.7"], 4), (["192.0.2.100"], 3)])]


def test_where_there_is_nothing_to_announce_nothing_is_asked_for() -> None:
    scene = Scene()
    scene.do()
    scene.do(DropAddresses())
    assert scene.sent == []


@pytest.mark.parametrize(
    ("ago", "frames"),
    [(2.0, [(3.0, 3)]), (5.0, []), (60.0, [])],
    ids=["the second burst is due yet", "it was just due", "long ago"],
)
def test_a_successor_sends_what_its_predecessor_had_still_to_send(ago: float, frames: list[tuple[float, int]]) -> None:
    scene = Scene()
    scene.loop.turn(lambda: scene.garp.resume(scene.instance, ago))
    scene.clock.run(100.0)
    assert scene.frames == frames
