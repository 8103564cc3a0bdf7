# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that run beside each other, each with a log of its own.

While they run, a line now and then says what each is doing; the log of one that fails is printed whole.  Standard
library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PASSED, FAILED, NOT_RUN = 0, 1, 3  # what a command says with its exit code; any other code is a failure too
NOTE = "note: "  # a line of the log that begins so is repeated beside the result
EVERY = 15.0  # seconds between two lines of progress
PATIENCE = 60.0  # seconds that a command has to end after SIGTERM
WIDTH = 100  # columns of a log's last line that progress shows


@dataclass(frozen=True)
class Job:
    """`command` in `folder`, everything it says in `log`; one that needs more than `longest` seconds has hung."""

    name: str
    command: Sequence[str]
    folder: Path
    log: Path
    longest: float


@dataclass(frozen=True)
class Result:
    """How a job ended: exit code (None: it had hung), seconds, and its notes."""

    name: str
    code: int | None
    seconds: float
    notes: tuple[str, ...]

    @property
    def outcome(self) -> str:
        if self.code == PASSED:
            return "passed"
        if self.code == NOT_RUN:
            return "not run"
        return "FAILED: it hung" if self.code is None else f"FAILED: exit {self.code}"

    @property
    def failed(self) -> bool:
        return self.code not in (PASSED, NOT_RUN)


class Running:
    """A job and its process, which leads a process group of its own."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.began = time.monotonic()
        job.log.parent.mkdir(parents=True, exist_ok=True)
        with job.log.open("wb") as log:
            self.process = subprocess.Popen(
                job.command, cwd=job.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"}, start_new_session=True,
            )  # fmt: skip

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def result(self) -> Result | None:
        """None while it runs; one that runs for too long is stopped."""
        code = self.process.poll()
        if code is None:
            if self.seconds < self.job.longest:
                return None
            self.stop()
        notes = (line.removeprefix(NOTE) for line in self.said().splitlines() if line.startswith(NOTE))
        return Result(self.job.name, code, self.seconds, tuple(notes))

    def stop(self) -> None:
        """End the whole group, so that the tests' own clean-up still runs."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def said(self) -> str:
        return self.job.log.read_text(errors="replace")

    def progress(self) -> str:
        with self.job.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            lines = log.read().decode(errors="replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"    {self.job.name:12} {self.seconds:5.0f} s  {last[:WIDTH]}"


def run(jobs: Sequence[Job], at_once: int) -> list[Result]:
    """Run every job, at most `at_once` of them at a time; results in the order of `jobs`.

    Whatever ends this early, SIGTERM too, ends the jobs that run.
    """
    waiting, running = list(jobs), list[Running]()
    results: dict[str, Result] = {}
    shown = time.monotonic()
    told = list[int]()  # not an exception from the handler: a job that is just being started would be left behind
    before = signal.signal(signal.SIGTERM, lambda number, frame: told.append(number))
    try:
        while waiting or running:
            if told:
                sys.exit(128 + told[0])
            while waiting and len(running) < at_once:
                running.append(Running(waiting.pop(0)))
                say(f">>> {running[-1].job.name} begins")
            for one in list(running):
                if result := one.result():
                    running.remove(one)
                    results[result.name] = result
                    report(one, result)
            if time.monotonic() - shown > EVERY:
                shown = time.monotonic()
                say("\n".join(one.progress() for one in running))
            time.sleep(0.1)
    finally:
        for one in running:
            one.stop()
        signal.signal(signal.SIGTERM, before)
    return [results[job.name] for job in jobs]


def report(one: Running, result: Result) -> None:
    if result.failed:
        say(f"--- {result.name}: everything it said\n{one.said().rstrip()}\n--- {result.name}: the end")
    say(f"<<< {result.name}: {result.outcome} after {result.seconds:.0f} s")


def table(results: Sequence[Result]) -> str:
    """One line for each result, then one for each of its notes."""
    lines = []
    for result in results:
        lines.append(f"{result.name:14} {result.seconds:6.0f} s  {result.outcome}")
        lines += [f"{'':24}{note}" for note in result.notes]
    return "\n".join(lines)


def say(text: str) -> None:
    if text:
        print(text, flush=True)
