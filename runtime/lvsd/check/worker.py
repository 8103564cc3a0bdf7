# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker's process: started, reloaded, stopped, replaced.

It prepares what can fail (its configuration, its way to the kernel), ends a predecessor that may still run, and
goes on with that one's results.  Nothing is flushed: what the kernel holds is read, compared and put right.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvsd import conf, regular_files
from lvsd.control.server import Answer, ControlServer, Refused
from lvsd.kernel.ipvs import Ipvs, IpvsUnavailable
from lvsd.kernel.netlink_socket import generic_netlink
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.signals import Coalesced, IgnoredSignals
from lvsd.worker.handover import end_predecessor, this_boot
from lvsd.worker.parent_watch import ParentWatch

from .checker import ERROR, INFO, WARNING, Checker, load
from .memory import Memory
from .reconciler import TROUBLE

RUN_FAILED, CANNOT_READ, BAD_CONFIGURATION = 2, 4, 5  # exit codes, as keepalived
LAST_SCRIPTS = 2.0  # seconds that scripts get when the worker stops


def main(options: WorkerOptions) -> int:
    """Run until SIGTERM, or until a successor comes; the exit code."""
    try:
        configuration = load(options)
    except conf.ConfigurationError as error:
        log(str(error), ERROR)
        return BAD_CONFIGURATION
    except OSError as error:
        log(f"checker: {error}", ERROR)
        return CANNOT_READ
    try:
        return run(options, configuration)
    except (IpvsUnavailable, *TROUBLE) as error:
        log(f"checker: {error}", ERROR)
        return RUN_FAILED


def run(options: WorkerOptions, configuration: Configuration) -> int:
    """Raises IpvsUnavailable, OSError, BadMessage, NetlinkError when the kernel does not do as it should at start."""
    ipvs = open_ipvs()
    end_predecessor(options.runtime_dir / SOCKET)
    worker = CheckerWorker(options, ipvs)
    try:
        worker.start(configuration)
        worker.loop.run()
    finally:
        worker.close()
    return 0


SOCKET = "checker.sock"


class CheckerWorker:
    def __init__(self, options: WorkerOptions, ipvs: Ipvs) -> None:
        self.options = options
        self.loop = Loop()
        boot = this_boot()
        memory = Memory(options.state_dir, boot, write, lambda reason: log(reason, WARNING))
        self.checker = Checker(self.loop, options, ipvs, memory, boot, log)
        self.parent_watch = ParentWatch(self.loop, options.parent, self.stop, self._say)
        self.control: ControlServer | None = None
        self._stopping = False

    def start(self, configuration: Configuration) -> None:
        """Go on where a predecessor has ended, answer, check. Raises OSError."""
        self.loop.on_signal(signal.SIGHUP, Coalesced(self.loop, self._hangup))
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.stop)
        IgnoredSignals(self.loop, lambda text: self._say(f"checker: {text}"))
        self.checker.start(configuration)
        handlers = {**self.checker.handlers(), "leave": self._leave, "adopt": self.parent_watch.adopt}
        self.control = ControlServer(
            self.loop,
            self.options.runtime_dir / SOCKET,
            handlers,
            self.checker.events,
            restored=self.checker.state_file.write_again,
        )
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Orderly: no more checks; unless told to leave them, our services go; the last scripts may end."""
        if self._stopping:
            return
        self._stopping = True
        self.checker.notifier.part(LAST_SCRIPTS, self.loop.stop)
        self.checker.stop()

    def _leave(self, _unused: Mapping[str, Any]) -> Answer:
        """For a successor: at once, and everything that the kernel holds stays."""
        if self._stopping:
            raise Refused("it is stopping")
        self._stopping = True
        self.checker.leave()
        self._say("checker: leaves its place to a successor")
        self.loop.call_at(self.loop.now, self.loop.stop)
        return {}

    def close(self) -> None:
        self.parent_watch.close()
        if self.control is not None:
            self.control.close()
        self.loop.close()

    def _hangup(self) -> None:
        try:
            self.checker.reload()
        except Refused:
            pass  # said

    def _say(self, message: str) -> None:
        self.checker.say("worker", "checker", message)


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


def log(message: str, priority: int = INFO) -> None:
    print(f"<{priority}>{message}", file=sys.stderr, flush=True)
