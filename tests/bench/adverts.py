# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advertisements: how regular they are at 10 ms, what 255 virtual routers cost, how fast they start and end."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import quantiles

from tests.bench.capture import Advertisement
from tests.bench.daemons import EACH, OURS, Daemon
from tests.bench.figures import AtMost, Row, beside, column
from tests.bench.plan import Plan
from tests.bench.until import until
from tests.bench.wire import NEAR, Wire, routers, wire

OWNER = 255  # advertises at once
FAST, INSTANCES = 0.01, 10  # seconds
REAL_TIME = "vrrp_rt_priority 50"
WINDOW = 4.0  # seconds that the fast advertisements are watched
MANY = 255
STEADY = 5.0  # seconds over which CPU is counted


def jitter(plan: Plan) -> Iterator[Row]:
    """|interval - 10 ms|, p99 over all instances."""
    found: dict[str, list[float]] = {kind: [] for kind in EACH}
    with wire() as net:
        for number in plan.each_round("jitter", f"{INSTANCES} instances at {FAST * 1000:.0f} ms, SCHED_RR"):
            for kind in EACH:
                with net.daemon(kind, net.near, routers(INSTANCES, OWNER, FAST, REAL_TIME)):
                    advertised(net, INSTANCES)
                    found[kind].append(percentile(watch(net, 1.0 if plan.quick else WINDOW)))
                plan.say(f"  {number} {kind}: {found[kind][-1]:.3f} ms")
    yield from beside("jitter", f"p99 of {INSTANCES} instances at 10 ms", "ms", found, OURS, AtMost())


def many(plan: Plan) -> Iterator[Row]:
    """255 virtual routers at one second."""
    end = "SIGTERM to the end of all processes"
    names = ("start to all advertisements", "CPU of that start", "CPU in steady state", end)
    found: dict[str, list[tuple[float, ...]]] = {kind: [] for kind in EACH}
    with wire() as net:
        for number in plan.each_round("many", f"{MANY} instances at 1 s", judged=False):
            for kind in EACH:
                found[kind].append(life(net, kind, 1.0 if plan.quick else STEADY))
                plan.say(f"  {number} {kind}: {', '.join(f'{value:.2f}' for value in found[kind][-1])}")
    for at, (name, unit) in enumerate(zip(names, ("ms", "ms", "% of a core", "ms"), strict=True)):
        yield from beside("many", f"{MANY} instances: {name}", unit, column(found, at), OURS)


def life(net: Wire, kind: str, steady: float) -> tuple[float, float, float, float]:
    """Milliseconds to the first advertisement of the last instance, those of CPU, per cent of a core, ms to stop."""
    net.capture.clear()
    began = time.time()
    with net.daemon(kind, net.near, routers(MANY, OWNER, 1)) as daemon:
        advertised(net, MANY)
        started = daemon.cpu()
        first: dict[int, float] = {}
        for advert in net.capture.advertisements:
            first.setdefault(advert.vrid, advert.at)
        time.sleep(2)
        before, at = daemon.cpu(), time.monotonic()
        time.sleep(steady)
        used = (daemon.cpu() - before) / (time.monotonic() - at)
        stop = daemon.stop()
    return (max(first.values()) - began) * 1000, started * 1000, used * 100, stop * 1000


def advertised(net: Wire, count: int) -> None:
    """All instances have been heard since the capture was cleared."""

    def heard() -> bool:
        net.capture.read()
        return len({advert.vrid for advert in net.capture.advertisements if advert.source == NEAR}) == count

    until(heard, 90, f"all of {count} instances are advertised", every=0.05)


def watch(net: Wire, seconds: float, daemon: Daemon | None = None) -> list[Advertisement]:
    """The advertisements of so many seconds.

    `daemon` is told to reload near their beginning, and may be silent for long: then until all are heard again.
    """
    time.sleep(0.5)
    net.capture.clear()
    began = time.monotonic()
    if daemon is not None:
        time.sleep(3 * FAST)
        daemon.reload()
    time.sleep(seconds)
    if daemon is not None:
        until(lambda: heard_since(net, time.time() - 0.5), 120, f"{daemon.kind} advertises again", every=0.5)
    net.capture.read()
    took = time.monotonic() - began
    found = net.capture.advertisements
    expected = INSTANCES * took / FAST
    if not (daemon is not None or 0.3 * expected < len(found)) or len(found) > 1.1 * expected:
        raise AssertionError(f"{len(found)} advertisements in {took:.1f} s, expected {expected:.0f}")
    net.capture.clear()
    return found


def heard_since(net: Wire, since: float) -> bool:
    """Whether every instance has been heard after that time."""
    net.capture.read()
    return len({advert.vrid for advert in net.capture.advertisements if advert.at > since}) == INSTANCES


def percentile(found: Iterable[Advertisement]) -> float:
    """p99 of |interval - 10 ms|, in milliseconds."""
    return quantiles(deviations(found), n=100)[98]


def deviations(found: Iterable[Advertisement]) -> list[float]:
    """Of each interval between two advertisements of one instance, in milliseconds."""
    by_vrid: dict[int, list[float]] = defaultdict(list)
    for advert in found:
        by_vrid[advert.vrid].append(advert.at)
    return [abs(later - earlier - FAST) * 1000 for times in by_vrid.values() for earlier, later in pairwise(times)]
