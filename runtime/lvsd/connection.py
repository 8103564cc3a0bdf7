# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of a control socket, which may be slow, silent or hostile."""

from __future__ import annotations

import json
import socket
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .asked import VERSION, Later, events_request
from .asking import Answer

if TYPE_CHECKING:
    from .control import ControlServer

LONGEST = 1 << 20
UNREAD_LIMIT = 4 << 20  # bytes a client may leave unread and still be told of events
MOST_REQUESTS = 1000  # that a client may have sent ahead
MOST_FOLLOWERS = 64  # clients that follow events


class Connection:
    """Of one client: complete lines in, answers out, in the same order."""

    def __init__(self, server: ControlServer, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.server = server
        self.connection = connection
        self.received = b""
        self.requests: deque[bytes] = deque()
        self.waiting = False  # for a `Later`
        self.serving = False  # an answer that is there at once does not begin another round
        self.unsent = bytearray()
        self.closing = False  # once everything is answered and sent
        server.loop.add_reader(connection.fileno(), self.read)

    @property
    def follows(self) -> bool:
        return self._follow in self.server.log.followers

    @property
    def claim(self) -> int:
        """Who has the least makes room for others: one without a request, one that does not read, one that waits."""
        return 2 if self.waiting else 1 if self.unsent else 0

    def close(self) -> None:
        if self in self.server.clients:
            del self.server.clients[self]
            if self.follows:
                self.server.log.followers.remove(self._follow)
            self.server.loop.remove(self.connection.fileno())
            self.connection.close()

    def send(self, message: Mapping[str, Any]) -> None:
        if self not in self.server.clients:
            return
        if len(self.unsent) > UNREAD_LIMIT:
            self.close()
            return
        self.unsent += json.dumps(message, separators=(",", ":"), default=str).encode() + b"\n"
        self._write()

    def read(self) -> None:
        try:
            data = self.connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        *lines, self.received = (self.received + data).split(b"\n")
        self.requests.extend(line for line in lines if line.strip())
        self._serve()
        if len(self.received) > LONGEST or len(self.requests) > MOST_REQUESTS:
            limits = f"a request has at most {LONGEST} bytes, and {MOST_REQUESTS} may be sent ahead"
            self.send({"version": VERSION, "ok": False, "error": limits})
            self.close()
        elif not data and self in self.server.clients:
            self.closing = True
            self.server.loop.remove_reader(self.connection.fileno())
            self._close_when_done()  # not before: the client may still read, as `echo ... | nc -N -U lvsd.sock`

    def _close_when_done(self) -> None:
        if self.closing and not (self.unsent or self.requests or self.waiting):
            self.close()

    def _serve(self) -> None:
        """The next requests, unless an answer is still to be given, or to be read."""
        if self.serving:
            return
        self.serving = True
        while self.requests and not self.waiting and not self.unsent and self in self.server.clients:
            self._serve_one(self.requests.popleft())
        self.serving = False

    def _serve_one(self, line: bytes) -> None:
        self.server.clients[self] = self.server.clients.pop(self)
        if follow := events_request(line):
            self._serve_events(*follow)
            return
        answer = self.server.answer(line)
        if isinstance(answer, Later):
            self.waiting = True
            answer.then(self._answered)
        else:
            self.send(answer)

    def _answered(self, answer: Answer) -> None:
        self.waiting = False
        self.send(answer)
        self._serve()

    def _serve_events(self, since: int, stay: bool) -> None:
        if stay and not self.follows and sum(client.follows for client in self.server.clients) >= MOST_FOLLOWERS:
            self.send({"version": VERSION, "ok": False, "error": f"{MOST_FOLLOWERS} clients follow events already"})
            return
        self.send({"version": VERSION, "ok": True, "events": self.server.log.since(since)})
        if stay and self in self.server.clients and not self.follows:
            self.server.log.followers.append(self._follow)

    def _follow(self, event: dict[str, Any]) -> None:
        self.send({"event": event})

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
            self._close_when_done()

    def _writable(self) -> None:
        self._write()
        self._serve()
