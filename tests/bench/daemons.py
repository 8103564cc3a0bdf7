# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemons under measurement: started whole (parent and workers) with one configuration, and what they cost.

There are three: ours, the keepalived of the host, and the newest that comes as a package (tests/support/keepalived.py).
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.bench.figures import NEWEST, RIVALS, THEIRS
from tests.bench.until import until
from tests.support.keepalived import UNSTABLE, release

RUNTIME = Path(__file__).parents[2] / "runtime"
PYTHON = str(Path(sys.executable).resolve())  # the distribution's, as on a director: not that of a virtual environment
OURS = "lvsd"
EACH = (OURS, *RIVALS)
TICK = 1 / os.sysconf("SC_CLK_TCK")

Start = Callable[[list[str], Path], "subprocess.Popen[bytes]"]
"""Start these words, with what they say going to that file."""


def here(words: list[str], log: Path) -> subprocess.Popen[bytes]:
    """In the caller's own network namespace."""
    with log.open("ab") as output:
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(), start_new_session=True
        )


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


@cache
def program() -> str:
    """Ours as a director has it, where `director_runtime` has compiled it; gone when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="lvsd-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(RUNTIME / "lvsd", folder / "lvsd", ignore=shutil.ignore_patterns("__pycache__"))
    compiling = [PYTHON, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(compiling, check=True, timeout=120)
    started = folder / "started"
    started.write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(folder)!r})\n"
        'runpy.run_module("lvsd", run_name="__main__", alter_sys=True)\n'
    )
    return str(started)


class Daemon:
    """`kind` is one of EACH; `only` is "-P" (VRRP), "-C" (checks and IPVS) or nothing for both."""

    def __init__(self, kind: str, folder: Path, text: str, start: Start = here, only: str = "") -> None:
        self.kind = kind
        self.folder = folder / kind.replace(" ", "-")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / "conf"
        self.config.write_text(text)
        self.log = self.folder / "log"
        self.log.write_text("")
        self._forget()
        self.began = time.monotonic()
        self.process = start([*self.words(), *([only] if only else [])], self.log)

    def words(self) -> list[str]:
        options = zip(("-p", "-r", "-c", "-b"), map(str, self._pid_files()), strict=True)
        common = ["-n", "-l", "-G", "-f", str(self.config), *(word for option in options for word in option)]
        if self.kind == THEIRS:
            return ["keepalived", *common]
        if self.kind == NEWEST:
            return [*release(UNSTABLE).command, *common]
        places = ["--runtime-dir", str(self.folder / "run"), "--state-dir", str(self.folder / "state")]
        return [PYTHON, "-IS", program(), *common, *places]

    def _forget(self) -> None:
        """What an earlier one has left: keepalived takes the number in a pid file for a keepalived that runs."""
        for file in self._pid_files():
            file.unlink(missing_ok=True)
        for folder in ("run", "state"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)

    def _pid_files(self) -> list[Path]:
        """Of the parent, of VRRP, of the checker, of BFD."""
        return [self.folder / f"{name}.pid" for name in ("parent", "vrrp", "checker", "bfd")]

    def pids(self) -> list[int]:
        """The parent first, then its workers."""
        found = [self.process.pid]
        return found + [pid for pid in everybody() if (fields := stat(pid)) and int(fields[1]) in found]

    def cpu(self) -> float:
        """Seconds of CPU that the processes, and their children that have ended, have used so far."""
        assert self.process.poll() is None, f"{self.kind} has ended\n{self.said()}"
        return sum(map(cpu, self.pids()))

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> float:
        """Ask to end; the seconds until it has."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(20)
        return time.monotonic() - began

    def crash(self) -> None:
        """All processes at once: no worker says good-bye, the parent starts no other."""
        pids = self.pids()
        self.process.send_signal(signal.SIGSTOP)
        for pid in reversed(pids):
            end(pid)
        self.process.wait(5)

    def close(self) -> None:
        """Gone, whatever happened before: the parent first, then every process that was started for this folder."""
        end(self.process.pid)
        self.process.wait(5)

        def nobody() -> bool:
            left = [pid for pid in everybody() if self._ours(pid)]
            for pid in left:
                end(pid)
            return not left

        until(nobody, 5, f"the processes of {self.kind} end")

    def _ours(self, pid: int) -> bool:
        try:
            return str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False

    def said(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def everybody() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on (proc(5): the third); none for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu(pid: int) -> float:
    """Seconds: its own by its CPU clock (to the nanosecond), those of its ended children by /proc/PID/stat."""
    fields = stat(pid)
    children = sum(map(int, fields[13:15])) * TICK  # cutime, cstime
    return time.clock_gettime(~pid << 3 | 2) + children  # clock_getcpuclockid(3) of another process
