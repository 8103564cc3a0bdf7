# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A daemon as a fork of the test: what it is called with is written in Python, and its workers only answer."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from daemons import eventually
from lvsd.control.server import Answer, request
from lvsd.loop import WorkerOptions
from lvsd.options import Options
from lvsd.supervisor import daemon
from lvsd.supervisor.fork import fork
from parent_at_hand import WHOLE, takes
from workers_at_hand import answering


class Host:
    """The files of a daemon, its options, and the processes that were begun in it.

    `standard error` is what the operator reads; each worker leaves in NAME.chosen what it was told.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.options = Options(
            config=folder / "lvsd.conf", runtime_dir=self.run, state_dir=folder / "state", fork=False, syslog=False
        )
        self.reader = folder / "standard error"
        self.write(WHOLE)
        self.begun: list[int] = []
        self.job = self._job
        self.first: Callable[[], object] = lambda: None  # what the process does before it is a daemon

    def write(self, text: str) -> None:
        self.options.config.write_text(text)

    def choose(self, **options: Any) -> None:
        self.options = replace(self.options, **options)

    def begin(self) -> int:
        """Begin a daemon; its pid.  What it says is added to what others have said."""
        self.begun.append(fork(self._be))
        return self.begun[-1]

    def start(self) -> int:
        """Begin one, and wait until it is ready; its pid."""
        pid = self.begin()
        eventually(lambda: f"lvsd: ready (pid {pid})" in self.messages(), within=10)
        return pid

    def code(self) -> int:
        """Begin one that ends by itself; its exit code."""
        return self.end_of(self.begin())

    def stop(self, pid: int) -> int:
        """Stop one in order; its exit code."""
        os.kill(pid, signal.SIGTERM)
        return self.end_of(pid)

    def end_of(self, pid: int) -> int:
        """The exit code of a process that ends by itself.  Raises AssertionError where it goes on."""
        with open(os.pidfd_open(pid), "rb") as process:
            assert select.select([process], [], [], 20)[0], f"pid {pid} does not end"
        self.begun.remove(pid)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    @property
    def said(self) -> str:
        """What the operator has read so far."""
        return self.reader.read_text()

    def ask(self, verb: str, name: str = "lvsd", **arguments: Any) -> Answer:
        return request(self.run / f"{name}.sock", verb, timeout=5, **arguments)

    def messages(self) -> list[str]:
        return [event["message"] for event in self.ask("events")["events"]]

    def chosen(self, name: str) -> dict[str, Any]:
        """What a worker was told."""
        found: dict[str, Any] = json.loads((self.folder / f"{name}.chosen").read_text())
        return found

    def workers(self) -> list[int]:
        """Every worker that was begun."""
        try:
            return [int(line) for line in (self.folder / "workers").read_text().split()]
        except FileNotFoundError:
            return []

    def _be(self) -> int:
        with open(self.reader, "a", buffering=1) as reader:
            os.dup2(reader.fileno(), 2)
            sys.stdout = sys.stderr = reader
            self.first()
            return daemon.run(self.options, self.job)

    def _job(self, name: str) -> Callable[[WorkerOptions], int]:
        def main(chosen: WorkerOptions) -> int:
            with (self.folder / "workers").open("a") as workers:
                workers.write(f"{os.getpid()}\n")
            facts = {field: str(getattr(chosen, field)) for field in WorkerOptions.__dataclass_fields__}
            umask = os.umask(0)
            (self.folder / f"{name}.chosen").write_text(json.dumps({**facts, "umask": umask}))
            return answering(chosen.runtime_dir / f"{name}.sock", {"adopt": takes, "reload": takes})()

        return main

    def close(self) -> None:
        """End what runs; the workers last, which a parent would start again."""
        for pid in self.begun:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for pid in self.workers():
            if name_of(pid).startswith("lvsd_"):
                os.kill(pid, signal.SIGKILL)


def name_of(pid: int) -> str:
    """What `ps -o comm` shows of a process; "" where it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""
