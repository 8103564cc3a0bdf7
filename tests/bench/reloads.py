# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reloads of the unchanged configuration on the Active Router: how often the Backup Router takes over.

A reload that keeps the daemon busy for longer than Active_Down_Interval - Advertisement_Interval is taken for its death
(RFC 9568 §6.4.2). The Backup Router is lvsd or the keepalived of the system, because each has its own idea of when a
timer is due.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.capture import Capture
from tests.bench.daemons import EACH, OURS, Daemon
from tests.bench.figures import THEIRS, Row, beside
from tests.bench.plan import Plan
from tests.bench.until import until
from tests.bench.wire import FAR, NEAR, routers, wire

ACTIVE, BACKUP = 200, 100  # priorities
RELOADS = {OURS: 100, "others": 20}  # a round; the others are known to lose some, so fewer show as much


@dataclass(frozen=True, slots=True)
class Case:
    """An advertisement interval, and the seconds from one reload to the next; `backup` is a kind of daemon."""

    interval: float
    pause: float
    backup: str

    @property
    def name(self) -> str:
        return f"take-overs in 100 reloads at {self.interval * 1000:.0f} ms, the backup is {self.backup}"


def cases() -> Iterator[Case]:
    for interval, pause in ((0.01, 0.25), (0.1, 0.6)):
        for backup in (OURS, THEIRS):
            yield Case(interval, pause, backup)


def run(plan: Plan) -> Iterator[Row]:
    for case in cases():
        found: dict[str, list[float]] = {kind: [] for kind in EACH}
        for number in plan.each_round("reloads", case.name):
            for kind in EACH:
                times = 3 if plan.quick else RELOADS.get(kind, RELOADS["others"])
                lost = count(case, kind, times)
                found[kind].append(100 * lost / times)
                plan.say(f"  {number} {kind}: {lost} of {times}")
        yield from beside("reloads", case.name, "", found, OURS)


def count(case: Case, kind: str, times: int) -> int:
    """How many of so many reloads of a daemon of this kind its backup took for its end."""
    lost = 0
    with (
        wire() as net,
        net.daemon(kind, net.near, routers(1, ACTIVE, case.interval)) as active,
        net.daemon(case.backup, net.far, routers(1, BACKUP, case.interval)),
    ):
        until(lambda: settled(net.capture, case), 15, "the better router is Active and heard", every=0.1)
        for _ in range(times):
            lost += taken(net.capture, case, active)
    return lost


def taken(capture: Capture, case: Case, active: Daemon) -> bool:
    """Reload once: whether the backup advertised afterwards. Returns when the better router is Active again."""
    capture.clear()
    time.sleep(case.interval)
    active.reload()
    time.sleep(case.pause)
    capture.read()
    adverts = capture.advertisements
    if not any(advert.source == FAR for advert in adverts):
        return False
    at = [advert.at for advert in adverts if advert.source == NEAR]
    gap = max((later - earlier for earlier, later in pairwise(at)), default=0.0)
    print(f"    a take-over: {gap * 1000:.1f} ms between two advertisements of {active.kind}", file=sys.stderr)
    until(lambda: settled(capture, case), 15, "the better router is Active again", every=0.1)
    return True


def settled(capture: Capture, case: Case) -> bool:
    """The better router was heard lately, and the other not for ten intervals."""
    capture.clear()
    time.sleep(10 * case.interval)
    capture.read()
    return {advert.source for advert in capture.advertisements} == {NEAR}
