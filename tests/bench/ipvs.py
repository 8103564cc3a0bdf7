# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling an empty IPVS table: the table itself, and a whole start of the daemon. Runs in the machine of uml.py."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import Table
from lvsd.kernel.netlink import Refusal, Request
from lvsd.kernel.netlink_socket import NetlinkSocket, generic_netlink
from lvsd.reconcile import changes

from tests.bench.daemons import EACH, OURS, Daemon
from tests.bench.figures import THEIRS, AtMost, Row, beside
from tests.bench.plan import Plan
from tests.bench.services import Size, configuration, ipvsadm, table, verify
from tests.bench.until import until

SIZES = (Size(1000, 2), Size(200, 50))
JUDGED = SIZES[0]
PATIENCE = 90  # seconds for one load


class Counting:
    """A netlink socket that counts what is written through it."""

    def __init__(self, socket: NetlinkSocket) -> None:
        self._socket = socket
        self.written = 0

    def batch(self, requests: Sequence[Request]) -> list[Refusal]:
        self.written += len(requests)
        return self._socket.batch(requests)

    def ask(self, request: Request) -> bytes:
        return self._socket.ask(request)

    def dump(self, request: Request) -> list[bytes]:
        return self._socket.dump(request)


def run(plan: Plan) -> Iterator[Row]:
    with TemporaryDirectory(prefix="lvsd-bench-") as folder:
        for size in (Size(50, 2),) if plan.quick else SIZES:
            yield from compare(plan, size, Path(folder))


def compare(plan: Plan, size: Size, folder: Path) -> list[Row]:
    socket = generic_netlink()
    counting = Counting(socket)
    ipvs = Ipvs(counting)
    wanted, text = table(size), configuration(size)
    loads, restores, again = [], [], []
    starts: dict[str, list[float]] = {kind: [] for kind in EACH}
    start(OURS, size, text, folder, ipvs)  # once unmeasured: whatever is compiled or cached, is
    for number in plan.each_round("ipvs", str(size), judged=size == JUDGED):
        loads.append(load(ipvs, size, wanted))
        again.append(unchanged(ipvs, counting, wanted))
        restores.append(restore(size))
        for kind in EACH:
            starts[kind].append(start(kind, size, text, folder, ipvs))
        told = (loads[-1], restores[-1], *(starts[kind][-1] for kind in EACH))
        plan.say(f"  {number} table, ipvsadm -R, start of {', '.join(EACH)}: {', '.join(f'{s:.3f}' for s in told)} s")
    socket.close()
    return rows(size, loads, restores, starts, again)


def rows(
    size: Size, loads: list[float], restores: list[float], starts: dict[str, list[float]], again: list[float]
) -> list[Row]:
    judged = size == JUDGED
    theirs = tuple(starts[THEIRS])
    table, restored = tuple(loads), tuple(restores)
    ten, thirty, ahead = (AtMost(1 / 10), AtMost(1 / 30), AtMost(ahead=True)) if judged else (None, None, None)
    return [
        Row("ipvs", f"{size}: table in memory to kernel", "s", table, theirs, f"{THEIRS}'s start", ten),
        Row("ipvs", f"{size}: table in memory to kernel", "s", table, restored, "ipvsadm -R", thirty),
        *beside("ipvs", f"{size}: from exec to the whole table", "s", starts, OURS, ahead),
        Row(
            "ipvs",
            f"{size}: messages written when nothing has changed",
            "",
            tuple(again),
            (0.0,) * len(again),
            "nothing",
            AtMost(),
        ),
    ]


def load(ipvs: Ipvs, size: Size, wanted: Table) -> float:
    """Read the empty table, compare, write: seconds."""
    ipvsadm("-C")
    gc.collect()
    gc.freeze()  # as a worker does once it has started
    began = time.perf_counter()
    write(ipvs, wanted)
    took = time.perf_counter() - began
    verify(size)
    return took


def write(ipvs: Ipvs, wanted: Table) -> None:
    """Raises NetlinkError for the first error of the batch."""
    actual = ipvs.dump()
    ipvs.apply(changes(actual.services, wanted.services), changes(actual.destinations, wanted.destinations))


def unchanged(ipvs: Ipvs, counting: Counting, wanted: Table) -> float:
    """How many messages the same table causes once it is there."""
    before = counting.written
    write(ipvs, wanted)
    return float(counting.written - before)


def restore(size: Size) -> float:
    """`ipvsadm -R` of what is there."""
    saved = ipvsadm("-Sn")
    ipvsadm("-C")
    began = time.perf_counter()
    ipvsadm("-R", stdin=saved)
    took = time.perf_counter() - began
    verify(size)
    return took


def start(kind: str, size: Size, text: str, folder: Path, ipvs: Ipvs) -> float:
    """Seconds from exec until the last service has its last destination."""
    ipvsadm("-C")
    with Daemon(kind, folder, text, only="-C") as daemon:
        wait_for_table(ipvs, size, daemon)
        took = time.monotonic() - daemon.began
        verify(size)
    ipvsadm("-C")
    return took


def wait_for_table(ipvs: Ipvs, size: Size, daemon: Daemon) -> None:
    def there() -> bool:
        assert daemon.process.poll() is None, f"{daemon.kind} has ended\n{daemon.said()}"
        return len(ipvs.destinations(size.last)) == size.servers

    try:
        until(there, PATIENCE, f"{daemon.kind} has written the table")
    except TimeoutError as late:
        late.add_note(daemon.said())
        raise
