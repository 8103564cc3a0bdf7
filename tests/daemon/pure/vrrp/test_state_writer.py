# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the state file is written as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from lvsd.model import GlobalDefs, VirtualRouter
from lvsd.vrrp.fsm import Backup
from lvsd.vrrp.instance import Instance
from lvsd.vrrp.state_codec import Numbers, Slot, Subject
from lvsd.vrrp.state_file import StateFile
from lvsd.vrrp.state_writer import AGAIN, StateWriter

from tests.daemon.simulation.clock import Clock, VirtualLoop


class FullDisk(StateFile):
    """A file for which there is no room, `times` times."""

    times = 0

    def keep(self, subjects: Sequence[Subject], every: Sequence[Numbers]) -> list[Slot]:
        if self.times:
            self.times -= 1
            self.failed = True
            return [Slot() for _unused in subjects]
        self.failed = False
        return super().keep(subjects, every)


class Scene:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, lambda: self.loop.turn(lambda: None))
        self.file = FullDisk(folder / "vrrp.state", "one boot", lambda _text: None)
        self.writer = StateWriter(self.loop, self.file)
        routers = [VirtualRouter(name=name, vrid=vrid, interface="eth0") for vrid, name in enumerate("AB", 1)]
        self.instances = [Instance(router, GlobalDefs(), None, 0.0) for router in routers]
        for instance in self.instances:
            instance.state = Backup(4.0, 1.0)

    def write(self) -> None:
        self.loop.turn(lambda: self.writer.write(self.instances))

    @property
    def written(self) -> list[str]:
        return [remembered.subject.name for remembered in self.file.recall()]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_it_is_stale_until_it_is_written(scene: Scene) -> None:
    assert scene.writer.stale
    scene.write()
    assert not scene.writer.stale
    assert scene.written == ["A", "B"]


def test_each_instance_stores_its_numbers_in_the_file(scene: Scene) -> None:
    scene.write()
    (before, _unused) = scene.file.recall()
    scene.instances[0].slot.renew(17.0, 21.0)
    (after, _unused) = scene.file.recall()
    assert (before.last, after.last) == (0.0, 17.0)


@pytest.mark.parametrize(("times", "seconds"), [(1, AGAIN), (3, 3 * AGAIN)])
def test_what_had_no_room_is_written_later(times: int, seconds: float, scene: Scene) -> None:
    scene.file.times = times
    scene.write()
    scene.clock.run(seconds - 0.1)
    assert scene.written == []
    scene.clock.run(seconds)
    assert scene.written == ["A", "B"]


def test_at_the_end_it_is_not_tried_again(scene: Scene) -> None:
    scene.file.times = 1
    scene.write()
    scene.writer.end()
    scene.clock.run(10 * AGAIN)
    assert scene.written == []
