# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One check that runs: sleep until its time, probe, fold the result in, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from lvsd.loop import Loop, Timer

from .health import Health, Result, observe
from .kinds import of_probe
from .planned_check import PlannedCheck
from .shared_probes import SharedProbes, Ticket

SLOT = 0.01  # seconds: probes that are due together share a wake-up of the loop

Tell = Callable[["Runner", Health, Result], None]
"""(the check, its health before, the result); its health after is `runner.health`."""


class Runner:
    """Runs one check again and again, and holds its health. `tell` gets each result."""

    def __init__(self, loop: Loop, shared_probes: SharedProbes, plan: PlannedCheck, health: Health, tell: Tell) -> None:
        self._loop = loop
        self._shared_probes = shared_probes
        self._tell = tell
        self.plan = plan
        self.health = health
        self.number = shared_probes.number(plan.probe, plan.mark)
        self._timer: Timer | None = None
        self._ticket: Ticket | None = None
        self._kind = of_probe(plan.probe)
        if not self._kind.looks:
            self.health = replace(health, up=True, observed=True, detail="not checked, counts as passing")
        else:
            self._sleep()

    def adopt(self, plan: PlannedCheck) -> None:
        """The same check on another schedule; its health stays, its next probe is not later than it would be."""
        sooner = self._loop.now + plan.schedule.delay_loop
        self.health = replace(self.health, probe_at=min(self.health.probe_at, sooner))
        self.plan = plan
        if self._timer is not None:
            self._timer.cancel()
            self._sleep()

    def stop(self, at_once: bool = False) -> None:
        """Stop; a probe that runs is given up (`at_once`: a program with SIGKILL)."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ticket is not None:
            self._ticket.cancel(at_once)
            self._ticket = None

    def _sleep(self) -> None:
        self._timer = self._loop.call_at(ceil(self.health.probe_at / SLOT) * SLOT, self._probe)

    def _probe(self) -> None:
        self._timer = None
        timeout = self.plan.schedule.connect_timeout
        self._ticket = self._shared_probes.start(self.plan.probe, self.number, self.health.url, timeout, self._observe)

    def _observe(self, result: Result) -> None:
        self._ticket = None
        probe, before = self.plan.probe, self.health
        urls, fast = self._kind.urls(probe), self._kind.fast_recovery(probe)
        self.health = observe(self.plan.schedule, before, result, self._loop.now, urls, fast)
        self._sleep()
        self._tell(self, before, result)
