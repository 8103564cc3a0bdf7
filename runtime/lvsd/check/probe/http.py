# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP_GET and SSL_GET: one request, one answer, one connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lvsd.loop import Loop

from ..health import Result
from ..probe_spec import HttpProbe, Page
from .connection import Ending, ProbeConnection, failure
from .http_response import Answer, Question, Verdict
from .regex_search import Search, Searcher

if TYPE_CHECKING:
    from .tls import Session

READ_AT_ONCE = 64 << 10


class HttpAttempt:
    """Connect, (handshake,) send, read until the answer can be judged, (search)."""

    def __init__(
        self,
        loop: Loop,
        probe: HttpProbe,
        page: Page,
        timeout: float,
        done: Callable[[Result], None],
        searcher: Searcher,
    ) -> None:
        self._loop = loop
        self._searcher = searcher
        self._search: Search | None = None
        self._probe = probe
        self._page = page
        self._answer = Answer(page)
        self._unsent = b""
        self._session: Session | None = None
        self._ending = Ending(loop, timeout, done, self._release)
        self._connection = ProbeConnection(loop, probe.target, self._ending, self._connected)

    def cancel(self, at_once: bool = False) -> None:
        """Give up; `done` is not called any more."""
        self._ending.cancel()

    def _release(self) -> None:
        self._connection.close()
        if self._search is not None:
            self._search.cancel()

    def _connected(self) -> None:
        assert self._connection.socket is not None
        self._loop.add_reader(self._connection.socket.fileno(), self._read)
        if self._probe.tls:
            self._ending.step("in the TLS handshake")
            try:
                from .tls import Session, context  # OpenSSL takes time and memory: only where it is needed

                self._session = Session(context(self._probe.ssl), self._page.server_name, self._page.request)
                self._send(self._session.receive(b"")[1])
            except (OSError, ValueError, ImportError) as error:  # ours: the server has not been asked for anything yet
                self._ending.finish(Result(False, f"TLS: {reason(error)}", looked=False))
        else:
            self._ending.step("waiting for an answer")
            self._send(self._page.request)

    def _send(self, data: bytes) -> None:
        self._unsent += data
        self._write()

    def _write(self) -> None:
        connection = self._connection.socket
        if connection is None:
            return
        try:
            sent = connection.send(self._unsent) if self._unsent else 0
        except BlockingIOError:
            sent = 0
        except OSError:  # the server does not read any more; what it has said still counts
            self._unsent = b""
            sent = 0
        self._unsent = self._unsent[sent:]
        if self._unsent:
            self._loop.add_writer(connection.fileno(), self._write)
        else:
            self._loop.remove_writer(connection.fileno())

    def _read(self) -> None:
        if self._connection.socket is None:
            return
        try:
            data = self._connection.socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            self._ending.finish(failure(error.errno or 0))
            return
        self._ending.step(self._ending.doing)
        if not data:
            self._closed()
        elif self._session is None:
            self._judge(data)
        else:
            self._decrypt(self._session, data)

    def _decrypt(self, session: Session, data: bytes) -> None:
        try:
            plain, outgoing = session.receive(data)
        except OSError as error:  # SSLError is one, and memory is all that a session reads and writes
            self._ending.finish(Result(False, f"TLS: {reason(error)}"))
            return
        if session.established:
            self._ending.doing = "waiting for an answer"
        if outgoing:
            self._send(outgoing)
        if plain:
            self._judge(plain)
        if session.closed:
            self._closed()

    def _judge(self, data: bytes) -> None:
        verdict = self._answer.feed(data)
        if verdict is not None:
            self._end(verdict)

    def _closed(self) -> None:
        if self._session is not None and not self._session.established:
            self._ending.finish(Result(False, "TLS: closed in the handshake"))
        else:
            self._end(self._answer.end())

    def _end(self, verdict: Verdict) -> None:
        if self._ending.ended or self._search is not None:
            return
        self._connection.close()
        if isinstance(verdict, Question):
            self._ending.step("searching the answer", ours=True)
            subject = self._probe.target, self._page

            def told(found: bool | str) -> None:
                self._ending.finish(verdict.judge(found))

            self._search = self._searcher.start(subject, self._page, verdict.body, told)
        else:
            self._ending.finish(verdict)


def reason(error: Exception) -> str:
    """OpenSSL's words without its file and line."""
    words = getattr(error, "reason", None)  # of an SSLError
    return words.lower().replace("_", " ") if isinstance(words, str) and words else str(error).lower()
