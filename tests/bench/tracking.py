# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one change of one tracker costs a router with 1,000 instances, beside deriving all of them anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from lvsd.model import Configuration, TrackedInterface, VirtualAddress, VirtualRouter

from tests.bench.figures import AtMost, Row
from tests.bench.plan import Plan
from tests.support.plain_kernel import NO_CARRIER, UP, PlainHost, PlainKernel

INSTANCES, EACH = 1000, 250  # EACH: of one interface; a VRID has 255
TIMES = 20  # changes in a round
ALL = "all derived anew"
MOST = AtMost(1 / 20)


def run(plan: Plan) -> Iterator[Row]:
    """CPU of the wake-up in which the kernel reports that a tracked interface has changed."""
    one: list[float] = []
    all_of_them: list[float] = []
    with TemporaryDirectory(prefix="lvsd-bench-") as folder:
        router = host(Path(folder))
        for number in plan.each_round("tracker", f"{INSTANCES} instances, one change of one tracker"):
            one.append(cost(lambda: change(router), plan))
            all_of_them.append(cost(lambda: router.loop.turn(router.router.assess), plan))
            plan.say(f"  {number} {one[-1]:.2f} ms of CPU, {all_of_them[-1]:.1f} where {ALL}")
    name = f"{INSTANCES} instances, one change of one tracker: CPU"
    yield Row("tracker", name, "ms", tuple(one), tuple(all_of_them), ALL, MOST)


def host(folder: Path) -> PlainHost:
    """Each instance tracks an interface of its own, with a weight."""
    kernel = PlainKernel()
    for number in range(INSTANCES // EACH):
        kernel.add_link(f"eth{number}", f"192.0.{number}.1/24")
    for number in range(INSTANCES):
        kernel.add_link(tracked(number))
    return PlainHost(kernel, Configuration(routers=tuple(map(router_of, range(INSTANCES)))), folder)


def tracked(number: int) -> str:
    return f"uplink{number}"


def router_of(number: int) -> VirtualRouter:
    address = VirtualAddress(address=ip_address(f"10.{number // EACH}.{number % EACH}.1"), prefix_length=32)
    return VirtualRouter(
        name=f"VI_{number}",
        vrid=number % EACH + 1,
        interface=f"eth{number // EACH}",
        addresses=(address,),
        track_interfaces=(TrackedInterface(tracked(number), -10),),
    )


def change(router: PlainHost) -> None:
    """The interface that one instance tracks goes down, or comes up again."""
    (instance,) = [i for i in router.router.election.instances if i.name == f"VI_{INSTANCES // 2}"]
    before = instance.vr.priority
    router.kernel.set_link(tracked(INSTANCES // 2), flags=NO_CARRIER if before == 100 else UP)
    router.observe()
    assert instance.vr.priority != before


def cost(act: Callable[[], None], plan: Plan) -> float:
    """Milliseconds of CPU, the median of several times."""
    found = []
    for _unused in range(3 if plan.quick else TIMES):
        began = time.process_time()
        act()
        found.append((time.process_time() - began) * 1000)
    return median(found)
