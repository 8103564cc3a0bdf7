# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question to a worker's control socket that does not hold up the loop."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lvsd.loop import Loop

from .server import Answer

Receiver = Callable[[Answer | None], None]


def ask(loop: Loop, path: Path, verb: str, receiver: Receiver, /, *, timeout: float, **arguments: Any) -> bool:
    """Ask the worker behind `path`; `receiver` gets its answer, or None when there is none within `timeout` seconds.

    `receiver` is called exactly once, from the loop, never from inside this call.  Whether somebody listens there.
    """
    return _Question(loop, path, json.dumps({"verb": verb, **arguments}).encode() + b"\n", receiver, timeout).heard


class _Question:
    def __init__(self, loop: Loop, path: Path, request: bytes, receiver: Receiver, timeout: float) -> None:
        self.loop = loop
        self.receiver = receiver
        self.received = b""
        self.heard = False
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self.timer = loop.call_later(timeout, self._give_up)
        try:
            self.socket.connect(os.fspath(path))  # a Unix socket connects at once or not at all
            self.socket.send(request)
        except OSError:
            self.timer.cancel()
            self.timer = loop.call_at(loop.now, self._give_up)
            return
        self.heard = True
        loop.add_reader(self.socket.fileno(), self._read)

    def _read(self) -> None:
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.received += data
        if b"\n" in data or not data:
            self._finish(_decode(self.received))

    def _give_up(self) -> None:
        self._finish(None)

    def _finish(self, answer: Answer | None) -> None:
        self.timer.cancel()
        self.loop.remove(self.socket.fileno())
        self.socket.close()
        self.receiver(answer)


def _decode(line: bytes) -> Answer | None:
    try:
        answer = json.loads(line.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
