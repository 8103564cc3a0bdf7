# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket: one JSON object per line in, one out; every answer carries `"version": 1`.

    {"verb": "show"}                      -> {"version": 1, "ok": true, "instances": [...]}
    {"verb": "fetch"}                     -> {"version": 1, "ok": false, "error": "no verb 'fetch'; ..."}
    {"verb": "events", "follow": true}    -> {"version": 1, "ok": true, "events": [...]}, then {"event": {...}} lines

The schema only grows.  A line that is no request is answered with an error; one longer than `LONGEST` bytes
also ends the connection.  A handler that cannot answer at once returns `Later`; the client's next requests wait for
it, so answers come in the order of the requests.

A client that sends much, slowly or reads nothing costs itself alone: one request is answered in a turn of the loop,
each client's after another's, and nothing is read from a client that has a request or an unread answer waiting.

A new client is always let in, so that the parent, which asks whether this process is alive, hears that it is: the
server closes the client that has asked for nothing for longest.  Clients that follow events have their own bound.
"""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvsd.loop import Loop, Timer
from lvsd.version import described

from .client import Answer, Unreachable, request, stream
from .connection import ClientConnection
from .control_socket import BACKLOG, ControlSocket, is_socket, warn
from .events import EventLog
from .peer import ASKED_BY, Peer
from .protocol import VERSION, Handler, Later, Refused

__all__ = [
    "Answer",
    "ControlServer",
    "EventLog",
    "Handler",
    "Later",
    "Refused",
    "Unreachable",
    "is_socket",
    "request",
    "stream",
]

MOST_CLIENTS = BACKLOG  # that ask
ACCEPT_AT_ONCE = 8
LOOK_EVERY = 2.0  # seconds between two looks at the socket's file; well below the parent's patience

Socket = socket.socket
Remake = Callable[[Callable[[Socket | None], None]], None]
"""Asks a process of root for another socket at the path; it is told later, and None where there can be none."""


class ControlServer:
    """Listens on `path`, answers each verb with its handler.  `ping` and `events` are built in.

    A client whose user may only look is refused what is an order (peer.py); a handler finds who asks by
    `peer.asked_by(request)`.

    Without the file no client reaches this process: the server makes a socket that was removed again and calls
    `restored`, as the files beside it have probably gone too.  `listening` was made before, where this process has
    given root up since; then `remake` makes the next one.
    """

    def __init__(
        self,
        loop: Loop,
        path: Path,
        handlers: Mapping[str, Handler],
        log: EventLog,
        *,
        restored: Callable[[], object] = lambda: None,
        listening: ControlSocket | None = None,
        remake: Remake | None = None,
        daemon: Callable[[int], int] = lambda owner: owner,
    ) -> None:
        """Raises OSError, which names the path."""
        self.loop = loop
        self.path = path
        self.log = log
        self.restored = restored
        self.remake = remake
        self.daemon = daemon  # the user whose orders are taken beside root's, given who has made the socket
        self.handlers: dict[str, Handler] = {"ping": lambda _: {"pid": os.getpid(), **described()}, **handlers}
        self.clients: dict[ClientConnection, None] = {}  # who has asked for something last is the last
        self._queue: deque[ClientConnection] = deque()  # those whose next request can be answered
        self._turn: Timer | None = None
        self._complained = False
        self.listening = listening or ControlSocket(path)
        loop.add_reader(self.socket.fileno(), self._accept)
        self._timer: Timer | None = loop.call_later(LOOK_EVERY, self._look)

    @property
    def socket(self) -> Socket:
        """The one that listens."""
        return self.listening.socket

    def close(self) -> None:
        """Let go of every client and of the socket; the file is removed unless a successor has taken it."""
        for client in list(self.clients):
            client.close()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._turn:
            self._turn.cancel()
        self.loop.remove(self.socket.fileno())
        self.listening.close()

    def _look(self) -> None:
        """Is there a socket?  What is none stays."""
        self._timer = self.loop.call_later(LOOK_EVERY, self._look)
        if self.listening.stands:
            self.listening.admit()
            return
        try:
            self.listening.vacant()
            if self.listening.ours_to_make or self.remake is None:
                self._renew(self.listening.make_again)
            else:
                self.remake(self._remade)
        except OSError as error:
            self._complain(error.strerror or str(error))

    def _remade(self, bound: Socket | None) -> None:
        if self._timer is None:  # closed meanwhile
            if bound:
                bound.close()
        elif bound is None:
            self._complain("the process of root that makes it has refused")
        else:
            self._renew(lambda: self.listening.take(bound))

    def _renew(self, make: Callable[[], None]) -> None:
        """Raises OSError; then the socket without a file goes on."""
        before = self.socket.fileno()
        self.loop.remove(before)
        try:
            make()
        finally:
            self.loop.add_reader(self.socket.fileno(), self._accept)
        self._complained = False
        warn(f"another program has removed {self.path}; lvsd has made it again")
        self.restored()

    def _complain(self, why: str) -> None:
        if not self._complained:
            self._complained = True
            next_step = "it is tried again" if self.path.parent.is_dir() else "systemctl restart lvsd"
            warn(f"{self.path} has gone and cannot be made again: {why}; {next_step}")

    def queue(self, client: ClientConnection) -> None:
        """It has a request that can be answered: its turn comes behind those that wait already."""
        self._queue.append(client)
        if self._turn is None:
            self._turn = self.loop.call_at(self.loop.now, self._serve_next)

    def _serve_next(self) -> None:
        """One request in a turn of the loop: what is ready or due comes in between, and each client after another."""
        self._turn = None
        while self._queue:
            client = self._queue.popleft()
            if client in self.clients:
                client.serve()
                break
        if self._queue and self._turn is None:
            self._turn = self.loop.call_at(self.loop.now, self._serve_next)

    def answer(self, request: Mapping[str, Any], peer: Peer) -> Answer | Later:
        """The answer to one request of `peer`; never raises for what a client sent."""
        try:
            handler = self.handlers.get(request["verb"])
            if handler is None:
                known = ", ".join(sorted({*self.handlers, "events"}))
                raise Refused(f"no verb {request['verb']!r:.60}; this worker knows {known}")
            if reason := peer.refusal(request, self.daemon(self.listening.owner)):
                raise Refused(reason)
            answer = handler({**request, ASKED_BY: peer})
            return answer if isinstance(answer, Later) else {"version": VERSION, "ok": True, **answer}
        except Refused as refused:
            return {"version": VERSION, "ok": False, "error": str(refused), **refused.details}
        except Exception as error:  # a request must not end the worker, whatever is wrong with its handler
            import traceback

            traceback.print_exc(file=sys.stderr)
            return {"version": VERSION, "ok": False, "error": f"{type(error).__name__}: {error}"}

    def _accept(self) -> None:
        for _unused in range(ACCEPT_AT_ONCE):
            try:
                connection, _unused = self.socket.accept()
            except OSError:  # no more, or the client has gone again, or no descriptor is free
                return
            if len(self.clients) >= MOST_CLIENTS:
                self._make_room()
            client = ClientConnection(self, connection)
            self.clients[client] = None
            client.read()

    def _make_room(self) -> None:
        asking = [client for client in self.clients if not client.follows]
        if len(asking) >= MOST_CLIENTS:
            min(asking, key=lambda client: client.claim).close()
