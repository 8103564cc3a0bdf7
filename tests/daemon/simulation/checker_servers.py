# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers of the checker's simulation, and the kind of check that looks at them: a row of the checker's table.

A server is well, dead (it refuses), hanging (it does not answer), or our side is blind (no attempt can be made).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from lvsd.check import kinds
from lvsd.check.health import Result
from lvsd.check.kinds import CheckKind
from lvsd.check.probe.attempt import AttemptOptions, RunningProbe
from lvsd.check.probe_spec import Probe
from lvsd.loop import Timer
from lvsd.model import CheckTiming

LATENCY = 0.2  # seconds at most, of an answer


@dataclass(frozen=True, slots=True)
class SimulatedCheck:
    """Its class of the model."""

    server: int
    number: int
    dynamic: bool
    timing: CheckTiming


@dataclass(frozen=True, slots=True)
class SimulatedProbe(Probe):
    """Equal for the same check of the same server, in whatever service."""

    server: int
    number: int
    dynamic: bool


class RealServers:
    """`state` is that of each server, `weights` what a dynamic check of it asks for."""

    def __init__(self, seed: int) -> None:
        self.state: dict[int, str] = {}
        self._draw = Random(-1 - seed)
        self.weights = {n: self._draw.choice((0, 1, 4, 20)) for n in range(1, 7) if self._draw.random() < 0.5}

    def latency(self) -> float:
        return self._draw.uniform(0.001, LATENCY)

    def answer(self, probe: SimulatedProbe) -> Result | None:
        """None: there is none."""
        match self.state.get(probe.server, "well"):
            case "well":
                weight = self.weights.get(probe.server) if probe.dynamic else None
                return Result(True, "connected", weight=weight)
            case "dead":
                return Result(False, "connection refused")
            case "blind":
                return Result(False, "too many open files", looked=False)
            case _:
                return None


class SimulatedAttempt:
    """An attempt that the server answers after its latency, or not within the timeout."""

    def __init__(self, servers: RealServers, probe: SimulatedProbe, options: AttemptOptions) -> None:
        self._servers = servers
        self._probe = probe
        self._options = options
        self._timer: Timer = options.loop.call_later(servers.latency(), self._arrive)

    def cancel(self, at_once: bool = False) -> None:
        self._timer.cancel()

    def _arrive(self) -> None:
        found = self._servers.answer(self._probe)
        if found is not None:
            self._options.done(found)
        else:
            self._timer = self._options.loop.call_later(self._options.timeout, self._late)

    def _late(self) -> None:
        self._options.done(Result(False, "timeout"))


def start(probe: SimulatedProbe, options: AttemptOptions) -> RunningProbe:
    loop: Any = options.loop
    return SimulatedAttempt(loop.servers, probe, options)


SIMULATED: CheckKind[SimulatedCheck, SimulatedProbe] = CheckKind(
    check=SimulatedCheck,
    probe=SimulatedProbe,
    name=lambda _: "SIMULATED_CHECK",
    spec=lambda check, _place: SimulatedProbe(check.server, check.number, check.dynamic),
    start=start,
    dynamic=lambda probe: probe.dynamic,
)


@contextmanager
def simulated() -> Iterator[None]:
    """The checker knows the kind meanwhile."""
    kinds.register(SIMULATED)
    try:
        yield
    finally:
        kinds.forget(SIMULATED)
