# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A parent in the process of the test, over real processes that only answer."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from daemons import eventually
from lvsd import conf
from lvsd.conf import Loaded
from lvsd.control.server import Answer, Handler, request
from lvsd.loop import Loop
from lvsd.options import Options
from lvsd.supervisor import daemonize
from lvsd.supervisor.fork import fork
from lvsd.supervisor.last_good import RunningConfiguration
from lvsd.supervisor.parent import Parent
from lvsd.supervisor.reexec import Inheritance, Program
from lvsd.supervisor.runtime_dir import lock_file
from lvsd.supervisor.worker_config import Parts, split
from workers_at_hand import answering

from tests.support.loops import run_until

ROUTER = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id %d\n}\n"
SERVICE = "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.%d 80 {\n    }\n}\n"
WHOLE = ROUTER % 51 + SERVICE % 1


def takes(_request: object) -> Answer:
    """A worker's answer that it does what it is told."""
    return {"changes": {"changed": True}}


class Supervised:
    """A parent and all that is seen of it; `verbs` are what the workers answer to beside `ping`, and how they are begun
    is `work`.
    """

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.folder = folder
        self.run = folder / "run"
        self.run.mkdir()
        self.options = Options(config=folder / "lvsd.conf", runtime_dir=self.run, state_dir=folder / "state")
        self.text = WHOLE
        self.verbs: dict[str, Handler] = {"adopt": takes, "reload": takes}
        self.work: dict[str, Callable[[], int]] = {}  # what a worker does instead
        self.done: list[str] = []  # what the parent has prepared and started, in this order
        self.begun: dict[str, list[int]] = {}
        self.before: Inheritance | None = None
        self._lock: int | None = None
        self._parent: Parent | None = None

    @property
    def parent(self) -> Parent:
        """The one of these options and this text, made when it is first asked for."""
        if self._parent is None:
            loaded = self.load()
            running = RunningConfiguration(loaded, split(loaded.configuration, self.options))
            self._lock = daemonize.lock(lock_file(self.run))
            assert self._lock is not None
            self._parent = Parent(
                self.loop,
                self.options,
                running,
                self.load,
                self._starter,
                self._prepare,
                program=Program((str(self.folder / "lvsd"),), (), str(self.folder)),
                lock=self._lock,
                before=self.before,
            )
        return self._parent

    def choose(self, **options: Any) -> None:
        self.options = replace(self.options, **options)

    def load(self) -> Loaded:
        return conf.parse(self.text, "lvsd.conf")

    def start(self) -> Parent:
        """Start it, and wait until it is ready and has all its workers."""
        self.parent.start()
        self.until(lambda: self.parent.ready and self.parent.complete)
        return self.parent

    def leave(self, name: str, verbs: Mapping[str, Handler]) -> int:
        """A worker that runs before the parent does; its pid."""
        pid = fork(answering(self.run / f"{name}.sock", verbs))
        self.begun.setdefault(name, []).append(pid)
        eventually(lambda: request(self.run / f"{name}.sock", "ping", timeout=5), within=10)
        return pid

    def until(self, there: Callable[[], Any]) -> None:
        run_until(self.loop, there, every=0.002, why=lambda: "\n".join(self.messages()))

    def until_it_stops(self) -> None:
        """Run as the daemon does.  Raises AssertionError where that does not end."""
        self.until(lambda: False)

    def pid(self, name: str) -> int:
        pid = self.parent.workers[name].pid
        assert pid is not None
        return pid

    def kill(self, name: str) -> None:
        """Kill a worker, and wait until another one runs."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: self.parent.workers[name].pid not in (None, pid))

    def messages(self, change: str = "") -> list[str]:
        events = self.parent.events.since(0)
        return [event["message"] for event in events if not change or event.get("change") == change]

    def _starter(self, name: str, part: Path) -> Callable[[], int]:
        def start() -> int:
            assert part.is_file()
            self.done.append(f"start {name}")
            pid = fork(self.work.get(name) or answering(self.run / f"{name}.sock", self.verbs))
            self.begun.setdefault(name, []).append(pid)
            return pid

        return start

    def _prepare(self, parts: Parts) -> None:
        self.done.append(f"prepare {' '.join(sorted(parts.needed))}")

    def close(self) -> None:
        for pid in (pid for pids in self.begun.values() for pid in pids):
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        if self._parent is not None:
            self._parent.close()
            os.close(self._parent.directory.lock)
        self.loop.close()
