# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the configuration to the checks that run: inheritance expanded, every value concrete.

A value comes from the check, else from its real server, else from the virtual server, else from keepalived's
default.  A check is identified by its destination and by what it does, not by when or how long: a reload that changes
`delay_loop` or a timeout keeps its health, and equal probes can be shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from lvsd.kernel.ipvs_types import DestinationKey
from lvsd.model import Check, CheckTiming, Configuration, RealServer, VirtualServer

from .health import CheckTimes
from .kinds import CheckKind, CheckPlace, of_check, of_probe
from .probe_spec import Probe, mark

T = TypeVar("T")

DELAY_LOOP = 60.0
CONNECT_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class CheckId:
    """Which check of which destination; `number` tells equal checks of one server apart."""

    destination: DestinationKey
    probe: Probe
    number: int = 0


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One check, ready to run."""

    identity: CheckId
    schedule: CheckTimes
    mark: int = field(compare=False)  # `mark` of the probe, reckoned once

    @property
    def probe(self) -> Probe:
        """What the check does."""
        return self.identity.probe

    @property
    def kind(self) -> str:
        """keepalived's name of the check."""
        probe = self.identity.probe
        name: str = of_probe(probe).name(probe)
        return name

    @property
    def name(self) -> str:
        """The identity as a text: the same in every process, and without the secrets that a probe may hold."""
        return f"{self.identity.destination} {self.kind} {self.mark:08x} {self.identity.number}"

    @property
    def phase(self) -> float:
        """0..1: probes are spread over their period, equal ones meet."""
        return self.mark / (1 << 32)


def plans(
    configuration: Configuration, virtual: VirtualServer, real: RealServer, destination: DestinationKey
) -> tuple[PlannedCheck, ...]:
    """The checks of one real server, in the order of the configuration."""
    seen: dict[Probe, int] = {}
    found = []
    place = CheckPlace(configuration, virtual, real)
    for check in real.checks:
        kind = of_check(check)
        schedule = expand(kind, check, place)
        probe = kind.spec(check, place)
        number = seen.get(probe, 0) if seen else 0
        found.append(PlannedCheck(CheckId(destination, probe, number), schedule, mark(probe)))
        if len(real.checks) > 1:
            seen[probe] = number + 1
    return tuple(found)


def expand(kind: CheckKind[Any, Any], check: Check, place: CheckPlace) -> CheckTimes:
    """The schedule of a check of this kind: check, real server, virtual server, default."""
    levels = (kind.timing(check), place.real.timing, place.virtual.timing)
    limit = None if kind.limit is None else kind.limit(check)
    return inherited(kind.retry, kind.delay_before_retry, kind.limit is not None, limit, levels)


@lru_cache(1024)
def inherited(
    retry: int, delay_before_retry: float, limited: bool, limit: float | None, levels: tuple[CheckTiming, ...]
) -> CheckTimes:
    """Many checks are timed alike.  `retry` and `delay_before_retry` are the defaults of the kind; a kind that is
    `limited` has `limit`, else `delay_loop`, in the place of `connect_timeout`."""
    delay_loop = first((t.delay_loop for t in levels), DELAY_LOOP)
    timeout = first((t.connect_timeout for t in levels), CONNECT_TIMEOUT)
    if limited:
        timeout = delay_loop if limit is None else limit
    return CheckTimes(
        connect_timeout=timeout,
        retry=first((t.retry for t in levels), retry),
        delay_before_retry=first((t.delay_before_retry for t in levels), delay_before_retry),
        delay_loop=delay_loop,
        warmup=first((t.warmup for t in levels), delay_loop),
        alpha=first((t.alpha for t in levels), False),
    )


def first(values: Iterator[T | None], default: T) -> T:
    """Return the first value that is given, else `default`."""
    return next((value for value in values if value is not None), default)
