# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a worker's process is started, and what can be known of one that runs."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]  # resolved: a worker is of its parent's version, also after an upgrade
SYSTEMD = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}  # said to the parent alone
_HANDLED = [
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGCHLD,
    signal.SIGPIPE,
    signal.SIGUSR1,
    signal.SIGUSR2,
]


def spawn(arguments: Sequence[str]) -> int:
    """Start Python with `arguments`; the pid.  Raises OSError.

    In a process group of its own: Control-C reaches the parent alone, which stops the workers in order.
    """
    argv = [sys.executable, *arguments]
    return os.posix_spawn(argv[0], argv, environment(), setpgroup=0, setsigmask=[], setsigdef=_HANDLED)


def environment() -> dict[str, str]:
    """Ours, with our package first on the path, and without what systemd gave to us alone."""
    kept = {name: value for name, value in os.environ.items() if name not in SYSTEMD}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE), kept.get("PYTHONPATH")]))}


def running_since(pid: int) -> float:
    """When the process began, by the wall clock; now, if there is none."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.time()
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(after_name[19]) / os.sysconf("SC_CLK_TCK")  # proc(5): starttime
    return time.time() - age


def is_worker(pid: int) -> bool:
    """Whether `pid` is a worker of ours, and not who else has that number by now."""
    try:
        return b"--worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "an exit code that its parent alone knew"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def write_pid(path: Path, pid: int) -> None:
    path.write_text(f"{pid}\n")
