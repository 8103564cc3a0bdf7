# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers for the parent's own classes: a real process that only answers, and one that is a plain object."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lvsd.control.server import Answer, ControlServer, EventLog, Handler, Refused
from lvsd.loop import Loop

NUMBER = 1 << 30  # of the process of a plain worker: no process has it


def answering(
    path: Path, verbs: Mapping[str, Handler] = MappingProxyType({}), *, stubborn: bool = False, code: int = 0
) -> Callable[[], int]:
    """What a forked process does: answer at `path`, `ping` and `verbs`, until SIGTERM, which a stubborn one ignores."""

    def work() -> int:
        loop = Loop()
        server = ControlServer(loop, path, verbs, EventLog("worker"))
        loop.on_signal(signal.SIGTERM, (lambda: None) if stubborn else loop.stop)
        loop.run()
        server.close()
        return code

    return work


class Watch:
    """Of a plain worker: it has answered before."""

    answered = True


class PlainWorker:
    """In the place of `WorkerProcess`: notes what it is told; `serve` lets it answer in the loop of the test."""

    def __init__(self, loop: Loop, control: Path) -> None:
        self.loop = loop
        self.control = control
        self.watch = Watch()
        self.process: object | None = None
        self.pid: int | None = None  # of none that could have given up a right
        self.on_end: Callable[[Any, str], None] | None = None
        self.calls: list[str] = []
        self.reloads = 0
        self.refuses = ""
        self.needs_starter = False
        self.needs_starter_for_old = False  # which it is told when another one has refused the new part
        self.changes: dict[str, Any] = {"changed": True}
        self.digest: str | None = None  # of its version
        self.adopts = True
        self.replacement: str | None = None  # why it cannot be replaced
        self._server: ControlServer | None = None

    def serve(self, *, mute: bool = False) -> None:
        """Run, and answer a reload; a mute one does not answer."""
        self.process = object()
        if not mute:
            verbs = {"ping": self._ping, "adopt": self._adopt, "reload": self._reload}
            self._server = ControlServer(self.loop, self.control, verbs, EventLog("worker"))

    def end(self, how: str) -> None:
        """Its process has ended; a child that it forked holds its connections, and what it has said is on its way."""
        process, self.process = self.process, None
        if self.on_end:
            self.on_end(process, how)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def listening(self) -> bool:
        return self.process is not None

    def start(self) -> None:
        self.calls.append("start")

    def stop(self, _then: Callable[[], None]) -> None:
        self.calls.append("stop")

    def adopt(self, pid: int, _answer: object) -> None:
        self.calls.append(f"adopt {pid}")

    def replace(self, then: Callable[[str | None], None]) -> None:
        self.calls.append("replace")
        self.loop.call_at(self.loop.now, lambda: then(self.replacement))

    def _ping(self, _request: object) -> Answer:
        return {"pid": NUMBER, "digest": self.digest}

    def _adopt(self, request: Mapping[str, Any]) -> Answer:
        if not self.adopts:
            raise Refused("it has a parent")
        self.calls.append(f"tied to {request['parent']}")
        return {}

    def _reload(self, _request: object) -> Answer:
        self.reloads += 1
        if self.needs_starter or (self.needs_starter_for_old and self.reloads > 1):
            raise Refused("it has no starter", replace=True)
        if self.refuses:
            raise Refused(self.refuses)
        return {"changes": self.changes}
