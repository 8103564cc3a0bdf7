# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Equal probes that are wanted at the same time are run once, and all who asked hear the result.

keepalived runs every check of every (service, server) pair by itself; here N services with the same check of the same
server cost one probe, because equal probes have equal phases (`schedule.phase`).
"""

from __future__ import annotations

from collections.abc import Callable, Set
from itertools import count

from lvsd.loop import Loop
from lvsd.programs.client import Programs

from .health import Result
from .probe.attempt import RunningProbe
from .probe.regex_search import Searcher
from .probe.start import start
from .probe_spec import Probe


class Ticket:
    """One who waits for the result of a probe."""

    def __init__(self, shared: Shared, done: Callable[[Result], None]) -> None:
        self._shared = shared
        self.done: Callable[[Result], None] | None = done

    def cancel(self, at_once: bool = False) -> None:
        """Not called back any more; the last to leave ends the probe (`at_once`: a program with SIGKILL)."""
        self.done = None
        self._shared.left(at_once)


class Shared:
    """A running probe and those who wait for it."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self.tickets: list[Ticket] = []
        self.running: RunningProbe | None = None
        self._ended = ended

    def join(self, done: Callable[[Result], None]) -> Ticket:
        """Wait for the result, too."""
        ticket = Ticket(self, done)
        self.tickets.append(ticket)
        return ticket

    def left(self, at_once: bool) -> None:
        """Give the probe up once the last ticket was cancelled."""
        if self.running is not None and not any(ticket.done for ticket in self.tickets):
            self.running.cancel(at_once)
            self.running = None
            self._ended()

    def finish(self, result: Result) -> None:
        """Tell the result to each ticket that still waits."""
        self.running = None
        self._ended()
        for ticket in self.tickets:
            if ticket.done is not None:
                ticket.done(result)


Key = tuple[int, int, float]


class SharedProbes:
    """Starts probes, or joins one that runs."""

    def __init__(self, loop: Loop, programs: Programs | None = None) -> None:
        self._loop = loop
        self._programs = programs or Programs(loop)
        self._searcher = Searcher(loop)
        self._shared: dict[Key, Shared] = {}
        self._known: dict[int, list[tuple[Probe, int]]] = {}
        self._numbers = count()

    def number(self, probe: Probe, mark: int = 0) -> int:
        """The same for equal probes: a probe is a large thing to compare each time it runs, and to hash (hence
        `mark`, which is equal for equal ones)."""
        alike = self._known.setdefault(mark, [])
        for known, number in alike:
            if known == probe:
                return number
        alike.append((probe, next(self._numbers)))
        return alike[-1][1]

    def keep(self, numbers: Set[int]) -> None:
        """Forget the probes of all other numbers; what still runs of them ends."""
        alike = {mark: [pair for pair in pairs if pair[1] in numbers] for mark, pairs in self._known.items()}
        self._known = {mark: pairs for mark, pairs in alike.items() if pairs}

    def start(self, probe: Probe, number: int, url: int, timeout: float, done: Callable[[Result], None]) -> Ticket:
        """`number` is that of the probe."""
        key = (number, url, timeout)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = Shared(lambda: self._forget(key))
            shared.running = start(self._loop, probe, url, timeout, shared.finish, self._searcher, self._programs)
        return shared.join(done)

    def close(self) -> None:
        """End the child that searches."""
        self._searcher.close()

    def _forget(self, key: Key) -> None:
        self._shared.pop(key, None)
