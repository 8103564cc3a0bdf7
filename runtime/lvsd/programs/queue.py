# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits to be run for one subject (pure)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from lvsd.model import Command


@dataclass(frozen=True, slots=True)
class Job:
    """A script that is to run, with the words of this occasion."""

    command: Command
    arguments: tuple[str, ...] = ()
    last: bool = False  # it is started, whatever happens
    state: bool = False  # it tells a state, which the next one makes untrue; else something that happened

    @property
    def words(self) -> tuple[str, ...]:
        """The program and its arguments, as execve takes them."""
        return (*self.command.words, *self.arguments)

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(slots=True, eq=False)
class Queue:
    """The scripts of one subject: the first is running.

    Bounded: those of one state, and of what happened each different script once.
    """

    key: str
    jobs: deque[Job] = field(default_factory=deque)

    def put(self, job: Job) -> Job | None:
        """The job to start now, if any."""
        if job.state or job not in list(self.jobs)[1:]:
            self.jobs.append(job)
        return job if len(self.jobs) == 1 else None

    def supersede(self) -> list[Job]:
        """A new state makes those of former ones untrue; they do not wait any more."""
        running, waiting = list(self.jobs)[:1], list(self.jobs)[1:]
        passed = [job for job in waiting if job.state and not job.last]
        self.jobs = deque([*running, *(job for job in waiting if job not in passed)])
        return passed

    def ended(self) -> Job | None:
        """The job to start next, if any."""
        self.jobs.popleft()
        return self.jobs[0] if self.jobs else None

    def drop(self) -> list[Job]:
        """Those that waited; they do not any more."""
        waiting = list(self.jobs)[1:]
        self.jobs = deque(list(self.jobs)[:1])
        return waiting
