# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual time: one clock for the world, and on it the loop of every process, with the timers of the real one."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Any

from lvsd.loop import Loop, Timer


class Clock:
    """What is to happen, in order; things of the same instant happen in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._numbers = itertools.count()

    def at(self, when: float, callback: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._due, (when, next(self._numbers), callback, arguments))

    def run(self, until: float) -> None:
        due = self._due
        while due and due[0][0] <= until:
            self.now, _, callback, arguments = heapq.heappop(due)
            callback(*arguments)
        self.now = until


class VirtualLoop(Loop):
    """`lvsd.loop.Loop` without descriptors: `turn` is one wake-up of it, drain, expire, carry out.

    `wake` is called when a timer is due.
    """

    def __init__(self, clock: Clock, wake: Callable[[], object]) -> None:
        self.now = clock.now
        self._timers: list[tuple[float, int, Timer]] = []
        self._numbers = itertools.count()
        self._decided: list[Callable[[], object]] = []
        self._leisure: deque[Timer] = deque()  # used when their time is over: nobody is idle here
        self._clock = clock
        self._wake = wake
        self._awake_until = -inf  # nobody is late here
        self._alarm = inf

    def add_reader(self, fd: int, callback: Callable[[], object]) -> None:
        """Nothing is read from a descriptor here; `turn` drains."""

    def remove(self, fd: int) -> None:
        pass

    def turn(self, drain: Callable[[], object]) -> None:
        """The order of the real loop: the clock is read, readers are drained, what is due expires, all is done."""
        self.read(drain)
        self.expire()
        self._set_alarm()

    def read(self, drain: Callable[[], object]) -> None:
        self.now = self._clock.now
        drain()

    def expire(self) -> None:
        while self._decided or self.next_deadline() <= self.now:
            self._expire()
            self._carry_out()

    def _set_alarm(self) -> None:
        deadline = self.next_deadline()
        if deadline < self._alarm:
            self._alarm = deadline
            self._clock.at(deadline, self._ring, deadline)

    def _ring(self, deadline: float) -> None:
        if deadline == self._alarm:  # otherwise an earlier one was set since
            self._alarm = inf
            self._wake()
