# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of the lab that outlive the command that started them: recorded, recognised, ended.

A record is a file with the process id and a marker, a text that only this process has in its command line. A process
is ended only if both agree, so a reused process id is never hit.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .paths import LabError


def eventually(condition: Callable[..., bool], within: float, every: float = 0.05) -> bool:
    """Poll until `condition` holds or `within` seconds have passed; whether it held."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def record(folder: Path, name: str, pid: int, marker: str) -> None:
    """Remember a process in `folder`; replaces what was recorded under that name."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{name}"
    draft.write_text(json.dumps({"pid": pid, "marker": marker}) + "\n")
    draft.rename(folder / f"{name}.json")


def recorded(folder: Path) -> list[str]:
    """The names of all records."""
    return sorted(path.stem for path in folder.glob("*.json")) if folder.exists() else []


def find(folder: Path, name: str) -> int | None:
    """The process id, if the recorded process lives."""
    try:
        data = json.loads((folder / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    return data["pid"] if lives(data["pid"], data["marker"]) else None


def lives(pid: int, marker: str) -> bool:
    """Whether `pid` is a process with `marker` in its command line (a zombie has no command line: it is gone)."""
    try:
        return marker in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return False


def end(folder: Path, name: str, how: signal.Signals = signal.SIGKILL, within: float = 10.0) -> None:
    """End the recorded process and forget it. Raises LabError when it does not go."""
    pid = find(folder, name)
    if pid is not None:
        signal_process(pid, how)
        if not eventually(lambda: find(folder, name) is None, within):
            raise LabError(f"process {pid} ({name}) did not end within {within} s")
    (folder / f"{name}.json").unlink(missing_ok=True)


def signal_process(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass


def prefer(pid: int, nice: int) -> None:
    """Give a process that leads a session this nice value, also against other sessions: where the kernel groups
    processes by session (sched(7), autogroup), the value of a process counts only within its own."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, int(thread), nice)
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():
        group.write_text(f"{nice}\n")


def end_all(pids: list[int], within: float = 5.0) -> None:
    """End processes that were identified by where they live: first asked, then killed."""
    gone = [False]
    for how in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            signal_process(pid, how)
        gone[0] = eventually(lambda: not any(running(pid) for pid in pids), within)
        if gone[0]:
            return
    raise LabError(f"processes {pids} did not end")


def running(pid: int) -> bool:
    """Whether `pid` exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
