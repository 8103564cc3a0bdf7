# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was decided is carried out: each effect once, in its order, by the one whose work it is."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.check.effects import EffectRunner
from lvsd.check.health import Health, Result
from lvsd.check.overrides import Order
from lvsd.check.pool import Standing
from lvsd.check.services import Server, VirtualService
from lvsd.check.step import (
    Checked,
    Counted,
    KeepCheck,
    KeepQuorum,
    LogLine,
    Ordered,
    RunScript,
    SayEvent,
    ServerLeft,
    ServerState,
    ServiceLeft,
    ServiceState,
    TouchService,
)
from lvsd.kernel.ipvs_types import ServiceKey
from scripted_service import DOWN, FIRST, KEY, LOST, SECOND, UP, member, plan, pool

WELL, ILL = (Health(up=up, probe_at=0.0, observed=True) for up in (True, False))


class Notes:
    """Everything that was done, in its order; stands where log, notifier, file and kernel are."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        notifier: Any = self
        file: Any = self
        self.runner = EffectRunner(self.say, self.log, notifier, file, self.touch)

    def say(self, what: str, subject: str, message: str, priority: int = 6, /, **details: Any) -> None:
        self.done.append(("say", what, subject, message, priority, details))

    def log(self, message: str, priority: int = 6) -> None:
        self.done.append(("log", message, priority))

    def tell(self, key: str, scripts: Any) -> None:
        self.done.append(("script", key, scripts))

    def check(self, name: str, health: Health) -> None:
        self.done.append(("keep check", name, health))

    def quorum(self, service: str, up: bool) -> None:
        self.done.append(("keep quorum", service, up))

    def touch(self, service: ServiceKey) -> None:
        self.done.append(("touch", service))

    @property
    def words(self) -> list[str]:
        return [done[0] for done in self.done]


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.mark.parametrize(
    ("effect", "done"),
    [
        (SayEvent("health", "s", "text", 4, {"up": True}), ("say", "health", "s", "text", 4, {"up": True})),
        (LogLine("text", 7), ("log", "text", 7)),
        (RunScript("s", UP), ("script", "s", [(UP, ())])),
        (RunScript("s", None), ("script", "s", [(None, ())])),
        (KeepCheck("name", ILL), ("keep check", "name", ILL)),
        (KeepQuorum("name", False), ("keep quorum", "name", False)),
        (TouchService(KEY), ("touch", KEY)),
    ],
)
def test_each_effect_reaches_the_one_whose_work_it_is(notes: Notes, effect: Any, done: tuple[Any, ...]) -> None:
    notes.runner._carry_out([effect])
    assert notes.done == [done]


def test_effects_are_carried_out_in_their_order_and_each_once(notes: Notes) -> None:
    effects: list[Any] = [TouchService(KEY), LogLine("one", 6), TouchService(KEY), LogLine("two", 6)]
    notes.runner._carry_out(effects)
    assert notes.done == [("touch", KEY), ("log", "one", 6), ("touch", KEY), ("log", "two", 6)]


def test_what_is_told_waits_for_the_end_of_the_block_even_of_one_that_fails(notes: Notes) -> None:
    effects: list[Any] = [LogLine("one", 6), KeepQuorum("name", True), RunScript("s", UP), TouchService(KEY), "touch"]
    with pytest.raises(AssertionError), notes.runner.telling_later():  # at the word that is no effect
        notes.runner._carry_out(effects)
    assert notes.words == ["touch", "log", "keep quorum", "script"]
    notes.runner._carry_out([LogLine("two", 6)])
    assert notes.done[-1] == ("log", "two", 6)


def test_what_is_no_effect_is_a_fault_of_the_code(notes: Notes) -> None:
    unknown: Any = "touch"
    with pytest.raises(AssertionError):
        notes.runner._carry_out([unknown])


def test_a_server_that_fails_is_noted_told_and_touched_and_its_script_runs(notes: Notes) -> None:
    server = Server(ServerState(member()), [])
    notes.runner.server(server, Checked(plan(), WELL, ILL, Result(False, "refused"), up=False))
    assert notes.words == ["keep check", "say", "script", "touch"]
    assert server.state == ServerState(member(), told_up=False)
    assert notes.done[2] == ("script", str(FIRST), [(DOWN, ())])


def test_the_new_state_is_in_place_before_anything_is_done(notes: Notes) -> None:
    """What is told may ask again how the server is."""
    server = Server(ServerState(member()), [])
    seen: list[Order] = []
    notes.runner._touch = lambda _key: seen.append(server.order)
    notes.runner.server(server, Ordered(Order(drained=True), "root"))
    assert seen == [Order(drained=True)]


def test_a_server_that_leaves_runs_its_script_alone(notes: Notes) -> None:
    notes.runner.server(Server(ServerState(member()), []), ServerLeft(up=True))
    notes.runner.server(Server(ServerState(member()), []), ServerLeft(up=False))
    assert notes.done == [("script", str(FIRST), [(DOWN, ())])]


def test_a_quorum_that_is_lost_is_noted_told_and_its_script_runs(notes: Notes) -> None:
    service = VirtualService(ServiceState(pool(), quorum=True), {})
    both_down = Counted(dict.fromkeys((FIRST, SECOND), Standing(up=False)))
    notes.runner.service(service, both_down)
    assert notes.words == ["keep quorum", "say", "script"]
    assert service.quorum is False
    notes.runner.service(service, both_down)
    assert len(notes.done) == 3


def test_a_service_that_leaves_with_its_quorum_says_so_to_its_script(notes: Notes) -> None:
    notes.runner.service(VirtualService(ServiceState(pool(), quorum=True), {}), ServiceLeft())
    notes.runner.service(VirtualService(ServiceState(pool(), quorum=False), {}), ServiceLeft())
    assert notes.done == [("script", str(KEY), [(LOST, ())])]
