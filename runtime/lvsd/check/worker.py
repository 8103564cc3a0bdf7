# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker's process.

It prepares what can fail (its configuration, its way to the kernel), ends a predecessor that may still run, and
goes on with that one's results.  Nothing is flushed: what the kernel holds is read, compared and put right.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lvsd import log, regular_files
from lvsd.control.server import Answer, Handler
from lvsd.kernel.ipvs import Ipvs, IpvsUnavailable
from lvsd.kernel.netlink_socket import generic_netlink
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.worker.handover import this_boot
from lvsd.worker.lifecycle import WorkerLifecycle
from lvsd.worker.run import run

from .checker import Checker
from .memory import Memory
from .reconciler import TROUBLE


class CheckerWorker(WorkerLifecycle):
    """The process around the Checker: its way to the kernel, what a reload changes, its end."""

    name = "checker"
    scripts_at_stop = 2.0  # seconds
    trouble = (IpvsUnavailable, *TROUBLE)
    checker: Checker

    def __init__(self, options: WorkerOptions, loop: Loop, ipvs: Ipvs | None = None) -> None:
        super().__init__(options, loop)
        self.ipvs = ipvs  # None: opened when it is needed

    def prepare(self, wanted: Configuration) -> None:
        """Open the way to the kernel's table, and read the key of SSL_GET.  Raises IpvsUnavailable, OSError."""
        self.ipvs = self.ipvs or open_ipvs()
        if wanted.ssl is not None:
            from .probe import tls

            tls.keep(wanted.ssl)

    def begin(self, wanted: Configuration) -> None:
        """Go on where a predecessor has ended, compare, check.  Raises OSError and the like."""
        boot, directory = this_boot(), self.options.state_dir
        memory = Memory(directory, boot, write, lambda reason: self.reporter.log(reason, log.WARNING))
        assert self.ipvs is not None, "prepare has opened it"
        self.checker = Checker(self.loop, self.options, self.ipvs, memory, boot, self.reporter, self.programs)
        self.notifier = self.checker.notifier
        self.checker.start(wanted)

    def verbs(self) -> Mapping[str, Handler]:
        """`show`, and the orders of the operator."""
        return self.checker.handlers()

    def take(self, wanted: Configuration) -> Answer:
        """Change the services and servers that are not the same, and compare the whole table."""
        return self.checker.reload(wanted)

    def release(self) -> None:
        """No more checks; unless they stay (-I), our services leave the kernel."""
        self.checker.stop()

    def depart(self) -> None:
        """No more checks; everything that the kernel holds stays."""
        self.checker.leave()
        self.reporter.say("worker", self.name, "checker: leaves its place to a successor")

    def write_again(self) -> None:
        """Note the results of the checks again, for a successor."""
        self.checker.state_file.write_again()

    def dispose(self) -> None:
        """Nothing is open but what ends with the process."""


def main(options: WorkerOptions) -> int:
    """Run until told to stop; the exit code, as `worker/run.py`."""
    return run(CheckerWorker, options)


def open_ipvs() -> Ipvs:
    """Loads the module where that is needed and allowed, as keepalived does. Raises IpvsUnavailable, OSError."""
    socket = generic_netlink()
    try:
        return Ipvs(socket)
    except IpvsUnavailable:
        import subprocess

        try:
            subprocess.run(["modprobe", "ip_vs"], check=False, capture_output=True, timeout=20)
        except (OSError, subprocess.SubprocessError):
            pass  # the next line says what is missing
        return Ipvs(socket)


def write(path: Path, text: str) -> None:
    """Whole or not at all, also when the power fails. Raises OSError."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    regular_files.place(path, text.encode(), 0o644, sync=True)
