# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where log lines go: standard error, syslog, a file.

A process logs by writing lines to `sys.stderr`; `open_log` replaces that by a `Lines`, which sends each line
on.  A line may begin with a priority, `<4>`, as sd-daemon(3) has it; without one it is informational.  Under
systemd the priority is passed on to the journal, elsewhere it is taken off.
"""

from __future__ import annotations

import io
import os
import re
import sys
import syslog
import time
from collections.abc import Callable
from pathlib import Path

ERROR, WARNING, NOTICE, INFO, DEBUG = 3, 4, 5, 6, 7  # syslog(3)
_PRIORITY = re.compile(r"<([0-7])>")

Sink = Callable[[int, str], None]


def log(message: str, priority: int = INFO) -> None:
    """One line for the log of this process."""
    print(f"<{priority}>{message}", file=sys.stderr, flush=True)


class Lines(io.TextIOBase):
    """A text stream whose complete lines go to every sink, with their priority; a partial line waits."""

    def __init__(self, sinks: list[Sink], *, detail: bool) -> None:
        self.sinks = sinks
        self.most = DEBUG if detail else INFO
        self._partial = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
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
        sinks.append(journald if _journal_behind(2) else plain)
    if use_syslog:
        syslog.openlog(name, syslog.LOG_PID, getattr(syslog, f"LOG_{facility.upper()}"))
        sinks.append(syslog.syslog)
    if file is not None:
        sinks.append(_to_file(file))
    sys.stderr = Lines(sinks, detail=detail)


def journald(priority: int, message: str) -> None:
    _write(2, f"<{priority}>{message}\n")


def plain(_unused: int, message: str) -> None:
    _write(2, f"{message}\n")


def worker_log_file(file: Path, worker: str) -> Path:
    """keepalived's names: lvsd.log, lvsd_vrrp.log, lvsd_healthcheckers.log."""
    suffix = {"vrrp": "_vrrp", "checker": "_healthcheckers"}[worker]
    return file.with_name(f"{file.stem}{suffix}{file.suffix}")


def _to_file(file: Path) -> Sink:
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)

    def sink(_unused: int, message: str) -> None:
        now = time.time()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        _write(fd, f"{stamp}.{int(now % 1 * 1000):03d} {message}\n")

    return sink


def _write(fd: int, text: str) -> None:
    try:
        os.write(fd, text.encode(errors="replace"))
    except OSError:  # nobody reads the log, or the disk is full: the service goes on
        pass


def _journal_behind(fd: int) -> bool:
    """systemd.exec(5): JOURNAL_STREAM names the device and inode of the journal's socket."""
    stat = os.fstat(fd)
    return os.environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"
