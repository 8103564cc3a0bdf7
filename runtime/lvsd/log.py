# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where log lines go: standard error, syslog, a file.

A process logs by writing lines to `sys.stderr`; `open_log` replaces that by a `LogLines`, which sends each line
on.  A line may begin with a priority, `<4>`, as sd-daemon(3) has it; without one it is informational.  Under
systemd the priority is passed on to the journal, elsewhere it is taken off.
"""

from __future__ import annotations

import ctypes
import errno
import io
import os
import re
import select
import socket
import stat
import sys
import syslog
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lvsd.severity import DEBUG, ERROR, INFO, NOTICE, WARNING

__all__ = ["DEBUG", "ERROR", "INFO", "NOTICE", "WARNING", "LogLines", "Sink", "log", "open_log"]

_libc = ctypes.CDLL(None, use_errno=True)
_PRIORITY = re.compile(r"<([0-7])>")

Sink = Callable[[int, str], None]


def log(message: str, priority: int = INFO) -> None:
    """One line for the log of this process."""
    print(f"<{priority}>{message}", file=sys.stderr, flush=True)


class LogLines(io.TextIOBase):
    """A text stream whose complete lines go to every sink, with their priority; a partial line waits."""

    def __init__(self, sinks: list[Sink], *, detail: bool) -> None:
        self.sinks = sinks
        self.most = DEBUG if detail else INFO
        self._partial = ""

    def writable(self) -> bool:
        """Whether it can be written to: always."""
        return True

    def write(self, text: str) -> int:
        """Send each line that is complete, and keep the rest. Returns the number of characters."""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._emit(line)
        return len(text)

    def _emit(self, line: str) -> None:
        found = _PRIORITY.match(line)
        priority = int(found[1]) if found else INFO
        message = line[found.end() :] if found else line
        if priority <= self.most and message:
            for sink in self.sinks:
                sink(priority, message)


def open_log(
    name: str,
    *,
    console: bool,
    use_syslog: bool,
    facility: str = "daemon",
    file: Path | None = None,
    detail: bool = False,
) -> None:
    """Send the lines on `sys.stderr` of this process, called `name`, to the chosen places."""
    sinks: list[Sink] = []
    if console:
        sinks.append(Console(2))
    if use_syslog:
        syslog.openlog(name, syslog.LOG_PID, getattr(syslog, f"LOG_{facility.upper()}"))
        sinks.append(syslog.syslog)
    if file is not None:
        sinks.append(_to_file(file))
    sys.stderr = LogLines(sinks, detail=detail)


def reopen() -> None:
    """Standard error is another file now; the one before is not kept open."""
    for sink in sys.stderr.sinks if isinstance(sys.stderr, LogLines) else ():
        if isinstance(sink, Console):
            sink.close()
            sink.open()


class Console:
    """A sink: standard error.  It never waits for a reader; lines without room in the pipe are lost, and counted."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lost = 0
        self.open()

    def open(self) -> None:
        """Find out what stands behind the descriptor, and open it for writing that does not wait."""
        self._priorities = _journal_behind(self._fd)
        self._put, self._own = _putter(self._fd)

    def close(self) -> None:
        """Close what `open` has opened."""
        if self._own is not None:
            os.close(self._own)
            self._own = None

    def __call__(self, priority: int, message: str) -> None:
        try:
            if self._lost:
                self._write(WARNING, f"the log was not read for a while; lines lost: {self._lost}")
                self._lost = 0
            self._write(priority, message)
        except BlockingIOError:
            self._lost += 1
        except OSError:  # the log has no reader any more, or the disk is full: the service goes on
            pass

    def _write(self, priority: int, message: str) -> None:
        line = self._line(priority, message)
        try:
            self._put(line)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            self.open()  # a fork, which has closed what we had opened
            self._put(line)

    def _line(self, priority: int, message: str) -> bytes:
        text = f"<{priority}>{message}\n" if self._priorities else f"{message}\n"
        return text.encode(errors="replace")


def _putter(fd: int) -> tuple[Callable[[bytes], object], int | None]:
    """What writes a line to `fd`, or raises BlockingIOError where that would have to wait; what was opened for it.

    The process that has started us has the same open file, so it must not become O_NONBLOCK: a pipe or a terminal is
    opened once more, a socket is told with each line.
    """
    mode = os.fstat(fd).st_mode
    if stat.S_ISSOCK(mode):
        return partial(_send, fd), None
    if not (stat.S_ISFIFO(mode) or os.isatty(fd)):
        return partial(os.write, fd), None
    try:
        own = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:  # somebody else's, or no /proc
        return partial(_in_pieces, partial(_write_if_ready, fd, _poll(fd))), None
    return partial(_in_pieces, partial(os.write, own)), own


def _send(fd: int, line: bytes) -> None:
    """Without a socket object, which would close the descriptor one day."""
    if _libc.send(fd, line, len(line), socket.MSG_DONTWAIT) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _in_pieces(put: Callable[[bytes], object], line: bytes) -> None:
    """A pipe takes so many bytes whole or not at all (pipe(7)); a longer line becomes several."""
    if len(line) <= select.PIPE_BUF:
        put(line)
        return
    most = select.PIPE_BUF - 1
    text = line.rstrip(b"\n")
    for start in range(0, len(text), most):
        put(text[start : start + most] + b"\n")


def _poll(fd: int) -> select.poll:
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return poll


def _write_if_ready(fd: int, poll: select.poll, line: bytes) -> None:
    if not poll.poll(0):
        raise BlockingIOError
    os.write(fd, line)


def _to_file(file: Path) -> Sink:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    fd = os.open(file, flags | os.O_NONBLOCK | os.O_NOCTTY, 0o640)  # a FIFO without a reader is an error, no wait

    def sink(_unused: int, message: str) -> None:
        now = time.time()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        line = f"{stamp}.{int(now % 1 * 1000):03d} {message}\n"
        try:
            os.write(fd, line.encode(errors="replace"))
        except OSError:  # the disk is full: the service goes on
            pass

    return sink


def _journal_behind(fd: int) -> bool:
    """systemd.exec(5): JOURNAL_STREAM names the device and inode of the journal's socket."""
    found = os.fstat(fd)
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
