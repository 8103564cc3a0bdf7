# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Crash failover: from the dead router's last advertisement to the other's gratuitous ARP, less what the protocol asks.

The dead router is a keepalived for both, killed with SIGKILL; who takes over is under measurement. Each instance has
its own overhead: first gratuitous ARP - last advertisement - Active_Down_Interval (RFC 9568 §6.1).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tests.bench.capture import Capture
from tests.bench.daemons import BOTH, THEIRS
from tests.bench.figures import AtMost, Row
from tests.bench.plan import Plan
from tests.bench.until import until
from tests.bench.wire import FAR, NEAR, Wire, routers, wire

PRIORITY, BETTER = 100, 255  # the owner of the addresses advertises at once


@dataclass(frozen=True, slots=True)
class Case:
    """So many instances with this advertisement interval in seconds, and how many crashes a round has."""

    count: int
    interval: float
    crashes: int

    @property
    def floor(self) -> float:
        """Active_Down_Interval, in seconds."""
        return 3 * self.interval + (256 - PRIORITY) / 256 * self.interval


CASES = (Case(1, 0.1, 5), Case(255, 1.0, 1))


class Overhead(NamedTuple):
    """Milliseconds above the protocol's share: the first of the instances, their median, the last."""

    first: float
    middle: float
    last: float


def run(plan: Plan) -> Iterator[Row]:
    for case in CASES[:1] if plan.quick else CASES:
        yield from compare(plan, case)


def compare(plan: Plan, case: Case) -> list[Row]:
    found: dict[str, list[Overhead]] = {kind: [] for kind in BOTH}
    with wire() as net:
        for number in plan.each_round("failover", f"{case.count} instances"):
            for kind in BOTH:
                taken = take_overs(net, kind, case)
                found[kind].append(Overhead(*(median(values) for values in zip(*taken, strict=True))))
                plan.say(f"  {number} {kind}: {', '.join(f'{value:.2f}' for value in found[kind][-1])} ms")
    return rows(case.count, found)


def rows(count: int, found: dict[str, list[Overhead]]) -> list[Row]:
    def row(name: str, at: int, goal: AtMost | None) -> Row:
        ours, theirs = (tuple(overhead[at] for overhead in found[kind]) for kind in BOTH)
        return Row("failover", name, "ms", ours, theirs, goal=goal)

    if count == 1:
        return [row("1 instance", 1, AtMost(extra=0.5))]
    return [
        row(f"{count} instances, the first of them", 0, None),
        row(f"{count} instances, median", 1, AtMost(ahead=True)),
        row(f"{count} instances, the last of them", 2, AtMost(ahead=True)),
    ]


def take_overs(net: Wire, kind: str, case: Case) -> list[Overhead]:
    """The same daemon takes over again and again."""
    with net.daemon(kind, net.near, routers(case.count, PRIORITY, case.interval)):
        return [take_over(net, case) for _ in range(case.crashes)]


def take_over(net: Wire, case: Case) -> Overhead:
    capture = net.capture
    capture.clear()
    with net.daemon(THEIRS, net.far, routers(case.count, BETTER, case.interval)) as dead:
        until(lambda: settled(capture, case), 10, "the better router is Active and heard", every=0.1)
        capture.clear()
        time.sleep(1.3 * case.interval)
        dead.crash()
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
