# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One worker process: started by exec, asked whether it is alive, started again, stopped.

          start                ended                    delay is over
(idle) ----------> (running) ---------> (waiting) ----------------------> (running)
   ^                   | stop
   +------- ended -----+   SIGTERM, and SIGKILL after `patience`
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..control import Answer, EventLog
from ..loop import Loop, Timer
from .backoff import Restarts
from .client import ask
from .watchdog import SILENCE, Verdict, Watch

ASK_AGAIN = 0.1  # seconds
STOP_PATIENCE = 5.0  # seconds; keepalived: child_wait_time
PACKAGE = Path(__file__).resolve().parents[2]  # resolved: a worker is of its parent's version, also after an upgrade


class Worker:
    """The process `name`, or the intention to have none."""

    def __init__(
        self, loop: Loop, name: str, arguments: Sequence[str], control: Path, events: EventLog, *, pid_file: Path
    ) -> None:
        self.loop = loop
        self.name = name
        self.arguments = tuple(arguments)  # behind the Python interpreter
        self.control = control  # its socket
        self.events = events
        self.pid_file = pid_file
        self.pid: int | None = None
        self.up_since = 0.0  # wall clock
        self.restarts = Restarts()
        self.watch = Watch()
        self.respawn = True
        self.release = True  # it takes out of the kernel at stop what it put there
        self.failed: Callable[[], None] | None = None  # instead of a restart, where `respawn` is off
        self.wanted = False
        self._started = 0.0
        self._restart: Timer | None = None
        self._deadline: Timer | None = None
        self._stopped: list[Callable[[], None]] = []

    def start(self) -> None:
        """Have it running: now, also where it waits for a restart, or when the process being stopped has gone."""
        self.wanted = True
        if self.pid is None:
            if self._restart:
                self._restart.cancel()
            self._spawn()

    def stop(self, then: Callable[[], None], patience: float = STOP_PATIENCE) -> None:
        """Let it leave in order, kill it after `patience` seconds; `then` is called once it has gone.

        One that has crashed is started for this: what it left in the kernel must not stay behind an orderly stop.
        """
        crashed, self.wanted = self.wanted and self.pid is None, False
        if self._restart:
            self._restart.cancel()
        if crashed and self.release:
            self._spawn()
        if self.pid is None:
            then()
            return
        self._stopped.append(then)
        if self._deadline is None:
            self._deadline = self.loop.call_later(patience, self._kill)
            self._terminate(self.pid)

    def _terminate(self, pid: int) -> None:
        """SIGTERM, but not before it listens: Python ends at once by a signal that nobody handles yet."""
        if pid != self.pid:
            return
        if self.watch.answered or not self.release:
            self._signal(signal.SIGTERM)
            return

        def heard(answer: Answer | None) -> None:
            self._heard(pid, answer)
            self.loop.call_later(0.0 if answer else ASK_AGAIN, lambda: self._terminate(pid))

        ask(self.loop, self.control, "ping", heard, timeout=SILENCE)

    def tick(self, length: float) -> None:
        """A wake-up of the parent, worth `length` seconds: ask it whether it is alive, or end it."""
        if self.pid is None or not self.wanted:
            return
        self.watch, verdict = self.watch.tick(length)
        if verdict is Verdict.PING:
            pid = self.pid
            ask(self.loop, self.control, "ping", lambda answer: self._heard(pid, answer), timeout=SILENCE)
        elif verdict is Verdict.KILL:
            self._event("silent", f"{self.name}: no answer for {self.watch.silent:.0f} s; it is killed", pid=self.pid)
            self._kill()

    def settled(self) -> bool:
        """It has answered, or it has failed and waits for its next start, or none is wanted."""
        return not self.wanted or self.watch.answered or self.pid is None

    def listening(self) -> bool:
        """There is a process that does, or soon will, what it is told: one that is not being stopped."""
        return self.pid is not None and self._deadline is None

    def show(self) -> dict[str, Any]:
        """{"name", "pid", "up_since", "restarts"}: of the contract; pid is null while there is no process."""
        since = self.up_since if self.pid is not None else None
        return {"name": self.name, "pid": self.pid, "up_since": since, "restarts": self.restarts.count}

    def _spawn(self) -> None:
        self._restart = None
        self.up_since, self._started, self.watch = time.time(), self.loop.now, Watch()
        argv = [sys.executable, *self.arguments]
        try:  # In a process group of its own: Control-C reaches the parent alone, which stops the workers in order.
            self.pid = os.posix_spawn(argv[0], argv, environment(), setpgroup=0, setsigmask=[], setsigdef=_HANDLED)
            write_pid(self.pid_file, self.pid)
        except OSError as error:
            if self.pid is None:
                if self.wanted:
                    self._plan_restart(f"could not be started: {error}", None, None)
                return
            self._event("pid", f"{self.name}: {self.pid_file} could not be written: {error.strerror}")
        self._event("started", f"{self.name}: started (pid {self.pid})", pid=self.pid)
        self.loop.watch_child(self.pid, self._ended)

    def _ended(self, code: int) -> None:
        pid, self.pid = self.pid, None
        self.pid_file.unlink(missing_ok=True)
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if not self.wanted:
            self._event("stopped", f"{self.name}: stopped ({how})", pid=pid, code=code)
        elif self._stopped:  # wanted again while it was being stopped
            self._spawn()
        else:
            self._plan_restart(f"ended with {how}", pid, code)
        stopped, self._stopped = self._stopped, []
        for then in stopped:
            then()

    def _plan_restart(self, how: str, pid: int | None, code: int | None) -> None:
        self.restarts = self.restarts.after(self.loop.now - self._started)
        if not self.respawn:
            self._event("failed", f"{self.name}: {how}; it is not started again", pid=pid, code=code)
            self.wanted = False
            if self.failed:
                self.failed()
            return
        delay = self.restarts.delay
        self._event("failed", f"{self.name}: {how}; starts again in {delay:g} s", pid=pid, code=code)
        self._restart = self.loop.call_later(delay, self._spawn)

    def _heard(self, pid: int, answer: Answer | None) -> None:
        if pid != self.pid:
            return
        self.watch = self.watch.answer() if answer else self.watch.unreachable()

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.pid is not None:
            os.kill(self.pid, number)  # not reaped yet: the pid is still its own

    def _event(self, change: str, message: str, **details: Any) -> None:
        self.events.add("worker", self.name, message, change=change, **details)


_HANDLED = [
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGCHLD,
    signal.SIGPIPE,
    signal.SIGUSR1,
    signal.SIGUSR2,
]


def environment() -> dict[str, str]:
    """Ours, with our package first on the path, and without what systemd gave to us alone."""
    ours = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE), kept.get("PYTHONPATH")]))}


def write_pid(path: Path, pid: int) -> None:
    path.write_text(f"{pid}\n")
