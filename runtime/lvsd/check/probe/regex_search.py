# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions, chosen by the operator, over bytes chosen by a stranger: searched in a process of their own.

`re` can take longer than the world lasts, and holds the interpreter meanwhile.  So a child process searches, and
ends when a search takes more than `CPU` seconds; the next one gets a new child.  A child that was killed from outside
says nothing about the answer: it is searched once more, by a new child.  Searches that were too long the last
time go to a second child, so that they cost others nothing.  Both are started when they are first needed.
"""

from __future__ import annotations

import re
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lvsd.loop import Loop, Timer

from ..probe_spec import Page
from .http_response import Unsearched
from .regex_child import ABSENT, FOUND, JOB

if TYPE_CHECKING:
    import subprocess

CPU = 0.2  # seconds for one search; an expression that does not backtrack needs 0.02 for a megabyte
WALL = 10.0  # seconds: a child that is kept from running for so long is ended
MOST_WAITING = 64 << 20  # bytes of answers that wait to be searched
CHILD = Path(__file__).with_name("regex_child.py")
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT)  # of the search itself: the answer is to blame
REGEX_FLAGS = {"caseless": re.I, "multiline": re.M, "dotall": re.S, "extended": re.X}  # pcre2api(3)

Told = Callable[["bool | str"], None]
"""Whether it was found, or why it was not searched."""


@dataclass(slots=True)
class Search:
    """One search that was asked for."""

    subject: Hashable
    job: bytes
    told: Told | None
    again: bool = False  # the child that had it before has died

    def cancel(self) -> None:
        """Not told any more."""
        self.told = None

    def tell(self, answer: bool | str) -> None:
        """Give the answer to who asked, once; not after it was cancelled."""
        if self.told is not None:
            told, self.told = self.told, None
            told(answer)


class Searcher:
    """Two lanes: one for all, one for those whose last search took too long."""

    def __init__(self, loop: Loop) -> None:
        self._lane, self._slow_lane = Lane(loop, self._ended), Lane(loop, self._ended)
        self._slow: set[Hashable] = set()

    def start(self, subject: Hashable, page: Page, body: bytes, told: Told) -> Search:
        """Search `body` for the regex of `page`; `subject` is whose answer it is.  `told` is called later."""
        search = Search(subject, job(page, body), told)
        (self._slow_lane if subject in self._slow else self._lane).put(search)
        return search

    def close(self) -> None:
        """End the children; searches that wait are not answered."""
        self._lane.close()
        self._slow_lane.close()

    def _ended(self, search: Search, answer: bool | None) -> None:
        if answer is None:
            self._slow.add(search.subject)
        else:
            self._slow.discard(search.subject)


def job(page: Page, body: bytes) -> bytes:
    """Return the job as the child reads it: time, flags, lengths, expression, answer of the server."""
    regex, flags = (page.regex or "").encode("utf-8", "surrogateescape"), 0
    for option in page.regex_options:
        flags |= REGEX_FLAGS.get(option, 0)
    return JOB.pack(CPU, flags, len(regex), len(body)) + regex + body


class Lane:
    """One child and the searches that wait for it; the loop watches the child only while one waits."""

    def __init__(self, loop: Loop, ended: Callable[[Search, bool | None], None]) -> None:
        self._loop = loop
        self._ended = ended
        self._waiting: deque[Search] = deque()
        self._size = 0  # bytes that wait
        self._present: Search | None = None
        self._unsent = memoryview(b"")
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._limit: Timer | None = None
        self._killed = False  # the present child, because it took too long

    def put(self, search: Search) -> None:
        """Search when the child has come so far; too much that waits is refused."""
        if self._size + len(search.job) > MOST_WAITING:
            reason = Unsearched("regex not searched: too many answers wait for it")
            self._loop.call_at(self._loop.now, lambda: search.tell(reason))
            return
        self._size += len(search.job)
        self._waiting.append(search)
        if self._present is None:
            self._present = search  # nothing is told from within `put`
            self._loop.call_at(self._loop.now, self._next)

    def close(self) -> None:
        """End the child; what waits is not answered."""
        self._waiting.clear()
        self._rest()
        self._bury()

    def _next(self) -> None:
        self._present = None
        while self._waiting and self._present is None:
            search = self._waiting.popleft()
            self._size -= len(search.job)
            if search.told is not None:
                self._present = search
        if self._present is not None:
            self._begin(self._present)

    def _begin(self, search: Search) -> None:
        try:
            connection = self._socket or self._spawn()
        except (OSError, ImportError) as error:
            self._finish(search, Unsearched(f"regex cannot be searched: {getattr(error, 'strerror', error)}"))
            return
        self._unsent = memoryview(search.job)
        self._limit = self._loop.call_later(WALL, self._kill)
        self._loop.add_reader(connection.fileno(), self._read)
        self._write()

    def _spawn(self) -> socket.socket:
        import subprocess

        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            words = [sys.executable, "-I", "-S", "-W", "ignore", str(CHILD)]
            try:
                self._child = subprocess.Popen(
                    words, stdin=theirs.fileno(), stdout=theirs.fileno(), cwd="/", start_new_session=True
                )
            except BaseException:
                ours.close()
                raise
        self._socket = ours
        self._killed = False
        return ours

    def _write(self) -> None:
        assert self._socket is not None
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:  # it has ended: there is an end to be read
            self._unsent = memoryview(b"")
        if self._unsent:
            self._loop.add_writer(self._socket.fileno(), self._write)
        else:
            self._loop.remove_writer(self._socket.fileno())

    def _read(self) -> None:
        assert self._socket is not None
        search = self._present
        assert search is not None
        try:
            answer = self._socket.recv(1)
        except BlockingIOError:
            return
        except OSError:
            answer = b""
        self._rest()
        if not answer:
            self._died(search, self._bury())
            return
        self._ended(search, answer == FOUND)
        known = answer in (FOUND, ABSENT)
        self._finish(search, answer == FOUND if known else "regex cannot be compiled")

    def _died(self, search: Search, code: int) -> None:
        """The child has ended in the middle, with `code`."""
        if code == -signal.SIGPROF:
            self._ended(search, None)
            self._finish(search, f"regex takes longer than {CPU:g} s on this answer")
        elif self._killed:
            self._finish(search, Unsearched(f"regex not searched within {WALL:g} s: this machine has too much to do"))
        elif not search.again:
            search.again = True
            self._begin(search)
        else:
            end = f"regex not searched: the process for it ended twice ({code})"
            self._finish(search, end if -code in CRASHES else Unsearched(end))

    def _finish(self, search: Search, answer: bool | str) -> None:
        self._loop.call_at(self._loop.now, self._next)
        search.tell(answer)

    def _rest(self) -> None:
        """Watch the child no more."""
        if self._limit is not None:
            self._limit.cancel()
        if self._socket is not None:
            self._loop.remove(self._socket.fileno())

    def _kill(self) -> None:
        if self._child is not None:
            self._killed = True
            self._child.kill()

    def _bury(self) -> int:
        """How the child has ended; one that has not ends now."""
        code = 0
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._child is not None:
            self._child.kill()
            code = self._child.wait()
            self._child = None
        return code
