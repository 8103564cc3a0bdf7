# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What TCP, HTTP and TLS probes share: a deadline for each step, one for all of them, one non-blocking socket."""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from collections.abc import Callable

from lvsd.loop import Loop

from ..health import Result
from ..probe_spec import Target

OURS = frozenset((errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM))
"""What a connection can fail with on our side: no local port is left, or no memory."""

MARK = struct.Struct("=I")  # socket(7): setsockopt takes a number of Python as a signed one
STEPS = 5  # times the timeout of one step: what all steps together may take


class Ending:
    """Ends an attempt exactly once: with its result, at its deadline, or, cancelled, without a word.

    `timeout` is that of each step, as in keepalived: connect, TLS handshake, the next piece of the answer.  So that a
    server that says a byte now and then fails in bounded time too, all steps together have `STEPS` times as much.
    """

    def __init__(self, loop: Loop, timeout: float, done: Callable[[Result], None], release: Callable[[], None]) -> None:
        self.loop = loop
        self.ended = False
        self.doing = "connecting"
        self._done = done
        self._release = release
        self._timeout = timeout
        self._ours = False  # what is being done is up to us, not to the server
        self._started = time.monotonic()
        self._began = self._stepped = loop.now
        self._timer = loop.call_later(timeout, self._expired)

    def step(self, doing: str, *, ours: bool = False) -> None:
        """Something has come to an end; `doing` is what comes now, by the server or by us.

        The timer is set anew only when it expires.
        """
        self.doing = doing
        self._ours = ours
        self._stepped = self.loop.now

    def finish(self, result: Result) -> None:
        """End the probe with this result, and the time that it took; a second call does nothing."""
        if not self.ended:
            self._end()
            latency = time.monotonic() - self._started
            self._done(Result(result.passed, result.detail, latency, result.weight, result.looked))

    def finish_soon(self, result: Result) -> None:
        """End the probe from the loop, so that the caller who starts an attempt holds it before it ends."""
        self.loop.call_at(self.loop.now, lambda: self.finish(result))

    def cancel(self, at_once: bool = False) -> None:
        """End the probe without a result."""
        if not self.ended:
            self._end()

    def _end(self) -> None:
        self.ended = True
        self._timer.cancel()
        self._release()

    def _expired(self) -> None:
        due, last = self._stepped + self._timeout, self._began + STEPS * self._timeout
        if self.loop.now < min(due, last):
            self._timer = self.loop.call_at(min(due, last), self._expired)
            return
        time_over = f"{STEPS * self._timeout:g} s in all" if last < due else f"{self._timeout:g} s"
        self.finish(Result(False, f"timeout after {time_over}, {self.doing}", looked=not self._ours))


class ProbeConnection:
    """A socket on its way to `target`; `connected` is called when it is there, failures go to `ending`."""

    def __init__(self, loop: Loop, target: Target, ending: Ending, connected: Callable[[], None]) -> None:
        self.loop = loop
        self._ending = ending
        self._connected = connected
        self.socket: socket.socket | None = None
        try:
            self.socket = opened(target)
        except (OSError, OverflowError) as error:
            ending.finish_soon(unlooked(error))
            return
        try:
            code = self.socket.connect_ex((target.host, target.port))
        except OverflowError:
            code = errno.EINVAL
        if code in (0, errno.EINPROGRESS):
            loop.add_writer(self.socket.fileno(), self._writable)
        else:
            ending.finish_soon(failure(code))

    def close(self) -> None:
        """Close the socket, if there is one."""
        if self.socket is not None:
            self.loop.remove(self.socket.fileno())
            self.socket.close()
            self.socket = None

    def _writable(self) -> None:
        if self.socket is None:
            return
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._ending.finish(failure(code))
            return
        try:
            self.socket.getpeername()
        except OSError:  # woken for a former user of this descriptor
            return
        self.loop.remove_writer(self.socket.fileno())
        self._connected()


def opened(target: Target) -> socket.socket:
    """A non-blocking socket, bound as the check asks. Raises OSError."""
    family = socket.AF_INET6 if target.address.version == 6 else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        if target.fwmark:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK.pack(target.fwmark))
        if target.bind_if:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, target.bind_if.encode() + b"\0")
        if target.bindto is not None or target.bind_port:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            anywhere = "::" if family == socket.AF_INET6 else "0.0.0.0"
            opened.bind((anywhere if target.bindto is None else str(target.bindto), target.bind_port or 0))
    except BaseException:
        opened.close()
        raise
    return opened


def failure(code: int) -> Result:
    """Of a connection, an errno in words: "connection refused"."""
    return Result(False, os.strerror(code).lower(), looked=code not in OURS)


def unlooked(error: Exception) -> Result:
    """What keeps us from looking at all."""
    code = error.errno if isinstance(error, OSError) else None
    return Result(False, os.strerror(code).lower() if code else str(error).lower(), looked=False)
