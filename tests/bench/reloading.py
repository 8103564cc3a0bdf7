# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advertisement jitter while the checker takes on a large configuration again. Runs in the machine of uml.py."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.adverts import FAST, INSTANCES, OWNER, REAL_TIME, advertised, deviations, percentile, watch
from tests.bench.checking import LARGE, SMALL, TCP_CHECK, rest
from tests.bench.daemons import EACH, OURS
from tests.bench.figures import AtMost, Row, beside, column
from tests.bench.plan import Plan
from tests.bench.services import configuration
from tests.bench.wire import routers, wire

BUSY = 0.6  # seconds of CPU in a second: more than the advertisements take
WINDOW = 5.0  # seconds from the beginning of the reload


def jitter(plan: Plan) -> Iterator[Row]:
    """|interval - 10 ms| of the instances: p99 and the longest."""
    size = SMALL if plan.quick else LARGE
    text = configuration(size, TCP_CHECK, head=routers(INSTANCES, OWNER, FAST, REAL_TIME))
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in EACH}
    with wire() as net:
        for number in plan.each_round("reloading", f"advertisements while {size} are reloaded"):
            for kind in EACH:
                with net.daemon(kind, net.near, text, only="") as daemon:
                    advertised(net, INSTANCES)
                    rest(daemon, BUSY)
                    heard = watch(net, 1.0 if plan.quick else WINDOW, daemon)
                found[kind].append((percentile(heard), max(deviations(heard))))
                plan.say(f"  {number} {kind}: p99 {found[kind][-1][0]:.3f} ms, longest {found[kind][-1][1]:.1f} ms")
    for at, (name, goal) in enumerate((("p99", AtMost()), ("longest", None))):
        title = f"{name} of {INSTANCES} instances at 10 ms, {size} reloaded"
        yield from beside("reloading", title, "ms", column(found, at), OURS, goal)
