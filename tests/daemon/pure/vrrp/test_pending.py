# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has been decided in a wake-up is carried out once, at its end."""

from __future__ import annotations

import pytest
from lvsd.model import GlobalDefs, VirtualRouter
from lvsd.vrrp.fsm import Active, Advertise, Announce, Backup, DropAddresses
from lvsd.vrrp.instance import Instance, Todo, Transition
from lvsd.vrrp.pending import Pending

from tests.daemon.simulation.clock import Clock, VirtualLoop


class Scene:
    def __init__(self) -> None:
        self.loop = VirtualLoop(Clock(), lambda: None)
        self.carried_out: list[Todo] = []
        self.pending = Pending(self.loop, self.carried_out.append)
        self.active, self.other = (
            Instance(VirtualRouter(name=name, vrid=51, interface="eth0"), GlobalDefs(), None, 0.0) for name in "AB"
        )
        self.active.state = Active(1.0)

    def wake(self) -> list[Todo]:
        """The end of a wake-up."""
        self.loop.expire()
        done, self.carried_out[:] = list(self.carried_out), []
        return done


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_everything_that_was_added_is_carried_out_together_and_in_order(scene: Scene) -> None:
    scene.pending.add([(scene.active, Advertise(100))])
    scene.pending.add([])
    scene.pending.add([(scene.other, DropAddresses()), (scene.active, Announce())])
    assert scene.wake() == [
        [(scene.active, Advertise(100)), (scene.other, DropAddresses()), (scene.active, Announce())]
    ]
    assert scene.wake() == []


def test_nothing_was_decided_but_something_is_to_be_done(scene: Scene) -> None:
    scene.pending.soon()
    scene.pending.soon()
    assert scene.wake() == [[]]


def test_what_was_carried_out_at_once_is_not_carried_out_again(scene: Scene) -> None:
    scene.pending.add([(scene.active, Advertise(0))])
    scene.pending.flush()
    assert scene.carried_out == [[(scene.active, Advertise(0))]]
    scene.carried_out.clear()
    assert scene.wake() == [[]]


def test_an_active_instance_answers_once_in_a_wake_up_and_again_in_the_next(scene: Scene) -> None:
    answer: Todo = [(scene.active, Advertise(100)), (scene.active, Announce(again=True))]
    for _unused in range(3):
        scene.pending.answer(answer)
    assert scene.wake() == [answer]
    scene.pending.answer(answer)
    assert scene.wake() == [answer]


def test_what_its_timer_decides_is_no_answer(scene: Scene) -> None:
    scene.pending.answer([(scene.active, Advertise(100))])
    scene.pending.add([(scene.active, Advertise(100))])
    assert scene.wake() == [[(scene.active, Advertise(100)), (scene.active, Advertise(100))]]


def test_who_steps_back_does_so_however_often(scene: Scene) -> None:
    scene.active.state = Backup(4.0, 1.0)
    stepped = (scene.active, Transition(scene.active, Active(1.0), scene.active.state, "has priority 150"))
    scene.pending.answer([(scene.active, DropAddresses()), stepped])
    scene.pending.answer([(scene.active, DropAddresses())])
    assert scene.wake() == [[(scene.active, DropAddresses()), stepped, (scene.active, DropAddresses())]]
