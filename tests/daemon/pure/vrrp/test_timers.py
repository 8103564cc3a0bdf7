# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timers of the instances, in virtual time."""

from __future__ import annotations

import pytest
from lvsd.model import GlobalDefs, VirtualRouter
from lvsd.vrrp.fsm import Active, Backup, Initialize
from lvsd.vrrp.instance import Instance
from lvsd.vrrp.timers import EARLY, ElectionTimers

from tests.daemon.simulation.clock import Clock, VirtualLoop


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, self.wake)
        self.happened: list[tuple[float, str]] = []
        self.unread = 0  # wake-ups that the socket still holds something from before the deadline
        self.timers = ElectionTimers(self.loop, self.due, self.imminent, lambda _instance: self.unread == 0)
        self.instance = Instance(VirtualRouter(name="VI_1", vrid=51, interface="eth0"), GlobalDefs(), None, 0.0)

    def wake(self) -> None:
        """As the real loop: what a timer sets for now is due in the next turn."""
        self.loop.turn(lambda: None)

    def due(self, instance: Instance) -> None:
        self.happened.append((self.loop.now, "due"))
        instance.state = Initialize()

    def imminent(self, _instance: Instance) -> None:
        self.happened.append((self.loop.now, "imminent"))

    def become(self, state: Active | Backup) -> None:
        self.instance.state = state
        self.timers.arm(self.instance)
        self.loop.turn(lambda: None)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_active_instance_is_due_at_its_deadline(scene: Scene) -> None:
    scene.become(Active(1.0))
    scene.clock.run(10)
    assert scene.happened == [(1.0, "due")]
    assert scene.instance.timer is None  # it does nothing more


def test_a_backup_instance_is_announced_right_before(scene: Scene) -> None:
    scene.become(Backup(3.6, 1.0))
    scene.clock.run(10)
    assert scene.happened == [(3.6 - EARLY, "imminent"), (3.6, "due")]


def test_a_timer_that_fires_before_a_later_deadline_looks_again(scene: Scene) -> None:
    scene.become(Backup(3.6, 1.0))
    first = scene.instance.timer
    scene.become(Backup(4.6, 1.0))
    assert scene.instance.timer is first  # an advertisement costs no timer
    scene.clock.run(10)
    assert scene.happened == [(4.6 - EARLY, "imminent"), (4.6, "due")]


def test_an_earlier_deadline_needs_another_timer(scene: Scene) -> None:
    scene.become(Backup(3.6, 1.0))
    scene.become(Backup(0.6, 1.0))
    scene.clock.run(10)
    assert [at for at, what in scene.happened if what == "due"] == [0.6]


def test_a_backup_instance_waits_until_its_socket_has_been_read(scene: Scene) -> None:
    def turn() -> None:
        scene.loop.read(lambda: None)
        scene.loop._expire()

    scene.become(Backup(3.6, 1.0))
    scene.unread = 1
    scene.clock.now = 4.0
    turn()
    turn()
    assert scene.happened == []
    scene.unread = 0
    turn()
    assert scene.happened == [(4.0, "due")]


def test_an_active_instance_does_not_wait_for_its_socket(scene: Scene) -> None:
    scene.unread = 1
    scene.become(Active(1.0))
    scene.clock.run(2)
    assert scene.happened == [(1.0, "due")]


def test_a_disarmed_instance_is_never_due(scene: Scene) -> None:
    scene.become(Active(1.0))
    scene.timers.disarm(scene.instance)
    scene.clock.run(10)
    assert scene.happened == []
