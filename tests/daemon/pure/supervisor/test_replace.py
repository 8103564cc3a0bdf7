# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's next process: it has taken over once it answers, or it has failed, and that is said once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.server import Answer, ControlServer, EventLog
from lvsd.loop import Loop
from lvsd.supervisor import replace
from lvsd.supervisor.replace import Successor

from tests.support.attempts import turns
from tests.support.loops import run_until


class Prepared:
    """A process that prepares, as far as its owner knows: `pid`, and the signals that it was sent."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.signals: list[int] = []

    def send(self, number: int) -> None:
        self.signals.append(number)


class Succession:
    """A successor, a socket on which either process may answer, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.path = folder / "vrrp.sock"
        self.server: ControlServer | None = None
        self.told: list[tuple[str | None, Answer | None]] = []
        self.asked = 0

    def begin(self, pid: int) -> tuple[Successor, Prepared]:
        process: Any = Prepared(pid)
        return Successor(self.loop, process, self.path, lambda *told: self.told.append(told)), process

    def serve(self, pid: int) -> None:
        """From now on the process `pid` answers."""

        def ping(_request: object) -> Answer:
            self.asked += 1
            return {"pid": pid}

        if self.server is not None:
            self.server.close()
        self.server = ControlServer(self.loop, self.path, {"ping": ping}, EventLog("vrrp"))

    def close(self) -> None:
        if self.server is not None:
            self.server.close()
        self.loop.close()


@pytest.fixture
def succession(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Succession]:
    monkeypatch.setattr(replace, "ASK_AGAIN", 0.001)
    succession = Succession(tmp_path)
    yield succession
    succession.close()


def test_it_has_taken_over_once_it_answers(succession: Succession) -> None:
    succession.serve(4711)
    successor, process = succession.begin(4711)
    assert succession.told == []
    run_until(succession.loop, lambda: succession.told)
    ((reason, answer),) = succession.told
    assert reason is None
    assert answer is not None
    assert answer["pid"] == 4711
    successor.ended("ended with exit code 1")  # later: that is no business of this one
    turns(succession.loop)
    assert (len(succession.told), process.signals) == (1, [])


def test_the_answer_of_the_one_before_it_is_none(succession: Succession) -> None:
    succession.serve(os.getpid())
    succession.begin(4711)
    run_until(succession.loop, lambda: succession.asked > 3)
    assert succession.told == []
    succession.serve(4711)
    run_until(succession.loop, lambda: succession.told)
    assert succession.told[0][0] is None


def test_one_that_does_not_listen_yet_is_asked_again(succession: Succession) -> None:
    succession.begin(4711)
    turns(succession.loop, 20)
    succession.serve(4711)
    run_until(succession.loop, lambda: succession.told)
    assert succession.told[0][0] is None


def test_one_that_ends_before_has_failed_and_is_asked_no_more(succession: Succession) -> None:
    successor, process = succession.begin(4711)
    successor.ended("ended with exit code 3")
    successor.ended("ended with exit code 3")
    assert succession.told == [("ended with exit code 3 before it took over", None)]
    succession.serve(4711)  # another process of its number
    turns(succession.loop, 20)
    assert (len(succession.told), process.signals) == (1, [])


def test_one_that_is_given_up_is_killed_and_has_failed_for_that_reason(succession: Succession) -> None:
    successor, process = succession.begin(4711)
    successor.abandon("was too slow for a stop")
    successor.abandon("another reason")
    assert set(process.signals) == {signal.SIGKILL}
    assert succession.told == []  # until it has ended
    successor.ended("ended with signal SIGKILL")
    assert succession.told == [("was too slow for a stop", None)]


def test_one_that_takes_too_long_is_killed(succession: Succession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replace, "TAKE_OVER_WITHIN", 0.02)
    successor, process = succession.begin(4711)
    run_until(succession.loop, lambda: process.signals)
    assert process.signals == [signal.SIGKILL]
    successor.ended("ended with signal SIGKILL")
    assert succession.told == [("did not take over within 0.02 s", None)]


def test_the_time_of_one_that_has_taken_over_is_over(succession: Succession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replace, "TAKE_OVER_WITHIN", 0.05)
    succession.serve(4711)
    _successor, process = succession.begin(4711)
    run_until(succession.loop, lambda: succession.told)
    later: list[bool] = []
    succession.loop.call_later(0.06, lambda: later.append(True))
    run_until(succession.loop, lambda: later)
    assert process.signals == []
