# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a worker's control socket, and its events, without holding up the loop."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lvsd.loop import Loop, Timer

from .connection import ReceivedBytes
from .server import Answer

Receiver = Callable[[Answer | None], None]
Event = dict[str, Any]
CONNECT_AGAIN = 1.0  # seconds between two attempts to reach a worker that is not there
LONGEST_LINE = 8 << 20  # bytes; the first answer holds all events that are kept
READ_AT_ONCE = 1 << 16  # bytes in one turn of the loop


def ask(loop: Loop, path: Path, verb: str, receiver: Receiver, /, *, timeout: float, **arguments: Any) -> bool:
    """Ask the worker behind `path`; `receiver` gets its answer, or None when there is none within `timeout` seconds.

    `receiver` is called exactly once, from the loop, never from inside this call.  Whether a process listens there.
    """
    return _Question(loop, path, json.dumps({"verb": verb, **arguments}).encode() + b"\n", receiver, timeout).heard


def subscribe(loop: Loop, path: Path, on_event: Callable[[Event], None], on_lost: Callable[[], None]) -> Subscription:
    """Follow the events of the worker behind `path`, until the subscription is closed.

    `on_event` gets each event, beginning with those that the worker still keeps, in their order.  `on_lost` is called
    once when the worker cannot be reached or has gone; from then on the subscription tries again every
    `CONNECT_AGAIN` seconds.  Of the same worker no event comes twice, unless a thousand of its kind came while the
    connection was lost; a worker that was started anew begins anew.  Both are called from the loop, never from inside
    this call.
    """
    return Subscription(loop, path, on_event, on_lost)


class Subscription:
    """One worker's events, over one connection at a time; made by `subscribe`."""

    def __init__(self, loop: Loop, path: Path, on_event: Callable[[Event], None], on_lost: Callable[[], None]) -> None:
        self.loop = loop
        self.path = path
        self._on_event = on_event
        self._on_lost = on_lost
        self._socket: socket.socket | None = None
        self._received = ReceivedBytes()
        self._last: tuple[int, float] | None = None  # number and time of the event that came last
        self._lost = False  # and said
        self._timer: Timer | None = loop.call_at(loop.now, self._connect)

    def close(self) -> None:
        """Call nothing any more, and let go of the connection."""
        self._disconnect()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _connect(self) -> None:
        self._timer = None
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._socket, self._received = connection, ReceivedBytes()
        self.loop.add_reader(connection.fileno(), self._read)
        try:
            connection.connect(os.fspath(self.path))
            connection.send(b'{"verb": "events", "follow": true}\n')
        except OSError:
            self._lose()

    def _read(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._received.add(data)
        connection = self._socket
        while self._socket is connection and self._received.has_line():
            if not self._take(_decode(self._received.line())):
                self._lose()
        if self._socket is connection and (not data or len(self._received) > LONGEST_LINE):
            self._lose()

    def _take(self, message: Answer | None) -> bool:
        """Hand on what one line says; whether it was an answer or an event."""
        if message is None:
            return False
        if "event" in message:
            self._hand_on(message["event"])
            return True
        if message.get("ok") is not True:  # as many follow already as may
            return False
        self._lost = False
        for event in self._unseen(message.get("events", [])):
            if self._socket is None:  # closed by the receiver of the one before
                break
            self._hand_on(event)
        return True

    def _unseen(self, events: list[Event]) -> list[Event]:
        """Without those that came over an earlier connection, where this is still the same log."""
        if not any((event["seq"], event["time"]) == self._last for event in events):
            return events
        assert self._last is not None
        return [event for event in events if event["seq"] > self._last[0]]

    def _hand_on(self, event: Event) -> None:
        self._last = event["seq"], event["time"]
        self._on_event(event)

    def _lose(self) -> None:
        self._disconnect()
        self._timer = self.loop.call_later(CONNECT_AGAIN, self._connect)
        if not self._lost:
            self._lost = True
            self._on_lost()

    def _disconnect(self) -> None:
        if self._socket is not None:
            self.loop.remove(self._socket.fileno())
            self._socket.close()
            self._socket = None


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
