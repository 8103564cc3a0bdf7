# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notify scripts: one at a time and in order for each subject, never in the way of the loop.

keepalived starts its scripts all at once and forgets them, so that `backup` may overtake `master`.  Here every subject
(an instance, a sync group, a server, a service) has a queue of its own; the next script starts when the one before has
ended with all that it left behind, and every end is reported.

A queue holds what is true now: the scripts of a state that has passed, and that have not been started yet, are left
out.  So at most the scripts of one state wait; the one that runs has `ScriptLimits.wait` seconds from the moment when a
newer state waits for it, and `ScriptLimits.timeout` seconds in all.  What a subject is told last, when the process
ends, is started in any case (`part`).

    notifier = Notifier(loop, events.add, programs, limits)
    notifier.tell("VI_1", [(notify.active, ()), (notify.any, ("INSTANCE", "VI_1", "MASTER", "150"))])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lvsd.loop import Loop, ScriptLimits, Timer
from lvsd.model import Command
from lvsd.severity import ERROR

from .client import Programs, Run
from .protocol import Ended, NotRun
from .queue import Job, Queue

GRACE = 5.0  # seconds between SIGTERM and SIGKILL

Say = Callable[..., object]
"""(what, subject, message, **details), as `EventLog.add`."""


class Notifier:
    """Runs scripts with the identity of the command, else with that of global_defs `script_user`."""

    def __init__(self, loop: Loop, say: Say, programs: Programs, limits: ScriptLimits | None = None) -> None:
        self.loop = loop
        self.say = say
        self.programs = programs
        self.limits = limits or ScriptLimits()
        self._queues: dict[str, Queue] = {}
        self._busy: dict[Queue, RunningScript] = {}  # these, and those that were left behind
        self._parting = False
        self._when_idle: Callable[[], None] | None = None

    def tell(self, key: str, scripts: Sequence[tuple[Command | None, tuple[str, ...]]]) -> None:
        """The scripts of a new state of `key`, each with its arguments; None is no script.  What waits of former
        states is left out, also by a state that has no script.  Never raises for what a script does.
        """
        jobs = [Job(command, arguments, self._parting, True) for command, arguments in scripts if command is not None]
        queue = self._queues.get(key)
        if queue is None:
            self._put_all(key, jobs)
            return
        if passed := queue.supersede():
            count = len(passed)
            what = "1 script of a state that has" if count == 1 else f"{count} scripts of states that have"
            self.say(
                "script", key, f"{key}: {what} passed: not started", exit_code=None, left_out=list(map(str, passed))
            )
        self._put_all(key, jobs)
        if jobs and queue in self._busy:
            self._busy[queue].hurry()

    def run(self, key: str, command: Command | None, arguments: tuple[str, ...] = ()) -> None:
        """The script of something that happened to `key`, behind all that waits; once, if it waits already."""
        if command is not None:
            self._put_all(key, [Job(command, arguments, self._parting, False)])

    def part(self, within: float, then: Callable[[], None]) -> None:
        """Prepare to stop: a job that comes from now on is the last of its subject.

        `then` is called once nothing runs and nothing waits, or after `within` seconds.  When these are over, the
        last jobs that still wait are started without waiting for the program before them.
        """

        def end() -> None:
            self._hurry()
            then()

        self._parting = True
        self.loop.call_at(self.loop.now, lambda: self.when_idle(then))
        self.loop.call_later(within, end)

    def _hurry(self) -> None:
        for key, queue in list(self._queues.items()):
            for job in queue.drop():
                if job.last:
                    self._put(Queue(key), job)
                else:
                    self.say("script", key, f"{key}: script {job} was not started: lvsd is stopping", exit_code=None)

    def _put_all(self, key: str, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._put(self._queues.setdefault(key, Queue(key)), job)

    def _put(self, queue: Queue, job: Job) -> None:
        if now := queue.put(job):
            self._start(queue, now)

    @property
    def idle(self) -> bool:
        """Whether no program runs and none waits."""
        return not self._busy

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call back once, from the loop, when no script runs or waits."""
        self._when_idle = callback
        self.loop.call_at(self.loop.now, self._tell_idle)

    def _tell_idle(self) -> None:
        if self.idle and self._when_idle is not None:
            callback, self._when_idle = self._when_idle, None
            callback()

    def _start(self, queue: Queue, job: Job) -> None:
        self._busy[queue] = running = RunningScript(self, queue, job)
        running.start()

    def next(self, queue: Queue) -> None:
        """The script that was started has ended, or is not run."""
        job = queue.ended()
        if job is not None:
            self._start(queue, job)
            return
        del self._busy[queue]
        if self._queues.get(queue.key) is queue:
            del self._queues[queue.key]
        self._tell_idle()


class RunningScript:
    """The script that a queue waits for."""

    def __init__(self, notifier: Notifier, queue: Queue, job: Job) -> None:
        self._notifier = notifier
        self._queue = queue
        self._job = job
        self._began = notifier.loop.now
        self._run: Run | None = None
        self._limit: Timer | None = None
        self._hurried = False

    def start(self) -> None:
        """Have it started; from here on it has the time of its limit."""
        timeout = self._notifier.limits.timeout
        programs, job = self._notifier.programs, self._job
        self._limit = self._notifier.loop.call_later(timeout, self._late)
        self._run = programs.start(
            job.command, job.arguments, limit=timeout, grace=GRACE, done=self._ended, refused=self._refused
        )

    def hurry(self) -> None:
        """A newer state waits: the time that is left, but no more than `ScriptLimits.wait`."""
        if self._limit is None or self._hurried:
            return
        self._hurried = True
        due = self._notifier.loop.now + self._notifier.limits.wait
        if due < self._limit.deadline:
            self._limit.cancel()
            self._limit = self._notifier.loop.call_at(due, self._passed)

    def _late(self) -> None:
        self._stop(f"ended after {self._seconds:.0f} s without an end")

    def _passed(self) -> None:
        self._stop(f"ended after {self._seconds:.0f} s: a newer state waits for it")

    @property
    def _seconds(self) -> float:
        return self._notifier.loop.now - self._began

    def _stop(self, how: str) -> None:
        assert self._run is not None
        key = self._queue.key
        self._notifier.say("script", key, f"{key}: script {self._job} {how}", exit_code=None)
        self._run.stop()

    def _refused(self, refusal: NotRun) -> None:
        if self._limit is not None:
            self._limit.cancel()
        if not refusal.known:
            key = self._queue.key
            text = f"{key}: script {self._job} is not run: {refusal.reason}"
            self._notifier.say("script", key, text, ERROR, exit_code=None)
        self._notifier.next(self._queue)

    def _ended(self, how: Ended) -> None:
        if self._limit is not None:
            self._limit.cancel()
        key, text = self._queue.key, f"script {self._job}: {outcome(how)}"
        self._notifier.say("script", key, f"{key}: {text}", exit_code=how.code)
        self._notifier.next(self._queue)


def outcome(how: Ended) -> str:
    """How a script ended, in words."""
    if how.error is not None:
        return how.error
    if how.code is None:
        return "does not end, whatever signal it gets; it is not waited for"
    text = f"ended by signal {-how.code}" if how.code < 0 else f"exit code {how.code}"
    if not how.left:
        return text
    what = "1 process" if how.left == 1 else f"{how.left} processes"
    return f"{text}; killed {what} that it had left behind"
