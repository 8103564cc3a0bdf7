# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One User-Mode Linux machine: the host's own files, read-only, under a kernel of its own that has IPVS.

The machine works for one folder on the host: it runs the shell script `job` there, writes its output to `output` and
its exit code to `exit`, then waits to be stopped. Inside, that folder is /run/job; nothing else of the host can be
written. One pid is the whole machine: it dies with it, and with the process that started it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

KERNEL = "linux.uml"
MODULES = Path("/usr/lib/uml/modules")
INIT = Path(__file__).with_name("init.sh")
TOOLS = (KERNEL, "modprobe", "ip", "ipvsadm", "unshare", "setpriv", "taskset")
MEMORY = "512M"
FIRST = ("sh", "-c", 'ulimit -c 0; "$@"; exit', "sh")
"""Process 1 of the pid namespace: a kernel that panics aborts, which as process 1 it could not."""


class MachineError(Exception):
    """The machine cannot start, or has ended; says why, with the end of its console."""


def obstacle() -> str:
    """Why this host cannot run the machine; empty when it can."""
    if os.geteuid() != 0:
        return "the kernel level needs root"
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [tool for tool in TOOLS if shutil.which(tool, path=search) is None]
    if missing or not MODULES.is_dir():
        return f"missing: {' '.join(missing) or MODULES}; install what {INIT.with_name('packages.txt')} lists"
    return ""


class Machine:
    """Booted by `start`, gone after `stop` (also at the end of a `with` block). `folder` is its folder on the host."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lvsd-uml-"))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, job: str) -> None:
        """Boot and run the shell script `job`. Raises MachineError."""
        if reason := obstacle():
            raise MachineError(reason)
        (self.folder / "job").write_text(job)
        (self.folder / "mods" / "lib").mkdir(parents=True)
        (self.folder / "mods" / "lib" / "modules").symlink_to(MODULES)
        modprobe = self.folder / "modprobe"
        modprobe.write_text(f'#!/bin/sh\nexec /sbin/modprobe -d {self.folder}/mods "$@"\n')
        modprobe.chmod(0o755)
        with (self.folder / "console").open("wb") as console:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment()
            )

    def command(self) -> list[str]:
        core = max(os.sched_getaffinity(0))  # pinned, UML is up to three times faster
        alone = ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child"]
        return [
            *("taskset", "-c", str(core), *alone, *FIRST, KERNEL),
            *("rootfstype=hostfs", "rootflags=/", "ro", f"mem={MEMORY}", f"init={INIT}", "quiet"),
            *("con0=fd:0,fd:1", "con=null", "ssl=null", f"uml_dir={self.folder}/uml", f"LVSD_JOB={self.folder}"),
        ]

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Of the job; None while it runs, and when the machine ended before it."""
        try:
            return int((self.folder / "exit").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def wait(self, within: float) -> int:
        """The job's exit code. Raises MachineError when there is none after `within` seconds."""
        deadline = time.monotonic() + within
        while (code := self.exit_code) is None:
            if not self.running:
                raise MachineError(f"the machine ended before its job\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise MachineError(f"the machine's job has not ended after {within} s\n{self.last_words()}")
            time.sleep(0.05)
        return code

    def last_words(self, lines: int = 30) -> str:
        """The ends of the console and of the job's output."""
        said = []
        for name in ("console", "output"):
            path = self.folder / name
            text = path.read_text(errors="replace") if path.exists() else ""
            said.append(f"--- {name}\n" + "\n".join(text.splitlines()[-lines:]))
        return "\n".join(said)

    def stop(self) -> None:
        """End it now and remove its folder."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def environment() -> dict[str, str]:
    """The machine's memory is a file that must lie on a tmpfs which allows exec."""
    return {**os.environ, "TMPDIR": "/dev/shm", "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
