# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reload that changes nothing costs, and what checks cost. Runs in the machine of uml.py."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.netlink_socket import generic_netlink

from tests.bench.daemons import EACH, OURS, Daemon
from tests.bench.figures import AtMost, Row, beside
from tests.bench.ipvs import wait_for_table
from tests.bench.plan import Plan
from tests.bench.services import BACKLOG, PORT, Size, configuration, ipvsadm, verify
from tests.bench.until import until

TCP_CHECK = "TCP_CHECK {\n      connect_timeout 30\n    }"
LARGE, SMALL = Size(200, 50), Size(10, 5)
CHECKED = Size(100, 5)
REST = 1.0  # seconds without work after which a reload counts as done
IDLE = 0.1  # seconds of CPU in a second that are no work: a few checks, the watchdog
WINDOW = 6.0  # seconds over which checks are counted


class Acceptor:
    """Every real server at once: accepts on all addresses and closes; `accepted` counts."""

    def __init__(self) -> None:
        self.accepted = 0
        self._listener = socket.create_server(("0.0.0.0", PORT), backlog=BACKLOG)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            connection.close()

    def __enter__(self) -> Acceptor:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def reload(plan: Plan) -> Iterator[Row]:
    size = SMALL if plan.quick else LARGE
    text = configuration(size, TCP_CHECK)
    found: dict[str, list[float]] = {kind: [] for kind in EACH}
    with TemporaryDirectory(prefix="lvsd-bench-") as folder, Acceptor():
        for number in plan.each_round("reload", f"{size} with TCP_CHECK"):
            for kind in EACH:
                found[kind].append(reload_cost(kind, size, text, Path(folder)))
                plan.say(f"  {number} {kind}: {found[kind][-1]:.2f} s of CPU")
    yield from beside("reload", f"no-op reload of {size} with TCP_CHECK, CPU", "s", found, OURS, AtMost(1 / 20))


def reload_cost(kind: str, size: Size, text: str, folder: Path) -> float:
    """Seconds of CPU, of all processes, from SIGHUP until they rest."""
    ipvsadm("-C")
    ipvs = Ipvs(generic_netlink())
    with Daemon(kind, folder, text, only="-C") as daemon:
        wait_for_table(ipvs, size, daemon)
        rest(daemon)
        verify(size)
        before = ipvsadm("-Sn"), daemon.cpu()
        daemon.reload()
        rest(daemon)
        used = daemon.cpu() - before[1]
        verify(size)
        assert ipvsadm("-Sn") == before[0], f"the reload has changed the table\n{daemon.said()}"
    ipvsadm("-C")
    return used


def rest(daemon: Daemon, idle: float = IDLE) -> None:
    """Wait until it has nothing more to do: less than `idle` seconds of CPU in a second."""
    used = [daemon.cpu()]

    def resting() -> bool:
        used.append(daemon.cpu())
        return used[-1] - used[-2] < idle

    time.sleep(REST)
    until(resting, 300, f"{daemon.kind} rests", every=REST)


def checks(plan: Plan) -> Iterator[Row]:
    text = configuration(CHECKED, TCP_CHECK, delay=1)
    found: dict[str, list[float]] = {kind: [] for kind in EACH}
    with TemporaryDirectory(prefix="lvsd-bench-") as folder, Acceptor() as acceptor:
        for number in plan.each_round("checks", f"TCP_CHECK of {CHECKED} every second", judged=False):
            for kind in EACH:
                found[kind].append(check_cost(kind, text, Path(folder), acceptor, 2.0 if plan.quick else WINDOW))
                plan.say(f"  {number} {kind}: {found[kind][-1]:.0f} ms of CPU per 1,000 checks")
    yield from beside("checks", f"CPU of 1,000 TCP checks, {CHECKED} every second", "ms", found, OURS)


def check_cost(kind: str, text: str, folder: Path, acceptor: Acceptor, window: float) -> float:
    """Milliseconds of CPU per 1,000 checks; every check is a connection that was accepted."""
    ipvsadm("-C")
    with Daemon(kind, folder, text, only="-C") as daemon:
        wait_for_table(Ipvs(generic_netlink()), CHECKED, daemon)
        time.sleep(2)
        used, accepted, began = daemon.cpu(), acceptor.accepted, time.monotonic()
        time.sleep(window)
        used, accepted, took = daemon.cpu() - used, acceptor.accepted - accepted, time.monotonic() - began
        expected = CHECKED.services * CHECKED.servers * took
        assert 0.4 * expected < accepted < 1.2 * expected, f"{accepted} checks in {took:.1f} s, expected {expected:.0f}"
        verify(CHECKED)
    ipvsadm("-C")
    return used / accepted * 1e6
