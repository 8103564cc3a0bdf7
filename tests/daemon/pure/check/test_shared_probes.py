# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Equal probes that are wanted at the same time are one attempt, and each who waits hears the result."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from checking import Desk, DeskProbe, desk
from lvsd.check.health import Result
from lvsd.check.shared_probes import SharedProbes, Ticket

from tests.support.virtual_time import VirtualTime

ONE, OTHER = DeskProbe("one"), DeskProbe("other")


class Asked:
    """`SharedProbes` in virtual time, and who has heard what."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.time = VirtualTime()
        self.shared = SharedProbes(self.time.loop)
        self.heard: list[tuple[str, Result]] = []

    def ask(self, name: str, probe: DeskProbe = ONE, url: int = 0, timeout: float = 5.0) -> Ticket:
        number = self.shared.number(probe)
        return self.shared.start(probe, number, url, timeout, lambda result: self.heard.append((name, result)))

    @property
    def names(self) -> list[str]:
        return [name for name, _result in self.heard]


@pytest.fixture
def asked() -> Iterator[Asked]:
    with desk() as made:
        asked = Asked(made)
        yield asked
        asked.shared.close()


def test_equal_probes_are_run_once_and_each_hears_in_its_turn(asked: Asked) -> None:
    for name in ("a", "b", "c"):
        asked.ask(name)
    (attempt,) = asked.desk.attempts
    assert asked.heard == []
    attempt.end(True, "fine")
    assert asked.names == ["a", "b", "c"]
    assert {result.detail for _name, result in asked.heard} == {"fine"}


def test_what_differs_is_run_for_itself(asked: Asked) -> None:
    asked.ask("a")
    asked.ask("other probe", OTHER)
    asked.ask("other page", url=1)
    asked.ask("other timeout", timeout=6.0)
    assert [(a.probe.name, a.options.url, a.options.timeout) for a in asked.desk.attempts] == [
        ("one", 0, 5.0),
        ("other", 0, 5.0),
        ("one", 1, 5.0),
        ("one", 0, 6.0),
    ]


def test_one_that_ended_is_no_answer_for_who_asks_later(asked: Asked) -> None:
    asked.ask("a")
    asked.desk.attempts[0].end()
    asked.ask("b")
    assert (len(asked.desk.attempts), asked.names) == (2, ["a"])


def test_who_asks_again_from_within_the_result_gets_a_new_attempt(asked: Asked) -> None:
    number = asked.shared.number(ONE)
    start = partial(asked.shared.start, ONE, number, 0, 5.0)
    tickets: list[Ticket] = []
    start(lambda _result: tickets.append(start(lambda result: asked.heard.append(("again", result)))))
    asked.desk.attempts[0].end()
    assert (len(asked.desk.attempts), asked.heard) == (2, [])
    asked.desk.attempts[1].end()
    assert asked.names == ["again"]


# --- who leaves ---------------------------------------------------------------------------------


def test_who_leaves_does_not_hear_and_costs_no_other(asked: Asked) -> None:
    tickets = [asked.ask(name) for name in ("a", "b", "c")]
    tickets[1].cancel(at_once=True)
    asked.desk.attempts[0].end()
    assert asked.names == ["a", "c"]
    assert asked.desk.attempts[0].cancelled is None


@pytest.mark.parametrize("at_once", [False, True])
def test_the_last_to_leave_ends_the_attempt_as_it_says(asked: Asked, at_once: bool) -> None:
    tickets = [asked.ask(name) for name in ("a", "b")]
    tickets[0].cancel()
    assert asked.desk.attempts[0].cancelled is None
    tickets[1].cancel(at_once)
    assert asked.desk.attempts[0].cancelled is at_once
    tickets[1].cancel()  # does nothing
    asked.ask("c")
    assert len(asked.desk.attempts) == 2  # the one that was ended is not joined
    asked.desk.attempts[1].end()
    assert asked.names == ["c"]


def test_who_is_cancelled_by_another_s_result_does_not_hear(asked: Asked) -> None:
    """A reload that comes of a result takes a check away, which waits for the same result."""
    later: list[Ticket] = []
    number = asked.shared.number(ONE)
    asked.shared.start(ONE, number, 0, 5.0, lambda _result: later[0].cancel())
    later.append(asked.ask("later"))
    asked.desk.attempts[0].end()
    assert asked.heard == []
    assert asked.desk.attempts[0].cancelled is None


# --- numbers ------------------------------------------------------------------------------------


def test_equal_probes_have_one_number_and_others_another(asked: Asked) -> None:
    number = asked.shared.number
    assert number(ONE) == number(DeskProbe("one"))
    assert number(ONE) != number(OTHER)
    assert number(ONE, mark=7) == number(DeskProbe("one"), mark=7)


def test_probes_of_one_mark_that_are_not_equal_have_two_numbers(asked: Asked) -> None:
    assert asked.shared.number(ONE, mark=7) != asked.shared.number(OTHER, mark=7)


def test_a_number_is_not_given_twice_when_probes_are_forgotten(asked: Asked) -> None:
    one, other = asked.shared.number(ONE), asked.shared.number(OTHER)
    asked.shared.keep({other})
    assert asked.shared.number(OTHER) == other
    assert asked.shared.number(ONE) not in (one, other)
    asked.shared.keep(set())
    assert not asked.shared._known


def test_what_runs_of_a_forgotten_probe_still_ends(asked: Asked) -> None:
    asked.ask("a")
    asked.shared.keep(set())
    asked.ask("b")  # another number: another attempt
    for attempt in asked.desk.attempts:
        attempt.end()
    assert asked.names == ["a", "b"]
