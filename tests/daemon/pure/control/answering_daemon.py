# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control server in a thread, with handlers of each kind, and a client that speaks to it byte by byte."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvsd.control import connection
from lvsd.control.server import ControlServer, EventLog, Handler, Later, Refused
from lvsd.loop import Loop

PING, LATER = b'{"verb": "ping"}\n', b'{"verb": "later"}\n'
FOLLOW = b'{"verb": "events", "follow": true}\n'


class Daemon:
    """A loop with a control server in a thread of its own; `do` runs something there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loop = Loop()
        self.log = EventLog("test")
        self.later = Later()
        self.todo: list[Callable[[], object]] = []
        handlers: dict[str, Handler] = {
            "echo": lambda request: {"echo": request.get("value")},
            "refuse": self.refuse,
            "broken": lambda request: {"value": request["absent"]},
            "odd": lambda _: {"path": Path("/x")},
            "big": lambda _: {"big": "x" * (1 << 20)},
            "huge": lambda _: {"huge": "x" * 3 * connection.UNREAD_LIMIT},
            "later": lambda _: self.later,
            "at_once": self.at_once,
        }
        self.server = ControlServer(self.loop, path, handlers, self.log)
        self.wake, wake = socket.socketpair()
        self.loop.add_reader(wake.fileno(), lambda: (wake.recv(1), self.todo.pop(0)()))
        self.thread = threading.Thread(target=self.loop.run)
        self.thread.start()

    @staticmethod
    def refuse(request: Mapping[str, Any]) -> dict[str, Any]:
        raise Refused("not today", asked=request["verb"])

    @staticmethod
    def at_once(_: Mapping[str, Any]) -> Later:
        later = Later()
        later.refuse("so soon", reason=1)
        return later

    def do(self, action: Callable[[], object]) -> None:
        done = threading.Event()
        self.todo.append(lambda: (action(), done.set()))
        self.wake.send(b"x")
        assert done.wait(5)

    def clients(self) -> int:
        found: list[int] = []
        self.do(lambda: found.append(len(self.server.clients)))
        return found[0]

    def stop(self) -> None:
        self.do(lambda: (self.server.close(), self.loop.stop()))
        self.thread.join(5)
        self.loop.close()


class Client:
    def __init__(self, daemon: Daemon) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.fspath(daemon.path))
        self.socket.settimeout(5)
        self.lines = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.lines.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> Any:
        line = self.lines.readline()
        return json.loads(line) if line else None
