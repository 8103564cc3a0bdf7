# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One worker: started or adopted, asked whether it is alive, started again, replaced, stopped.

          start                ended                    delay is over
(idle) ----------> (running) ---------> (waiting) ----------------------> (running)
   ^       adopt     |     | replace
   |                 |     +--------> a successor beside it takes over, or fails and all is as before
   +------ ended ----+   stop: SIGTERM, and SIGKILL after `patience`
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvsd.control.async_client import ask
from lvsd.control.control_socket import forget
from lvsd.control.server import Answer, EventLog, is_socket
from lvsd.loop import Loop, Process, Timer

from .fork import CannotStart
from .process_status import ending, forget_pid, running_since, write_pid
from .replace import Successor
from .restart import Restarts
from .watchdog import SILENCE, Verdict, Watch
from .worker_rights import user_of

ASK_AGAIN = 0.1  # seconds
STOP_PATIENCE = 5.0  # seconds; keepalived: child_wait_time

Replaced = Callable[[str | None], None]  # gets the reason why not


class WorkerProcess:
    """The process `name`, or the intention to have none."""

    def __init__(
        self, loop: Loop, name: str, begin: Callable[[], int], control: Path, events: EventLog, *, pid_file: Path
    ) -> None:
        self.loop = loop
        self.name = name
        self.begin = begin  # starts a process; its pid; raises CannotStart
        self.control = control  # its socket
        self.events = events
        self.pid_file = pid_file
        self.process: Process | None = None
        self.version: dict[str, str | None] = {}  # its release and digest, once it has answered
        self.up_since = 0.0  # wall clock
        self.restarts = Restarts()
        self.watch = Watch()
        self.respawn = True
        self.release = True  # it takes out of the kernel at stop what it put there
        self.failed: Callable[[], None] | None = None  # instead of a restart, where `respawn` is off
        self.on_end: Callable[[Process, str], None] | None = None  # told how it ended, before it is started again
        self.wanted = False
        self._started = 0.0
        self._restart: Timer | None = None
        self._deadline: Timer | None = None
        self._stopped: list[Callable[[], None]] = []
        self._successor: Successor | None = None
        self._stop_after: list[Callable[[], None]] = []  # the stops that wait for the end of a replacement
        self._unreachable = False  # its socket has gone, and that was said
        self._unwritten = False  # the pid file, and that was said
        self._obstacle = ""  # why it could not be started the last time

    @property
    def pid(self) -> int | None:
        """The pid of its process; None while none runs."""
        return self.process.pid if self.process else None

    # --- begin ---

    def start(self) -> None:
        """Have it running: now, also where it waits for a restart, or when the process being stopped has gone."""
        self.wanted = True
        if self.process is None and self._successor is None:
            if self._restart:
                self._restart.cancel()
            self._spawn()

    def adopt(self, pid: int, answer: Mapping[str, Any]) -> None:
        """Supervise a process that runs already, a stranger's child or ours; `answer` is what it said to `ping`."""
        self.wanted = True
        self.up_since, self._started = running_since(pid), self.loop.now
        self._watch(pid)
        self._keep_pid(pid)
        self._said(answer)
        self._event("adopted", f"{self.name}: pid {pid} goes on", pid=pid, **self.version)

    def _spawn(self) -> None:
        self._restart = None
        self.up_since, self._started, self.watch, self.version = time.time(), self.loop.now, Watch(), {}
        try:
            pid = self.begin()
        except CannotStart as error:
            if self.wanted:
                self._plan_restart(f"could not be started: {error}", None, None)
            return
        self._keep_pid(pid)
        self._event("started", f"{self.name}: started (pid {pid})", pid=pid)
        self._watch(pid)

    def _watch(self, pid: int) -> None:
        self.process = self.loop.watch_process(pid, lambda code: self._ended(pid, code))

    def keep_pid(self) -> None:
        """Write the pid file, again where it was removed."""
        if self.pid is not None:
            self._keep_pid(self.pid)

    def _keep_pid(self, pid: int) -> None:
        try:
            write_pid(self.pid_file, pid)
        except OSError as error:
            if not self._unwritten:
                self._event("pid", f"{self.name}: {self.pid_file} could not be written: {error.strerror}")
            self._unwritten = True
            return
        self._unwritten = False

    # --- replace ---

    def replace(self, then: Replaced) -> None:
        """Start a new process beside the one that runs; `then` is called when it has taken over, or with the reason."""
        if not self.listening() or self._successor:
            self.loop.call_at(self.loop.now, lambda: then("there is no process to replace"))
            return
        try:
            pid = self.begin()
        except CannotStart as error:
            why = f"could not be started: {error}"
            self.loop.call_at(self.loop.now, lambda: then(why))
            return
        self._event("replacing", f"{self.name}: pid {pid} prepares to replace pid {self.pid}", pid=pid)
        began = time.time(), self.loop.now
        process = self.loop.watch_process(pid, lambda code: self._ended(pid, code))

        def done(reason: str | None, answer: Answer | None) -> None:
            self._successor = None
            if answer:
                self.up_since, self._started = began
                self._succeed(process, answer)
            else:
                self._event("kept", f"{self.name}: not replaced: {reason}", pid=self.pid)
                if self.process is None and not self._stop_after:
                    self._plan_restart(f"its successor {reason}", pid, None)
            then(reason)
            waiting, self._stop_after = self._stop_after, []
            for stop in waiting:
                stop()

        self._successor = Successor(self.loop, process, self.control, done)

    def _succeed(self, process: Process, answer: Answer) -> None:
        before, self.process = self.process, process
        if before:
            before.send(signal.SIGKILL)  # it has agreed to end, and its successor has its socket
        self.watch = Watch().answer()
        self._keep_pid(process.pid)
        self._said(answer)
        self._event("replaced", f"{self.name}: pid {process.pid} has taken over", pid=process.pid, **self.version)

    # --- end ---

    def stop(self, then: Callable[[], None], patience: float = STOP_PATIENCE) -> None:
        """Let it leave in order, kill it after `patience` seconds; `then` is called once it has gone.

        One that has crashed is started for this: what it left in the kernel must not stay behind an orderly stop.
        During a replacement it is stopped when it is clear which process that is.
        """
        if successor := self._successor:
            self._stop_after.append(lambda: self.stop(then, patience))
            self.loop.call_later(patience, lambda: successor.abandon("was too slow for a stop"))
            return
        crashed, self.wanted = self.wanted and self.process is None, False
        if self._restart:
            self._restart.cancel()
        if crashed and self.release:
            self._spawn()
        if self.process is None:
            then()
            return
        self._stopped.append(then)
        if self._deadline is None:
            self._deadline = self.loop.call_later(patience, self._kill)
            self._terminate(self.process)

    def _terminate(self, process: Process) -> None:
        """SIGTERM, but not before it listens: Python ends at once by a signal that has no handler yet."""
        if process is not self.process:
            return
        if self.watch.answered or not self.release:
            self._send(process, signal.SIGTERM)
            return

        def heard(answer: Answer | None) -> None:
            self._heard(process, answer)
            self.loop.call_later(0.0 if answer else ASK_AGAIN, lambda: self._terminate(process))

        ask(self.loop, self.control, "ping", heard, timeout=SILENCE)

    def _ended(self, pid: int, code: int | None) -> None:
        if self._successor and pid == self._successor.process.pid:
            self._successor.ended(f"ended with {ending(code)}")
        if pid != self.pid:
            return  # one that was replaced
        process, self.process = self.process, None
        forget_pid(self.pid_file)
        if self.on_end and process:
            self.on_end(process, f"ended with {ending(code)}")
        if self._successor:
            return  # it has made room
        if not self.wanted:
            forget(self.control)  # the folder is root's, and the worker may not be
            self._event("stopped", f"{self.name}: stopped ({ending(code)})", pid=pid, code=code)
        elif self._stopped:  # wanted again while it was being stopped
            self._spawn()
        else:
            self._plan_restart(f"ended with {ending(code)}", pid, code)
        self._tell_stopped()

    def _tell_stopped(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
        stopped, self._stopped = self._stopped, []
        for then in stopped:
            then()

    def _plan_restart(self, how: str, pid: int | None, code: int | None) -> None:
        ran = self.loop.now - self._started if self.watch.answered else 0.0
        self.restarts = self.restarts.after(ran)
        if not self.respawn:
            self._event("failed", f"{self.name}: {how}; it is not started again", pid=pid, code=code)
            self.wanted = False
            if self.failed:
                self.failed()
            return
        delay = self.restarts.delay
        when = f"in {delay:g} s" if delay else "at once"
        if pid is not None or how != self._obstacle:  # what keeps it from being started at all is said once
            self._event("failed", f"{self.name}: {how}; starts again {when}", pid=pid, code=code)
        self._obstacle = "" if pid is not None else how
        self._restart = self.loop.call_later(delay, self._spawn)

    def _kill(self) -> None:
        if self.process:
            self._send(self.process, signal.SIGKILL)

    def _send(self, process: Process, number: signal.Signals) -> None:
        """One of another user, adopted without CAP_KILL, holds no stop up."""
        try:
            process.send(number)
        except PermissionError:
            self._event("unreachable", f"{self.name}: pid {process.pid} may not be signalled", pid=process.pid)
            if self._stopped:
                process.forget()
                self.process = None
                self._tell_stopped()

    # --- alive? ---

    def tick(self, length: float) -> None:
        """A wake-up of the parent, worth `length` seconds: ask it whether it is alive, or end it."""
        process = self.process
        if process is None or not self.wanted or self._successor:
            return
        if self._unwritten:
            self.keep_pid()
        self.watch, verdict = self.watch.tick(length)
        if verdict is Verdict.PING:
            ask(self.loop, self.control, "ping", lambda answer: self._heard(process, answer), timeout=SILENCE)
        elif verdict is Verdict.KILL and self.watch.answered and not is_socket(self.control):
            self._excuse()
        elif verdict is Verdict.KILL:
            self._event("silent", f"{self.name}: no answer for {self.watch.silent:.0f} s; it is killed", pid=self.pid)
            self._kill()

    def _excuse(self) -> None:
        """The parent could not ask it: its socket was removed from outside, and it makes a new one if it can."""
        if not self._unreachable:
            self._unreachable = True
            text = f"{self.name}: {self.control} has gone; pid {self.pid} goes on, and cannot be asked"
            self._event("unreachable", text, pid=self.pid)
        self.watch = self.watch.answer()

    def _heard(self, process: Process, answer: Answer | None) -> None:
        if process is not self.process:
            return
        if answer:
            self._said(answer)
        else:
            self.watch = self.watch.unreachable()

    def _said(self, answer: Mapping[str, Any]) -> None:
        self.watch = self.watch.answer()
        self._unreachable = False
        self.version = {"release": answer.get("release"), "digest": answer.get("digest")}

    def settled(self) -> bool:
        """It has answered, or it has failed and waits for its next start, or none is wanted."""
        return not self.wanted or self.watch.answered or self.process is None

    def listening(self) -> bool:
        """There is a process that does, or soon will, what it is told: one that is not being stopped."""
        return self.process is not None and self._deadline is None

    def show(self) -> dict[str, Any]:
        """{"name", "pid", "user", "up_since", "restarts", "release", "digest"} of the contract; pid null: none runs."""
        since = self.up_since if self.process else None
        version = {"release": None, "digest": None, **self.version} if self.process else {}
        process = {"pid": self.pid, "user": user_of(self.pid), "up_since": since}
        return {"name": self.name, **process, "restarts": self.restarts.count, **version}

    def _event(self, change: str, message: str, **details: Any) -> None:
        self.events.add("worker", self.name, message, change=change, **details)
