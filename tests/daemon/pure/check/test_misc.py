# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MISC_CHECK: what the exit status of a program means, and how one that does not end is ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.misc import GRACE, HARD_LIMIT, MiscAttempt, unlooked, verdict
from lvsd.check.probe_spec import MiscProbe
from lvsd.loop import Loop
from lvsd.model import Command
from lvsd.programs.protocol import Ended, NotRun

from tests.support.attempts import outcome
from tests.support.loops import run_until
from tests.support.programs import LocalPrograms
from tests.support.virtual_time import VirtualTime

# --- the exit status ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "dynamic", "passed", "weight", "detail"),
    [
        (0, False, True, None, "exit status 0"),
        (1, False, False, None, "exit status 1"),
        (2, False, False, None, "exit status 2"),
        (255, False, False, None, "exit status 255"),
        (0, True, True, None, "exit status 0"),
        (1, True, False, None, "exit status 1"),
        (2, True, True, 0, "exit status 2: weight 0"),
        (3, True, True, 1, "exit status 3: weight 1"),
        (255, True, True, 253, "exit status 255: weight 253"),
        (-9, False, False, None, "ended by signal 9"),
        (-15, True, False, None, "ended by signal 15"),
    ],
)
def test_what_an_exit_status_means(code: int, dynamic: bool, passed: bool, weight: int | None, detail: str) -> None:
    assert verdict(code, dynamic) == Result(passed, detail, weight=weight)


def test_what_keeps_a_program_from_running_says_nothing_about_the_server() -> None:
    assert unlooked("it is a folder") == Result(False, "cannot run: it is a folder", looked=False)


# --- its times, with a program that is a plain object ----------------------------------------------


class Program:
    """A program that runs until it is told to end, or for ever; `done` is how its end is told."""

    def __init__(self, done: Any) -> None:
        self.done = done
        self.orders: list[str] = []

    def stop(self) -> None:
        self.orders.append("stop")

    def kill(self) -> None:
        self.orders.append("kill")


class Shelf:
    """In the place of `Programs`: what was started with which limits, or a refusal."""

    def __init__(self, loop: Any, refusal: str = "") -> None:
        self.loop = loop
        self.refusal = refusal
        self.started: list[tuple[Command, float, float]] = []
        self.program: Program | None = None

    def start(
        self, command: Command, arguments: tuple[str, ...] = (), *, limit: float, grace: float, done: Any, refused: Any
    ) -> Program:
        if self.refusal:
            self.loop.call_later(0.0, lambda: refused(NotRun(self.refusal, known=True)))
        else:
            self.started.append((command, limit, grace))
        self.program = Program(done)
        return self.program


class Attempt:
    """An attempt in virtual time."""

    def __init__(self, timeout: float = 10.0, *, refusal: str = "", dynamic: bool = False) -> None:
        self.time = VirtualTime()
        self.results: list[Result] = []
        programs: Any = Shelf(self.time.loop, refusal)
        self.shelf: Shelf = programs
        probe = MiscProbe(command=Command(("/bin/check",)), dynamic=dynamic)
        self.running = MiscAttempt(self.time.loop, probe, timeout, self.results.append, programs)

    @property
    def program(self) -> Program:
        assert self.shelf.program is not None
        return self.shelf.program

    def told(self) -> list[tuple[bool, bool, str]]:
        return [(result.passed, result.looked, result.detail) for result in self.results]


def test_a_program_is_started_once_with_its_time_and_the_grace_behind_it() -> None:
    attempt = Attempt(timeout=7.5)
    attempt.time.run(5)
    assert attempt.shelf.started == [(Command(("/bin/check",)), 7.5, GRACE)]
    assert (attempt.program.orders, attempt.results) == ([], [])


def test_the_end_of_the_program_is_the_result() -> None:
    attempt = Attempt(dynamic=True)
    attempt.program.done(Ended(12))
    attempt.time.run(60)
    assert attempt.told() == [(True, True, "exit status 12: weight 10")]
    assert attempt.program.orders == []  # it has ended: no order goes to another process


def test_one_that_takes_too_long_is_told_to_end_and_fails_when_it_has() -> None:
    attempt = Attempt(timeout=10)
    attempt.time.run(9.9)
    assert attempt.program.orders == []
    attempt.time.run(0.1)
    assert (attempt.program.orders, attempt.results) == (["stop"], [])
    attempt.program.done(Ended(0))
    assert attempt.told() == [(False, True, "timeout after 10 s")]


def test_one_that_no_signal_ends_does_not_hold_its_check() -> None:
    attempt = Attempt(timeout=10)
    attempt.time.run(10 + HARD_LIMIT - 0.1)
    assert attempt.results == []
    attempt.time.run(0.1)
    assert attempt.told() == [(False, True, f"timeout after {10 + HARD_LIMIT:g} s, running")]
    attempt.program.done(Ended(0))  # after all
    assert len(attempt.results) == 1


@pytest.mark.parametrize(
    ("how", "detail"),
    [
        (Ended(None, "did not start: exec format error"), "cannot run: did not start: exec format error"),
        (Ended(None), "cannot run: it is not known how it ended"),
    ],
)
def test_an_end_that_is_not_known_says_nothing_about_the_server(how: Ended, detail: str) -> None:
    attempt = Attempt()
    attempt.program.done(how)
    assert attempt.told() == [(False, False, detail)]


def test_a_program_that_is_refused_says_nothing_about_the_server() -> None:
    attempt = Attempt(refusal="others can write it")
    assert attempt.results == []  # never from within the start
    attempt.time.run(60)
    assert attempt.told() == [(False, False, "cannot run: others can write it")]


@pytest.mark.parametrize(("at_once", "order"), [(False, "stop"), (True, "kill")])
def test_a_cancelled_attempt_ends_its_program_and_tells_nothing(at_once: bool, order: str) -> None:
    attempt = Attempt()
    attempt.running.cancel(at_once)
    assert attempt.program.orders == [order]
    attempt.program.done(Ended(0))
    attempt.running.cancel(at_once)
    attempt.time.run(60)
    assert attempt.program.orders == [order]
    assert attempt.results == []


def test_one_that_was_refused_can_be_cancelled() -> None:
    attempt = Attempt(refusal="no")
    attempt.running.cancel()
    attempt.time.run(60)
    assert attempt.results == []


# --- real programs ------------------------------------------------------------------------------


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def shell(text: str, dynamic: bool = False) -> MiscProbe:
    return MiscProbe(command=Command(("/bin/sh", "-c", text)), dynamic=dynamic)


@pytest.mark.parametrize(
    ("text", "detail"), [("exit 0", "exit status 0"), ("exit 7", "exit status 7"), ("kill -9 $$", "ended by signal 9")]
)
def test_a_real_program(loop: Loop, text: str, detail: str) -> None:
    result = outcome(loop, lambda done: MiscAttempt(loop, shell(text), 20.0, done, LocalPrograms(loop)))
    assert (result.passed, result.looked, result.detail) == (detail == "exit status 0", True, detail)


def test_a_program_that_is_not_there_is_named(loop: Loop) -> None:
    probe = MiscProbe(command=Command(("/does/not/exist",)))
    result = outcome(loop, lambda done: MiscAttempt(loop, probe, 20.0, done, LocalPrograms(loop)))
    assert (result.looked, result.detail) == (False, "cannot run: /does: no such file or directory")


def test_a_real_program_that_takes_too_long(loop: Loop) -> None:
    result = outcome(loop, lambda done: MiscAttempt(loop, shell("exec sleep 60"), 0.05, done, LocalPrograms(loop)))
    assert (result.passed, result.looked, result.detail) == (False, True, "timeout after 0.05 s")


def test_a_real_program_has_gone_when_it_was_cancelled(loop: Loop, tmp_path: Path) -> None:
    results: list[Result] = []
    pid = tmp_path / "pid"
    probe = shell(f"echo $$ > {pid}.new; mv {pid}.new {pid}; exec sleep 60")
    running = MiscAttempt(loop, probe, 20.0, results.append, LocalPrograms(loop))
    run_until(loop, pid.exists)
    running.cancel(at_once=True)
    run_until(loop, lambda: not Path(f"/proc/{pid.read_text().strip()}").exists())
    assert results == []
