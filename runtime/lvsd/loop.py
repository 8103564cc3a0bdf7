# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of every worker: drain, expire, carry out, sleep.

One epoll with a timerfd: asyncio rounds timers up to a millisecond and costs 9 MB.  Each wake-up reads the clock first,
then drains every reader that is ready, then expires what was due at that reading.  So whatever arrived before `now` is
heard before a timer of `now` is believed: a router that was paused, at any instruction, reads its peer's
advertisements before it concludes that the peer is gone.
"""

from __future__ import annotations

import heapq
import itertools
import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from types import FrameType
from typing import Any

from lvsd.record import record

from .pidfd import Process
from .timerfd import TimerFd

__all__ = ["AT_MOST", "Loop", "Process", "ScriptLimits", "Timer", "WorkerOptions"]

AT_MOST = 16  # timers that expire before what they decided is carried out: the first does not wait for the last


@record(frozen=True, slots=True, kw_only=True)
class ScriptLimits:
    """How long a notify script may run, in seconds: in all, and while a newer state waits for it."""

    timeout: float = 60.0
    wait: float = 10.0


@record(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """What the parent tells a worker on its command line."""

    config: Path
    runtime_dir: Path = Path("/run/lvsd")
    state_dir: Path = Path("/var/lib/lvsd")
    release: bool = True  # take the addresses, or the services, out of the kernel at stop
    log_detail: bool = False
    parent: int | None = None  # see worker/parent_watch.py; None: started by hand
    scripts: ScriptLimits = ScriptLimits()


@dataclass(order=True, slots=True)
class Timer:
    """A callback at `deadline` (seconds of the loop's clock); `cancel` is allowed at any time."""

    deadline: float
    number: int
    callback: Callable[[], object] | None = field(compare=False)

    def cancel(self) -> None:
        """Keep the callback from being called; a second call does nothing."""
        self.callback = None


class Loop:
    """Readers, writers, timers, signals and children of one process, in one thread."""

    def __init__(self) -> None:
        self.now = time.monotonic()
        self._epoll = select.epoll()
        self._callbacks: dict[int, dict[int, Callable[[], object]]] = {}
        self._timers: list[tuple[float, int, Timer]] = []  # a heap: tuples are compared without running Python code
        self._numbers = itertools.count()
        self._decided: list[Callable[[], object]] = []  # what this wake-up still has to carry out
        self._leisure: deque[Timer] = deque()
        self._awake_until = -inf
        self._running = False
        self._children: dict[int, Callable[[int], object]] = {}
        self._processes: set[Process] = set()
        self._signals: dict[int, Callable[[], object]] = {}
        self._handlers_before: dict[int, Any] = {}
        self._arrived: set[int] = set()  # signals; the socket only wakes, and may have no room for one more
        self._timerfd = TimerFd()
        self._epoll.register(self._timerfd.fd, select.EPOLLIN)
        self._wakeup, self._writer = socket.socketpair()
        self._wakeup.setblocking(False)
        self._writer.setblocking(False)
        self.add_reader(self._wakeup.fileno(), self._drain_signals)

    # --- registration ---

    def add_reader(self, fd: int, callback: Callable[[], object]) -> None:
        """Call back whenever `fd` can be read (or has failed); the callback drains it."""
        self._register(fd, select.EPOLLIN, callback)

    def add_writer(self, fd: int, callback: Callable[[], object]) -> None:
        """Call back whenever `fd` can be written (or a connect has ended)."""
        self._register(fd, select.EPOLLOUT, callback)

    def remove_reader(self, fd: int) -> None:
        """Wait no more for something to read at `fd`."""
        self._unregister(fd, select.EPOLLIN)

    def remove_writer(self, fd: int) -> None:
        """Wait no more for room to write at `fd`."""
        self._unregister(fd, select.EPOLLOUT)

    def remove(self, fd: int) -> None:
        """Forget `fd`; do so before closing it."""
        if self._callbacks.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def call_at(self, deadline: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` once at `deadline`, in seconds of CLOCK_MONOTONIC; the timer can be cancelled."""
        timer = Timer(deadline, next(self._numbers), callback)
        heapq.heappush(self._timers, (deadline, timer.number, timer))
        return timer

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """`seconds` from the beginning of this wake-up."""
        return self.call_at(self.now + seconds, callback)

    def call_at_leisure(self, callback: Callable[[], object], within: float) -> Timer:
        """Call `callback` when no descriptor is ready and nothing is urgent, and in `within` seconds at the latest.

        Callbacks come in the order of asking, one in a turn of the loop: timers and descriptors go first.
        """
        timer = self.call_later(within, callback)
        self._leisure.append(timer)
        return timer

    def before_sleep(self, callback: Callable[[], object]) -> None:
        """Call back once, still in this wake-up: behind everything that is ready, and some of what is due."""
        self._decided.append(callback)

    @property
    def awake(self) -> bool:
        """Whether it polls instead of sleeping."""
        return self.now < self._awake_until

    def stay_awake(self, until: float) -> None:
        """Poll instead of sleeping, so that what is due then is not late by the time that a processor needs to wake."""
        self._awake_until = max(self._awake_until, until)

    def on_signal(self, number: int, callback: Callable[[], object]) -> None:
        """Call back from the loop, never from inside other code; what came while it was blocked is heard, too."""
        self._signals[number] = callback
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        before = signal.signal(number, self._arrive)
        self._handlers_before.setdefault(number, before)
        signal.siginterrupt(number, False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (number,))

    def watch_child(self, pid: int, callback: Callable[[int], object]) -> None:
        """Call back with the exit code (negative: the signal) once the child `pid` has ended; reaps it."""
        self._children[pid] = callback
        if signal.SIGCHLD not in self._signals:
            self.on_signal(signal.SIGCHLD, self._reap)
        self.call_at(self.now, self._reap)  # it may have ended before we watched

    def watch_process(self, pid: int, callback: Callable[[int | None], object]) -> Process:
        """Call back once the process `pid`, of whomever it is a child, has ended.

        With its exit code (negative: the signal) if it is our child, which is then reaped; else with None, as only
        its parent can know.
        """
        return Process(self, pid, callback)

    def next_deadline(self) -> float:
        """Of the timers that are not cancelled; inf without any."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else inf

    # --- running ---

    def run(self) -> None:
        """Until `stop`."""
        self._running = True
        while self._running:
            self._carry_out()
            idle = self._sleep_and_drain()
            self._expire()
            if idle:
                self._use_leisure()
        self._carry_out()

    def stop(self) -> None:
        """End `run` after this turn."""
        self._running = False

    def close(self) -> None:
        """Give back the descriptors and the signal handlers; the loop cannot be used again."""
        if self._signals:
            signal.set_wakeup_fd(-1)
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        for process in list(self._processes):
            process.forget()
        self._epoll.close()
        self._timerfd.close()
        self._wakeup.close()
        self._writer.close()

    def _sleep_and_drain(self) -> bool:
        """Whether no descriptor was ready."""
        if not (self._decided or self._leisure or self.awake):
            self._timerfd.arm(self.next_deadline())
            self._epoll.poll(None, maxevents=1)  # sleep; then read the clock, then ask who is ready
        self.now = time.monotonic()
        ready = self._epoll.poll(0)
        for fd, mask in ready:
            if fd == self._timerfd.fd:
                self._timerfd.read()
            else:
                self._dispatch(fd, mask)
        return not ready

    def _use_leisure(self) -> None:
        while self._leisure and self._leisure[0].callback is None:  # its time was over, or it was cancelled
            self._leisure.popleft()
        if self._leisure and not self._decided and not self.awake:
            self._run(self._leisure.popleft())

    @staticmethod
    def _run(timer: Timer) -> bool:
        """Whether it had still to run."""
        callback, timer.callback = timer.callback, None
        if callback is not None:
            callback()
        return callback is not None

    def _dispatch(self, fd: int, mask: int) -> None:
        failed = mask & (select.EPOLLERR | select.EPOLLHUP)
        for wanted, callback in list(self._callbacks.get(fd, {}).items()):
            still = self._callbacks.get(fd, {}).get(wanted) is callback  # the callback before may have removed it
            if still and (mask & wanted or failed):
                callback()

    def _expire(self) -> None:
        newest = next(self._numbers)
        expired = 0
        postponed = []  # set by the callbacks below and already due: readers come first
        while self._timers and self._timers[0][0] <= self.now:
            _unused, _unused, timer = heapq.heappop(self._timers)
            if timer.number > newest:
                postponed.append(timer)
            elif self._run(timer):
                expired += 1
                if expired % AT_MOST == 0:
                    self._carry_out()
        for timer in postponed:
            heapq.heappush(self._timers, (timer.deadline, timer.number, timer))

    def _carry_out(self) -> None:
        decided, self._decided = self._decided, []
        for callback in decided:
            callback()

    def _register(self, fd: int, event: int, callback: Callable[[], object]) -> None:
        known = self._callbacks.get(fd)
        if known is None:
            self._callbacks[fd] = {event: callback}
            self._epoll.register(fd, event)
        else:
            known[event] = callback
            self._epoll.modify(fd, sum(known))

    def _unregister(self, fd: int, event: int) -> None:
        known = self._callbacks.get(fd, {})
        if known.pop(event, None) is None:
            return
        if known:
            self._epoll.modify(fd, sum(known))
        else:
            del self._callbacks[fd]
            self._epoll.unregister(fd)

    def _arrive(self, number: int, _frame: FrameType | None) -> None:
        self._arrived.add(number)

    def _drain_signals(self) -> None:
        """Each once, however often it came.  The interpreter has run the handlers of what woke us by now."""
        try:
            self._wakeup.recv(1 << 16)
        except BlockingIOError:
            return
        arrived, self._arrived = self._arrived, set()
        for number in sorted(arrived):
            if callback := self._signals.get(number):
                callback()

    def _reap(self) -> None:
        for pid in list(self._children):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:  # other code of this process has reaped it: its exit code is lost
                ended, status = pid, 0
            if ended:
                self._children.pop(pid)(os.waitstatus_to_exitcode(status))
