# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scripts are told of what; how often a stranger can make a router start one: once in LOWER_EVERY."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.model import Command, GlobalDefs, Notify, VirtualAddress, VirtualRouter
from lvsd.vrrp.deferred import WITHIN, Deferred
from lvsd.vrrp.fsm import Active, Backup
from lvsd.vrrp.instance import Instance, Transition
from lvsd.vrrp.notify import LOWER_EVERY, Scripts

from tests.daemon.simulation.clock import Clock, VirtualLoop

LOWER = Command(("/usr/local/bin/lower",))
VIP = VirtualAddress(address=ip_address("192.0.2.100"), prefix_length=24)


class Scene:
    def __init__(self, notify: Notify) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, lambda: self.loop.turn(lambda: None))
        self.runs: list[float] = []
        self.told: list[Any] = []
        self.scripts = Scripts(self, lambda *_, **__: None, Deferred(self.loop), lambda: 0.0)  # type: ignore[arg-type]
        router = VirtualRouter(name="VI_1", vrid=51, interface="eth0", addresses=(VIP,), notify=notify)
        self.instance = Instance(router, GlobalDefs(), None, 0.0)
        self.instance.state = Active(1e9)

    def run(self, key: str, command: Command, arguments: tuple[str, ...] = ()) -> None:
        """As the notifier's."""
        assert (key, command) == ("VI_1", LOWER)
        self.runs.append(self.clock.now)

    def tell(self, key: str, scripts: Any) -> None:
        """As the notifier's."""
        self.told.append((key, [command for command, _arguments in scripts]))

    def becomes_backup(self) -> None:
        backup = Transition(self.instance, self.instance.state, Backup(1e9, 1.0), "a test")
        self.scripts.tell([backup], (), [self.instance])
        self.scripts.deferred.finish()

    def hears(self, at: float) -> None:
        self.clock.run(at)
        self.loop.turn(lambda: self.scripts.lower_heard(self.instance))


@pytest.fixture
def scene() -> Scene:
    return Scene(Notify(active_rx_lower_priority=LOWER))


def about(*times: float) -> Any:
    return pytest.approx(times, abs=2 * WITHIN)


def test_the_first_at_once_and_one_run_for_all_that_follow(scene: Scene) -> None:
    for number in range(1000):
        scene.hears(number / 200)
    assert scene.runs == about(0)
    scene.clock.run(10 * LOWER_EVERY)
    assert scene.runs == about(0, LOWER_EVERY)


def test_a_flood_that_does_not_end(scene: Scene) -> None:
    for number in range(1000):
        scene.hears(number / 20)
    assert scene.runs == about(*(LOWER_EVERY * k for k in range(5)))


def test_one_that_is_heard_later_is_told_at_once(scene: Scene) -> None:
    scene.hears(0)
    scene.hears(LOWER_EVERY + 7)
    scene.clock.run(LOWER_EVERY + 8)
    assert scene.runs == about(0, LOWER_EVERY + 7)


def test_who_is_not_active_any_more_is_told_nothing(scene: Scene) -> None:
    scene.hears(0)
    scene.hears(1)
    scene.instance.state = Backup(1e9, 1.0)
    scene.clock.run(10 * LOWER_EVERY)
    assert scene.runs == about(0)


def test_without_a_script_nothing_waits() -> None:
    scene = Scene(Notify())
    scene.hears(0)
    assert scene.loop.next_deadline() == float("inf")


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        (Notify(active=LOWER), [("VI_1", [None, None])]),
        (Notify(backup=LOWER), [("VI_1", [LOWER, None])]),
        (Notify(), []),
    ],
)
def test_a_state_without_a_script_is_told_where_others_have_one(notify: Notify, told: list[Any]) -> None:
    """What waits for a former state must not be started any more."""
    scene = Scene(notify)
    scene.becomes_backup()
    assert scene.told == told
