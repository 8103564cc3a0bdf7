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
from pathlib import Path
from typing import Any

from .sockets import NAMES, Failed, Silent, Sockets
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
    for name in NAMES:
        try:
            logs.append(sockets.ask(name, "events")["events"])
        except (Silent, Failed) as error:
            silence = silence or error
    if not logs and silence:
        raise silence
    return merged(logs, last)


def follow(sockets: Sockets, since: float, show: Callable[[Event], None]) -> None:
    """Call `show` with every event later than `since` (wall clock), as it happens, for ever.

    A worker that restarts is found again; events of the meantime are not lost, since its log begins anew.
    """
    streams = {name: _Stream(sockets.path(name), since) for name in NAMES}
    while True:
        for stream in streams.values():
            stream.connect()
        connected = {stream.socket: stream for stream in streams.values() if stream.socket is not None}
        ready, _, _ = select.select(list(connected), [], [], AGAIN)
        events = [event for one in ready for event in connected[one].read()]
        for event in merged([events], len(events)):
            show(event)


class _Stream:
    """One worker's events, reconnected when it restarts."""

    def __init__(self, path: Path, since: float) -> None:
        self.path = path
        self.since = since
        self.socket: socket.socket | None = None
        self.received = b""

    def connect(self) -> None:
        if self.socket is not None:
            return
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(5)
        try:
            connection.connect(os.fspath(self.path))
            connection.sendall(b'{"verb": "events", "follow": true}\n')
        except OSError:
            connection.close()
            return
        self.socket, self.received = connection, b""

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
        events = [event for text in lines for event in _events(text)]
        new = [event for event in events if event["time"] > self.since]
        self.since = max([self.since, *(event["time"] for event in new)])
        return new


def _events(text: bytes) -> list[Event]:
    message = json.loads(text)
    return [message["event"]] if "event" in message else list(message.get("events", []))
