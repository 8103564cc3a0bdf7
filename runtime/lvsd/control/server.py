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

import errno
import os
import socket
import stat
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvsd import regular_files
from lvsd.loop import Loop, Timer
from lvsd.severity import WARNING
from lvsd.version import described

from .client import Answer, Unreachable, request, stream
from .connection import ClientConnection
from .events import EventLog
from .peer import ASKED_BY, ROOT, VIEWERS, Peer, admit_viewers
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

MOST_CLIENTS = 64  # that ask
ACCEPT_AT_ONCE = 8
LOOK_EVERY = 2.0  # seconds between two looks at the socket's file; well below the parent's patience


class ControlServer:
    """Listens on `path`, answers each verb with its handler.  `ping` and `events` are built in.

    The socket has mode 0660 and the group `lvsd` where the host has that group, 0600 otherwise.  A client whose user
    may only look is refused what is an order (peer.py); a handler finds who asks by `peer.asked_by(request)`.

    Without the file no client reaches this process: the server makes a socket that was removed again and calls
    `restored`, as the files beside it have probably gone too.
    """

    def __init__(
        self,
        loop: Loop,
        path: Path,
        handlers: Mapping[str, Handler],
        log: EventLog,
        *,
        restored: Callable[[], object] = lambda: None,
    ) -> None:
        """Raises OSError, which names the path."""
        self.loop = loop
        self.path = path
        self.log = log
        self.restored = restored
        self.handlers: dict[str, Handler] = {"ping": lambda _: {"pid": os.getpid(), **described()}, **handlers}
        self.clients: dict[ClientConnection, None] = {}  # who has asked for something last is the last
        self._queue: deque[ClientConnection] = deque()  # those whose next request can be answered
        self._turn: Timer | None = None
        self._complained = False
        self.admitted = False  # the group of those who may look
        _clear(path)
        self.socket, self._file = _listen(path)
        self._admit()
        loop.add_reader(self.socket.fileno(), self._accept)
        self._timer = loop.call_later(LOOK_EVERY, self._look)

    def close(self) -> None:
        """Let go of every client and of the socket; the file is removed unless a successor has taken it."""
        for client in list(self.clients):
            client.close()
        self._timer.cancel()
        if self._turn:
            self._turn.cancel()
        self._deafen()
        try:
            mine = os.path.samestat(self._file, os.stat(self.path))
        except OSError:
            return
        if mine:  # a successor may already listen at the same path
            self.path.unlink(missing_ok=True)

    def _deafen(self) -> None:
        self.loop.remove(self.socket.fileno())
        self.socket.close()

    def _look(self) -> None:
        """Is there a socket?  Whose it is does not matter: a successor's stays, and so does what is no socket."""
        self._timer = self.loop.call_later(LOOK_EVERY, self._look)
        if is_socket(self.path):
            if not self.admitted:  # the group may have been made meanwhile
                self._admit()
            return
        try:
            if os.path.lexists(self.path):
                raise regular_files.wrong_kind(self.path, os.lstat(self.path).st_mode, "the control socket")
            listening, self._file = _listen(self.path)
            self._admit()
        except OSError as error:
            if not self._complained:
                self._complained = True
                _warn(f"{self.path} has gone and cannot be made again: {error.strerror}; systemctl restart lvsd")
            return
        self._deafen()
        self.socket = listening
        self.loop.add_reader(listening.fileno(), self._accept)
        self._complained = False
        _warn(f"{self.path} was removed by somebody else, made again")
        self.restored()

    def _admit(self) -> None:
        """Let the group in, where the host has it.

        A daemon that root has not started may not be able to; its own user can ask it all the same.
        """
        try:
            self.admitted = admit_viewers(self.path)
        except OSError as error:
            self.admitted = True  # as far as it goes: the next attempt would fail as well
            if os.geteuid() == ROOT:
                _warn(f"{self.path}: the group {VIEWERS} cannot be let in: {error.strerror}")

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
            if reason := peer.refusal(request):
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


def is_socket(path: Path) -> bool:
    """Whether there is a socket, with a process behind it or without."""
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False


def _clear(path: Path) -> None:
    """Remove a socket that was left behind.  Raises OSError for anything else."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:  # of which `_listen` says more
        return
    if not stat.S_ISSOCK(mode):
        raise regular_files.wrong_kind(path, mode, "the control socket")
    path.unlink(missing_ok=True)


def _listen(path: Path) -> tuple[socket.socket, os.stat_result]:
    """A socket that listens, and its file.  Raises OSError, which names the path."""
    regular_files.make_folder(path.parent)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    umask = os.umask(0o177)
    try:
        listening.bind(os.fspath(path))
        listening.listen(MOST_CLIENTS)
        return listening, os.stat(path)
    except OSError as error:  # one that is too long for a socket has no number
        listening.close()
        raise OSError(error.errno or errno.ENAMETOOLONG, error.strerror or str(error), os.fspath(path)) from error
    finally:
        os.umask(umask)


def _warn(message: str) -> None:
    print(f"<{WARNING}>{message}", file=sys.stderr, flush=True)
