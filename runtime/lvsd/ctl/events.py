# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of all workers on one timeline."""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from math import inf
from pathlib import Path
from typing import Any

from lvsd.worker import registry

from .sockets import Failed, Silent, Sockets
from .table import GREEN, RED, YELLOW, paint

Event = Mapping[str, Any]
AGAIN = 1.0  # seconds between attempts to reach a worker that is not there


def merged(logs: Iterable[Iterable[Event]], last: int) -> list[Event]:
    """The newest `last` events of several logs, oldest first; those of one source keep their order."""
    every = [event for log in logs for event in log]
    every.sort(key=lambda event: (event["time"], event["source"], event["seq"]))
    return every[-last:] if last > 0 else []


def line(event: Event, *, colour: bool = False) -> str:
    """`2026-11-20 13:40:01.123  vrrp     VI_1: Backup -> Active (timeout)`"""
    when = event["time"]
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when)) + f".{int(when % 1 * 1000):03d}"
    message = str(event["message"])
    return f"{stamp}  {event['source']:7}  {paint(message, _colour(message)) if colour else message}"


def _colour(message: str) -> str:
    if "-> Active" in message or "is up" in message:
        return GREEN
    if "-> Initialize" in message or "is down" in message or "refused" in message:
        return RED
    return YELLOW if "-> Backup" in message else ""


def collect(sockets: Sockets, last: int) -> list[Event]:
    """The last events of every worker that answers.  Raises `Silent` when none does."""
    logs, silence = [], None
    for name in registry.sockets():
        try:
            logs.append(sockets.ask(name, "events")["events"])
        except (Silent, Failed) as error:
            silence = silence or error
    if not logs and silence:
        raise silence
    return merged(logs, last)


def follow(sockets: Sockets, last: int, show: Callable[[Event], None]) -> None:
    """Call `show` with the last events, then with every new one as it happens, for ever.

    A worker that restarts is found again; what it logged meanwhile is in its new log.  Raises `Silent` when no
    worker answers at the beginning.
    """
    streams = [_Stream(sockets.path(name)) for name in registry.sockets()]
    known = [stream.connect() for stream in streams]
    if all(stream.socket is None for stream in streams):
        sockets.ask("lvsd", "ping")
    for event in merged(known, last):
        show(event)
    while True:
        connected = {stream.socket: stream for stream in streams if stream.socket is not None}
        ready, _unused, _unused = select.select(list(connected), [], [], AGAIN)
        new = [connected[one].read() for one in ready]
        new += [stream.connect() for stream in streams if stream.socket is None]
        for event in merged(new, sum(map(len, new))):
            show(event)


class _Stream:
    """One worker's events, reconnected when it restarts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.since = 0.0  # wall clock of the newest event seen: a restarted worker numbers from 1 again
        self.socket: socket.socket | None = None
        self.answered = False  # the first line has come: its log
        self.received = b""

    def connect(self) -> list[Event]:
        """What its log holds that was not seen yet; nothing where it does not answer now."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(5)
        try:
            connection.connect(os.fspath(self.path))
            connection.sendall(b'{"verb": "events", "follow": true}\n')
        except OSError:
            connection.close()
            return []
        self.socket, self.received = connection, b""
        self.answered = False
        events: list[Event] = []
        while self.socket is not None and not self.answered:
            events += self.read()
        return events

    def read(self) -> list[Event]:
        """The new events; an end of the stream closes it."""
        assert self.socket is not None
        try:
            data = self.socket.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self.socket.close()
            self.socket = None
            return []
        *lines, self.received = (self.received + data).split(b"\n")
        new: list[Event] = []
        for text in lines:
            seen = -inf if self.answered else self.since  # what follows the log is new, whatever the clock says
            new += [event for event in _events(text) if event["time"] > seen]
            self.answered = True
        self.since = max([self.since, *(event["time"] for event in new)])
        return new


def _events(text: bytes) -> list[Event]:
    message = json.loads(text)
    return [message["event"]] if "event" in message else list(message.get("events", []))
