# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A regex is searched in a process of its own: one that takes forever costs its own check, and no other."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lvsd.check.probe import regex_search
from lvsd.check.probe.http_response import Unsearched
from lvsd.check.probe.regex_child import JOB
from lvsd.check.probe.regex_search import Search, Searcher, job
from lvsd.check.probe_spec import Page
from lvsd.loop import Loop

from tests.support.attempts import turns

HOSTILE, FOREVER = b"a" * 64 + b"b", "(a+)+$"
GOOD = Page(path="/", request=b"", regex="wor.d")


class Asked:
    """Searches on a loop, and what was told."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.searcher = Searcher(self.loop)
        self.told: list[tuple[str, bool | str]] = []

    def ask(self, name: str, page: Page, body: bytes) -> Search:
        return self.searcher.start(name, page, body, lambda answer: self.told.append((name, answer)))

    def run(self, count: int, within: float = 8.0) -> None:
        """Until so many have been told in all."""
        deadline = time.monotonic() + within

        def look() -> None:
            if len(self.told) >= count or time.monotonic() > deadline:
                self.loop.stop()
            else:
                self.loop.call_later(0.005, look)

        look()
        self.loop.run()
        assert len(self.told) == count

    @property
    def children(self) -> list[int]:
        lanes = (self.searcher._lane, self.searcher._slow_lane)
        return [lane._child.pid for lane in lanes if lane._child is not None]


CPU = 0.05  # seconds that a search gets here: none of these but the hostile ones needs a tenth of it


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    monkeypatch.setattr(regex_search, "CPU", CPU)
    asked = Asked()
    yield asked
    asked.searcher.close()
    asked.loop.close()


def test_what_is_there_is_found(asked: Asked) -> None:
    assert asked.children == []  # none, as long as there is nothing to search
    asked.ask("a", GOOD, b"hello, world")
    asked.ask("b", GOOD, b"hello")
    asked.ask("c", GOOD, b"x" * (1 << 20) + b"world")
    asked.ask("d", replace(GOOD, regex="WORLD", regex_options=("caseless",)), b"hello, world")
    asked.ask("e", replace(GOOD, regex="("), b"hello, world")
    asked.ask("left", GOOD, b"world").cancel()
    asked.run(5)
    unusable = "regex cannot be compiled"
    assert asked.told == [("a", True), ("b", False), ("c", True), ("d", True), ("e", unusable)]
    (child,) = asked.children
    asked.searcher.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_one_that_takes_forever_is_ended_and_waits_apart_from_then_on(asked: Asked) -> None:
    forever = replace(GOOD, regex=FOREVER)
    asked.ask("hostile", forever, HOSTILE)
    asked.ask("good", GOOD, b"world")
    asked.run(2)
    late = f"regex takes longer than {CPU:g} s on this answer"
    assert asked.told == [("hostile", late), ("good", True)]
    for _ in range(3):
        asked.ask("hostile", forever, HOSTILE)
    asked.ask("good", GOOD, b"world")
    asked.run(3)
    assert asked.told[2] == ("good", True)  # the first of all
    asked.run(6)
    asked.ask("hostile", forever, b"a")  # it has come to its senses
    asked.run(7)
    assert asked.told[-1] == ("hostile", True)
    assert asked.searcher._slow == set()


def test_a_child_that_was_ended_while_it_had_nothing_to_do_costs_no_check(asked: Asked) -> None:
    for number in (signal.SIGKILL, signal.SIGTERM):
        asked.ask("before", GOOD, b"world")
        asked.run(len(asked.told) + 1)
        (child,) = asked.children
        os.kill(child, number)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        asked.ask("after", GOOD, b"world")
        asked.run(len(asked.told) + 1)
    assert asked.told == [("before", True), ("after", True)] * 2
    assert asked.searcher._slow == set()


@pytest.mark.parametrize(("number", "ours"), [(signal.SIGKILL, True), (signal.SIGSEGV, False)])
def test_a_child_that_ends_again_and_again_is_not_started_for_ever(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, ours: bool
) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text(f"import os, sys\nsys.stdin.buffer.read(1)\nos.kill(os.getpid(), {number:d})\n")
    monkeypatch.setattr(regex_search, "CHILD", dying)
    asked.ask("one", GOOD, b"world")
    asked.run(1)
    ((_, told),) = asked.told
    assert told == f"regex not searched: the process for it ended twice ({-number:d})"
    assert isinstance(told, Unsearched) is ours


def test_a_child_that_gets_no_time_says_nothing_about_the_answer(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.ask("before", GOOD, b"world")
    asked.run(1)
    monkeypatch.setattr(regex_search, "WALL", 0.3)
    os.kill(asked.children[0], signal.SIGSTOP)
    asked.ask("one", GOOD, b"world")
    asked.run(2)
    assert isinstance(asked.told[1][1], Unsearched)


def test_the_loop_keeps_its_time_meanwhile(asked: Asked) -> None:
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(asked.loop.now)
        asked.loop.call_later(0.01, tick)

    tick()
    asked.ask("hostile", replace(GOOD, regex=FOREVER), HOSTILE)
    asked.run(1)
    assert asked.told == [("hostile", f"regex takes longer than {CPU:g} s on this answer")]
    assert len(ticks) > 5  # a search in this process would leave none


# --- bounds, and the ends of it -----------------------------------------------------------------


def test_a_search_is_never_told_from_within_its_start(asked: Asked) -> None:
    asked.ask("one", GOOD, b"world")
    assert asked.told == []
    asked.run(1)


def test_answers_that_wait_are_bounded_and_what_does_not_fit_is_ours(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regex_search, "MOST_WAITING", 2 * len(job(GOOD, b"world")))
    for name in ("first", "second", "third"):
        asked.ask(name, GOOD, b"world")
    assert asked.told == []
    asked.run(3)
    assert sorted(asked.told) == [
        ("first", True),
        ("second", True),
        ("third", "regex not searched: too many answers wait for it"),
    ]
    assert isinstance(dict(asked.told)["third"], Unsearched)
    asked.ask("again", GOOD, b"world")  # there is room again
    asked.run(4)
    assert asked.told[-1] == ("again", True)


def test_a_search_that_was_cancelled_on_its_way_is_not_told_and_costs_no_other(asked: Asked) -> None:
    leaving = asked.ask("leaves", replace(GOOD, regex=FOREVER), HOSTILE)
    asked.ask("stays", GOOD, b"world")
    asked.loop.call_later(0.01, leaving.cancel)
    asked.run(1)
    assert asked.told == [("stays", True)]


def test_without_an_interpreter_nothing_is_said_about_the_server(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/does/not/exist")
    asked.ask("one", GOOD, b"world")
    asked.ask("two", GOOD, b"world")
    asked.run(2)
    assert asked.told == [(name, "regex cannot be searched: No such file or directory") for name in ("one", "two")]
    assert all(isinstance(answer, Unsearched) for _name, answer in asked.told)
    monkeypatch.undo()
    asked.ask("three", GOOD, b"world")
    asked.run(3)
    assert asked.told[-1] == ("three", True)


def test_what_waits_when_all_ends_is_not_answered_and_no_child_is_left(asked: Asked) -> None:
    before = set(asked.loop._callbacks)
    asked.ask("one", GOOD, b"world")
    asked.run(1)
    (child,) = asked.children
    asked.ask("two", replace(GOOD, regex=FOREVER), HOSTILE)
    asked.ask("three", GOOD, b"world")
    asked.searcher.close()
    turns(asked.loop)
    assert [name for name, _answer in asked.told] == ["one"]
    assert asked.children == []
    assert set(asked.loop._callbacks) == before
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    asked.searcher.close()  # does nothing


def test_a_job_holds_time_flags_expression_and_answer() -> None:
    page = replace(GOOD, regex="w\u00f6r\udcff", regex_options=("caseless", "dotall", "unknown"))
    head, rest = job(page, b"body")[: JOB.size], job(page, b"body")[JOB.size :]
    assert JOB.unpack(head) == (regex_search.CPU, re.I | re.S, 5, 4)
    assert rest == b"w\xc3\xb6r\xff" + b"body"
