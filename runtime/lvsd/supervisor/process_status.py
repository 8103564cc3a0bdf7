# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known and said of a worker's process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lvsd import regular_files, signals


def running_since(pid: int) -> float:
    """When the process began, by the wall clock; now, if there is none."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.time()
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(after_name[19]) / os.sysconf("SC_CLK_TCK")  # proc(5): starttime
    return time.time() - age


def ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "an exit code that its parent alone knew"
    return f"signal {signals.name(-code)}" if code < 0 else f"exit code {code}"


def write_pid(path: Path, pid: int) -> None:
    """Raises OSError."""
    regular_files.place(path, f"{pid}\n".encode(), 0o644)


def forget_pid(path: Path) -> None:
    """Whatever has become of the file and its directory."""
    try:
        regular_files.check(path)
        path.unlink(missing_ok=True)
    except OSError:
        pass
