# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of a control socket, which may be slow, silent or hostile.

Nothing more is read from a client while a request of it waits, or an answer that it has not read: what it sends then
waits in its own socket.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .client import Answer
from .peer import Peer
from .protocol import VERSION, Later, Refused, events_request, parse

if TYPE_CHECKING:
    from .server import ControlServer

LONGEST = 1 << 20
UNREAD_LIMIT = 1 << 20  # bytes a client may leave unread and still be told of events
MOST_FOLLOWERS = 64  # clients that follow events
READ_AT_ONCE = 1 << 16  # bytes
BLANK = b" \t\r\n\v\f"


class ReceivedBytes:
    """The bytes that a client has sent: complete lines come out; each byte is looked at once, however it came."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._seen = 0  # of them without a line end

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, data: bytes) -> None:
        """Append what was received; blanks in front of a line are dropped."""
        self._bytes += data if self._bytes else data.lstrip(BLANK)  # a line that is blank asks for nothing

    def has_line(self) -> bool:
        """Whether `line` has something to give."""
        end = self._bytes.find(b"\n", self._seen)
        self._seen = len(self._bytes) if end < 0 else end
        return end >= 0

    def line(self) -> bytes:
        """The next line, without its end; only after `has_line`."""
        line = bytes(self._bytes[: self._seen])
        del self._bytes[: self._seen + 1]
        if self._bytes[:1].isspace():
            self._bytes = self._bytes.lstrip(BLANK)
        self._seen = 0
        return line


class ClientConnection:
    """Of one client: complete lines in, answers out, in the same order."""

    def __init__(self, server: ControlServer, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.server = server
        self.connection = connection
        self.peer = Peer.of(connection)
        self.received = ReceivedBytes()
        self.queued = False  # its turn will come
        self.served = False  # ever
        self.waiting = False  # for a `Later`
        self.unsent = bytearray()
        self.closing = False  # once everything is answered and sent
        self._reading = False

    @property
    def follows(self) -> bool:
        """Whether this client is sent the events of the process."""
        return self._follow in self.server.log.followers

    @property
    def claim(self) -> int:
        """Who has the least makes room for others: one without a request, one that does not read, one that has been
        answered and asks for more, one that waits, one that has not had its first turn."""
        if self.queued:
            return 2 if self.served else 4
        return 3 if self.waiting else 1 if self.unsent else 0

    def close(self) -> None:
        """Close the connection and forget the client; a second call does nothing."""
        if self in self.server.clients:
            del self.server.clients[self]
            if self.follows:
                self.server.log.followers.remove(self._follow)
            self.server.loop.remove(self.connection.fileno())
            self.connection.close()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one JSON object, now or when the client reads; close a client that leaves too much unread."""
        if self not in self.server.clients:
            return
        if len(self.unsent) > UNREAD_LIMIT:
            self.close()
            return
        self.unsent += json.dumps(message, separators=(",", ":"), default=str).encode() + b"\n"
        self._write()

    def read(self) -> None:
        """One piece of what it has sent; a `ping` that need not wait for itself does not wait for others either."""
        try:
            data = self.connection.recv(READ_AT_ONCE)
        except BlockingIOError:
            self.go_on()
            return
        except OSError:
            self.close()
            return
        self.received.add(data)
        if not data:
            self.closing = True  # not at once: it may still read, as `echo ... | nc -N -U lvsd.sock`
        if self._ready() and is_ping(data):
            self.serve()
        self.go_on()

    def go_on(self) -> None:
        """Whatever comes next for this client."""
        if self not in self.server.clients or self.queued:
            return
        ready = self._ready()
        self._read_more(not (self.closing or ready or self.waiting or self.unsent))
        if ready:
            self.queued = True
            self.server.queue(self)
        elif not (self.waiting or self.unsent):
            if len(self.received) > LONGEST:
                self.send({"version": VERSION, "ok": False, "error": f"a request has at most {LONGEST} bytes"})
                self.close()
            elif self.closing:
                self.close()

    def serve(self) -> None:
        """Answer its next request."""
        self.queued = False
        if self._ready() and self in self.server.clients:
            self.served = True
            self.server.clients[self] = self.server.clients.pop(self)
            self._serve(self.received.line())
        self.go_on()

    def _ready(self) -> bool:
        """Whether a request can be answered now: answers come in order, and only to a client that reads them."""
        return not (self.waiting or self.unsent) and self.received.has_line()

    def _read_more(self, wanted: bool) -> None:
        if wanted and not self._reading:
            self.server.loop.add_reader(self.connection.fileno(), self.read)
        elif self._reading and not wanted:
            self.server.loop.remove_reader(self.connection.fileno())
        self._reading = wanted

    def _serve(self, line: bytes) -> None:
        try:
            request = parse(line)
        except Refused as refused:
            self.send({"version": VERSION, "ok": False, "error": str(refused), **refused.details})
            return
        if follow := events_request(request):
            self._serve_events(*follow)
            return
        answer = self.server.answer(request, self.peer)
        if isinstance(answer, Later):
            self.waiting = True
            answer.then(self._answered)
        else:
            self.send(answer)

    def _answered(self, answer: Answer) -> None:
        self.waiting = False
        self.send(answer)
        self.go_on()

    def _serve_events(self, since: int, stay: bool) -> None:
        if stay and not self.follows and sum(client.follows for client in self.server.clients) >= MOST_FOLLOWERS:
            self.send({"version": VERSION, "ok": False, "error": f"{MOST_FOLLOWERS} clients follow events already"})
            return
        self.send({"version": VERSION, "ok": True, "events": self.server.log.since(since)})
        if stay and self in self.server.clients and not self.follows:
            self.server.log.followers.append(self._follow)

    def _follow(self, event: dict[str, Any]) -> None:
        self.send({"event": event})
        self.go_on()

    def _write(self) -> None:
        try:
            sent = self.connection.send(self.unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        del self.unsent[:sent]
        if self.unsent:
            self.server.loop.add_writer(self.connection.fileno(), self._writable)
        else:
            self.server.loop.remove_writer(self.connection.fileno())

    def _writable(self) -> None:
        self._write()
        self.go_on()


def is_ping(data: bytes) -> bool:
    """Whether it is one request, and that is `ping`: it costs next to nothing, and a parent's patience hangs on it."""
    return len(data) < 64 and data.count(b"\n") == 1 and b'"ping"' in data
