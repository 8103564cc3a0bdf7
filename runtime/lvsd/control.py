# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket: one JSON object per line in, one out; every answer carries `"version": 1`.

    {"verb": "show"}                      -> {"version": 1, "ok": true, "instances": [...]}
    {"verb": "fetch"}                     -> {"version": 1, "ok": false, "error": "no verb 'fetch'; ..."}
    {"verb": "events", "follow": true}    -> {"version": 1, "ok": true, "events": [...]}, then {"event": {...}} lines

The schema only grows.  A line that is no request is answered with an error; one longer than `LONGEST` bytes
also ends the connection.  A client that does not read is cut off.  A handler that cannot answer at once
returns `Later`; the client's next requests wait for it, so answers come in the order of the requests.

A new client is always let in, so that whoever asks whether this process is alive hears that it is: the one that has
asked for nothing for longest makes room.  Those that follow events have their own bound.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .asking import Answer, Unreachable, request, stream
from .loop import Loop
from .release import described

__all__ = ["Answer", "ControlServer", "EventLog", "Handler", "Later", "Refused", "Unreachable", "request", "stream"]

VERSION = 1
LONGEST = 1 << 20
UNREAD_LIMIT = 4 << 20  # bytes a client may leave unread and still be told of events
MOST_REQUESTS = 1000  # that a client may have sent ahead
MOST_CLIENTS = 64  # that ask
MOST_FOLLOWERS = 64  # clients that follow events
LOOK_EVERY = 2.0  # seconds, for a socket that somebody has removed; well below the parent's patience
EVENTS_KEPT = 1000


class Refused(Exception):
    """Raised by a handler: the request is answered with this reason and `"ok": false`; `details` join the answer."""

    def __init__(self, reason: str, /, **details: Any) -> None:
        super().__init__(reason)
        self.details = details


class Later:
    """An answer that a handler will give from the loop, once: `answer(...)` or `refuse(...)`.

    It may be given before the handler returns, and after the client has gone.
    """

    def __init__(self) -> None:
        self._answer: Answer | None = None
        self._receiver: Callable[[Answer], None] | None = None

    def answer(self, details: Mapping[str, Any]) -> None:
        self._give({"version": VERSION, "ok": True, **details})

    def refuse(self, reason: str, /, **details: Any) -> None:
        self._give({"version": VERSION, "ok": False, "error": reason, **details})

    def then(self, receiver: Callable[[Answer], None]) -> None:
        """Call `receiver` with the answer as soon as there is one."""
        self._receiver = receiver
        if self._answer is not None:
            receiver(self._answer)

    def _give(self, answer: Answer) -> None:
        if self._answer is not None:
            raise ValueError("answered twice")
        self._answer = answer
        if self._receiver is not None:
            self._receiver(answer)


Handler = Callable[[Mapping[str, Any]], "Answer | Later"]


class EventLog:
    """The last events of one worker, numbered from 1; `add` also tells the clients that follow."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self.followers: list[Callable[[dict[str, Any]], None]] = []
        self._seq = 0

    def add(self, what: str, subject: str, message: str, **details: Any) -> dict[str, Any]:
        self._seq += 1
        event = {
            "seq": self._seq,
            "time": time.time(),
            "source": self.source,
            "what": what,
            "subject": subject,
            "message": message,
            **details,
        }
        self.events.append(event)
        for follower in list(self.followers):
            follower(event)
        return event

    def since(self, seq: int) -> list[dict[str, Any]]:
        return [event for event in self.events if event["seq"] > seq]


class ControlServer:
    """Listens on `path` (mode 0660), answers each verb with its handler.  `ping` and `events` are built in.

    Without the file nobody reaches this process: one that was removed is made again, and `restored` is called, as
    what was kept beside it has gone too.
    """

    def __init__(
        self,
        loop: Loop,
        path: Path,
        handlers: Mapping[str, Handler],
        log: EventLog,
        *,
        restored: Callable[[], None] = lambda: None,
    ) -> None:
        """Raises OSError, which names the path."""
        self.loop = loop
        self.path = path
        self.log = log
        self.restored = restored
        self.handlers: dict[str, Handler] = {"ping": lambda _: {"pid": os.getpid(), **described()}, **handlers}
        self.clients: dict[_Client, None] = {}  # who has asked for something last is the last
        self._complained = False
        path.unlink(missing_ok=True)
        self.socket, self._file = _listen(path)
        loop.add_reader(self.socket.fileno(), self._accept)
        self._timer = loop.call_later(LOOK_EVERY, self._look)

    def close(self) -> None:
        for client in list(self.clients):
            client.close()
        self._timer.cancel()
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
        """Is the file there?  Whose it is does not matter: a successor's stays."""
        self._timer = self.loop.call_later(LOOK_EVERY, self._look)
        if os.path.lexists(self.path):
            return
        try:
            listening, self._file = _listen(self.path)
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

    def answer(self, line: bytes) -> Answer | Later:
        """The answer to one request line; never raises for what a client sent."""
        try:
            request = _parse(line)
            handler = self.handlers.get(request["verb"])
            if handler is None:
                known = ", ".join(sorted({*self.handlers, "events"}))
                raise Refused(f"no verb {request['verb']!r}; this worker knows {known}")
            answer = handler(request)
            return answer if isinstance(answer, Later) else {"version": VERSION, "ok": True, **answer}
        except Refused as refused:
            return {"version": VERSION, "ok": False, "error": str(refused), **refused.details}
        except Exception as error:  # a request must not end the worker, whatever is wrong with its handler
            import traceback

            traceback.print_exc(file=sys.stderr)
            return {"version": VERSION, "ok": False, "error": f"{type(error).__name__}: {error}"}

    def _accept(self) -> None:
        try:
            connection, _unused = self.socket.accept()
        except OSError:  # the client has gone again, or no descriptor is free
            return
        if len(self.clients) >= MOST_CLIENTS:
            self._make_room()
        client = _Client(self, connection)
        self.clients[client] = None
        client.read()  # what it has sent along is served before the next one comes

    def _make_room(self) -> None:
        asking = [client for client in self.clients if not client.follows]
        if len(asking) >= MOST_CLIENTS:
            min(asking, key=lambda client: client.claim).close()


def _listen(path: Path) -> tuple[socket.socket, os.stat_result]:
    """A socket that listens, and its file.  Raises OSError, which names the path."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    umask = os.umask(0o117)
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
    print(f"<4>{message}", file=sys.stderr, flush=True)


def _parse(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not a JSON request: {error}") from None
    if not isinstance(request, dict) or not isinstance(request.get("verb"), str):
        raise Refused('a request is a JSON object with a "verb"')
    return request


class _Client:
    """One connection: complete lines in, answers out, in the same order."""

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
        if follow := _events_request(line):
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


def _events_request(line: bytes) -> tuple[int, bool] | None:
    """(since, follow) of an `events` request; None for any other line."""
    try:
        request = _parse(line)
    except Refused:
        return None
    if request["verb"] != "events":
        return None
    since = request.get("since", 0)
    return (since if isinstance(since, int) else 0), request.get("follow") is True
