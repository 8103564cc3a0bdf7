# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notify scripts: one at a time and in order for each subject, never in the way of the loop.

keepalived starts its scripts all at once and forgets them, so that `backup` may overtake `master`.  Here every subject
(an instance, a sync group, a service) has a queue of its own; the next script starts when the one before has ended,
and every end is reported.  What a subject is told last, when the process ends, is started in any case (`part`).

    notifier = Notifier(loop, events.add)
    notifier.run("VI_1", router.notify.any, ("INSTANCE", "VI_1", "MASTER", "150"))
"""

from __future__ import annotations

import grp
import os
import pwd
import signal
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .loop import Loop, Timer
from .model import Command

if TYPE_CHECKING:
    import subprocess

TIME_LIMIT = 60.0  # seconds, then SIGTERM
GRACE = 5.0  # seconds between SIGTERM and SIGKILL
PRIVATE = ("LD_", "PYTHON", "LISTEN_", "WATCHDOG_")  # beginnings of names that are the daemon's own business
PRIVATE_NAMES = {"IFS", "NOTIFY_SOCKET", "JOURNAL_STREAM", "INVOCATION_ID", "MANAGERPID"}
DEFAULT_USER = "keepalived_script"  # keepalived: used when it exists and no script_user is given, root otherwise

Say = Callable[..., object]
"""(what, subject, message, **details), as `EventLog.add`."""


@dataclass(frozen=True, slots=True)
class Job:
    """A script that is to run, with the words of this occasion."""

    command: Command
    arguments: tuple[str, ...]
    last: bool = False  # it is started, whatever happens

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.command.words, *self.arguments)

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(slots=True, eq=False)
class Queue:
    """The scripts of one subject: the first is running."""

    key: str
    jobs: deque[Job] = field(default_factory=deque)

    def put(self, job: Job) -> Job | None:
        """The job to start now, if any."""
        self.jobs.append(job)
        return job if len(self.jobs) == 1 else None

    def ended(self) -> Job | None:
        """The job to start next, if any."""
        self.jobs.popleft()
        return self.jobs[0] if self.jobs else None

    def drop(self) -> list[Job]:
        """Those that waited; they do not any more."""
        waiting = list(self.jobs)[1:]
        self.jobs = deque(list(self.jobs)[:1])
        return waiting


class Notifier:
    """Runs scripts with the identity of the command, else with `user` and `group` (global_defs `script_user`)."""

    def __init__(self, loop: Loop, say: Say, user: str | None = None, group: str | None = None) -> None:
        self.loop = loop
        self.say = say
        self.user = user
        self.group = group
        self._queues: dict[str, Queue] = {}
        self._busy: set[Queue] = set()  # these, and those that were left behind
        self._parting = False
        self._when_idle: Callable[[], None] | None = None

    def run(self, key: str, command: Command | None, arguments: tuple[str, ...] = ()) -> None:
        """Queue a script behind those of the same `key`; None is no script.  Never raises for what a script does."""
        if command is None:
            return
        self._put(self._queues.setdefault(key, Queue(key)), Job(command, arguments, self._parting))

    def part(self, within: float, then: Callable[[], None]) -> None:
        """The end is near: what comes from now on is the last word to each subject.  Calls `then` once nothing runs
        or waits, or after `within` seconds; before that, last words that still wait are started, behind nobody.
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

    def _put(self, queue: Queue, job: Job) -> None:
        if now := queue.put(job):
            self._busy.add(queue)
            self._start(queue, now)

    @property
    def idle(self) -> bool:
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
        import subprocess

        key = queue.key
        try:
            child = self._spawn(job)
        except (OSError, LookupError, ValueError, subprocess.SubprocessError) as error:
            self.say("script", key, f"{key}: script {job} did not start: {error}", exit_code=None)
            self.loop.call_at(self.loop.now, lambda: self._next(queue))
            return
        limit = self.loop.call_later(TIME_LIMIT, lambda: self._terminate(queue, job, child.pid))
        self.loop.watch_child(child.pid, lambda code: self._ended(queue, job, child, code, limit))

    def _spawn(self, job: Job) -> subprocess.Popen[bytes]:
        import subprocess

        user, group = job.command.user, job.command.group
        if user is None:
            user, group = self.user or default_user(), self.group
        uid, gid, groups = identity(user, group)
        return subprocess.Popen(
            job.words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(os.environ),
            cwd="/",
            process_group=0,
            user=uid,
            group=gid,
            extra_groups=groups,
        )

    def _terminate(self, queue: Queue, job: Job, pid: int) -> None:
        text = f"{queue.key}: script {job} ended after {TIME_LIMIT:.0f} s without an end"
        self.say("script", queue.key, text, exit_code=None)
        signal_group(pid, signal.SIGTERM)
        self.loop.call_later(GRACE, lambda: self._kill(queue, job, pid))

    def _kill(self, queue: Queue, job: Job, pid: int) -> None:
        if queue.jobs and queue.jobs[0] is job:
            signal_group(pid, signal.SIGKILL)

    def _ended(self, queue: Queue, job: Job, child: subprocess.Popen[bytes], code: int, limit: Timer) -> None:
        child.returncode = code  # the loop has reaped it
        limit.cancel()
        self.say("script", queue.key, f"{queue.key}: script {job}: {outcome(code)}", exit_code=code)
        self._next(queue)

    def _next(self, queue: Queue) -> None:
        job = queue.ended()
        if job is not None:
            self._start(queue, job)
            return
        self._busy.discard(queue)
        if self._queues.get(queue.key) is queue:
            del self._queues[queue.key]
        self._tell_idle()


def outcome(code: int) -> str:
    """An exit code in words; negative codes are signals."""
    return f"ended by signal {-code}" if code < 0 else f"exit code {code}"


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What a script may see of the daemon's environment: nothing that changes how programs start."""
    return {name: value for name, value in ours.items() if name not in PRIVATE_NAMES and not name.startswith(PRIVATE)}


def default_user() -> str | None:
    try:
        return pwd.getpwnam(DEFAULT_USER).pw_name
    except KeyError:
        return None


def identity(user: str | None, group: str | None) -> tuple[int | None, int | None, list[int] | None]:
    """uid, gid and groups of `user`; Nones where nothing is to change.  Raises LookupError."""
    if user is None or (user == "root" and group is None):
        return None, None, None
    account = pwd.getpwnam(user)
    gid = grp.getgrnam(group).gr_gid if group is not None else account.pw_gid
    return account.pw_uid, gid, os.getgrouplist(user, gid)


def signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass
