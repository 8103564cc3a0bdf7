# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failover: from the last advertisement of the router that is gone to the other's gratuitous ARP, less the protocol's.

Who is gone is the host's keepalived for all, killed with SIGKILL or stopped with SIGTERM; who takes over is measured.
Each instance has its own overhead: first gratuitous ARP - last advertisement - Active_Down_Interval, or Skew_Time after
an advertisement of priority 0 (RFC 9568 §6.1, §6.4.2).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tests.bench.capture import Capture
from tests.bench.daemons import EACH, OURS
from tests.bench.figures import THEIRS, AtMost, Row, beside, column
from tests.bench.plan import Plan
from tests.bench.until import until
from tests.bench.wire import FAR, NEAR, Wire, routers, wire

PRIORITY, BETTER = 100, 255  # the owner of the addresses advertises at once


@dataclass(frozen=True, slots=True)
class Case:
    """So many instances with this advertisement interval in seconds, and how often a round has it."""

    count: int
    interval: float
    times: int
    planned: bool = False

    @property
    def floor(self) -> float:
        """Active_Down_Interval, or Skew_Time where the other says good-bye; in seconds."""
        skew_time = (256 - PRIORITY) / 256 * self.interval
        return skew_time if self.planned else 3 * self.interval + skew_time

    @property
    def name(self) -> str:
        """As it is called in the table."""
        return f"{self.count} instance{'s' * (self.count > 1)}{', planned' * self.planned}"


CASES = (Case(1, 0.1, 5), Case(1, 0.1, 5, planned=True), Case(255, 1.0, 1))


class Overhead(NamedTuple):
    """Milliseconds above the protocol's share: the first of the instances, their median, the last."""

    first: float
    middle: float
    last: float


def run(plan: Plan) -> Iterator[Row]:
    for case in CASES[:1] if plan.quick else CASES:
        yield from compare(plan, case)


def compare(plan: Plan, case: Case) -> list[Row]:
    found: dict[str, list[Overhead]] = {kind: [] for kind in EACH}
    with wire() as net:
        for number in plan.each_round("failover", case.name):
            for kind in EACH:
                taken = take_overs(net, kind, case)
                found[kind].append(Overhead(*(median(values) for values in zip(*taken, strict=True))))
                plan.say(f"  {number} {kind}: {', '.join(f'{value:.2f}' for value in found[kind][-1])} ms")
    return rows(case, found)


def rows(case: Case, found: dict[str, list[Overhead]]) -> list[Row]:
    def row(name: str, at: int, goal: AtMost | None) -> list[Row]:
        return beside("failover", name, "ms", column(found, at), OURS, goal)

    if case.count == 1:
        return row(case.name, 1, AtMost(extra=0.5))
    return [
        *row(f"{case.name}, the first of them", 0, None),
        *row(f"{case.name}, median", 1, AtMost(ahead=True)),
        *row(f"{case.name}, the last of them", 2, AtMost(ahead=True)),
    ]


def take_overs(net: Wire, kind: str, case: Case) -> list[Overhead]:
    """The same daemon takes over again and again."""
    with net.daemon(kind, net.near, routers(case.count, PRIORITY, case.interval)):
        return [take_over(net, case) for _ in range(case.times)]


def take_over(net: Wire, case: Case) -> Overhead:
    capture = net.capture
    capture.clear()
    with net.daemon(THEIRS, net.far, routers(case.count, BETTER, case.interval)) as gone:
        until(lambda: settled(capture, case), 10, "the better router is Active and heard", every=0.1)
        capture.clear()
        time.sleep(1.3 * case.interval)
        gone.stop() if case.planned else gone.crash()
    until(lambda: announced(capture) >= case.count, 5 + case.floor, "every address is announced", every=0.1)
    return overhead(capture, case)


def settled(capture: Capture, case: Case) -> bool:
    """For two intervals all were advertised by the better router, and none by the other."""
    capture.read()
    since = time.time() - 2 * case.interval
    recent = [advert for advert in capture.advertisements if advert.at > since]
    heard = {advert.vrid for advert in recent}
    steady = len(recent) < len(capture.advertisements)
    return steady and len(heard) == case.count and not any(advert.source == NEAR for advert in recent)


def announced(capture: Capture) -> int:
    capture.read()
    return len({announcement.host for announcement in capture.announcements})


def overhead(capture: Capture, case: Case) -> Overhead:
    """VRID and the last byte of its address are the same number."""
    last: dict[int, float] = {}
    first: dict[int, float] = {}
    for advert in capture.advertisements:
        if advert.source == FAR:
            last[advert.vrid] = advert.at
    for announcement in capture.announcements:
        first.setdefault(announcement.host, announcement.at)
    if not set(first) == set(last) == set(range(1, case.count + 1)):
        raise AssertionError(f"{len(last)} of {case.count} were advertised, {len(first)} were announced")
    values = sorted((first[vrid] - last[vrid] - case.floor) * 1000 for vrid in first)
    return Overhead(values[0], median(values), values[-1])
