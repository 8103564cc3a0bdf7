# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks have found is stored before the kernel's table shows it, so that no successor knows less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from errno import EBUSY
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.check.check_task import Runner
from lvsd.check.checker import Checker
from lvsd.check.health import Result
from lvsd.check.memory import Memory
from lvsd.check.overrides import Order
from lvsd.check.reconciler import TRY_AGAIN
from lvsd.check.show import show_check
from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.kernel.netlink import Refusal, Request, attribute, generic
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import CheckTiming, Configuration, RealServer, TcpCheck, VirtualServer
from lvsd.worker.reporter import Reporter

KEY = ServiceKey.at(ip_address("192.0.2.10"), 80)
PORTS = range(80, 88)
FIRST = DestinationKey(KEY, ip_address("10.0.0.11"), 80)


class Kernel:
    """A transport to an empty table; notes what the file held when a change came, and refuses all where it shall."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.seen: list[str] = []
        self.refusing = False

    def batch(self, requests: Sequence[Request]) -> list[Refusal]:
        self.seen.append(self.state.read_text())
        return [Refusal(n, EBUSY, "busy") for n in range(len(requests))] if self.refusing else []

    def ask(self, request: Request) -> bytes:
        return generic(1, 1, attribute(1, b"\x1a\0"))  # the number of the family

    def dump(self, request: Request) -> list[bytes]:
        return []


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path / "checker" / "checker.state")


@pytest.fixture
def checker(tmp_path: Path, kernel: Kernel) -> Iterator[Checker]:
    loop = Loop()
    options = WorkerOptions(config=tmp_path / "checker.conf", runtime_dir=tmp_path, state_dir=tmp_path)
    memory = Memory(tmp_path, "boot", lambda path, text: None, lambda reason: None)
    checker = Checker(loop, options, Ipvs(kernel), memory, "boot", Reporter("checker", lambda *said: None))
    tcp = TcpCheck(timing=CheckTiming(warmup=60.0, retry=0))
    servers = tuple(RealServer(address=ip_address(f"10.0.0.{n}"), checks=(tcp,)) for n in (11, 12))
    virtual = VirtualServer(address=KEY.address, port=80, protocol="TCP", real_servers=servers)
    checker.start(Configuration(virtual_servers=tuple(replace(virtual, port=port) for port in PORTS)))
    yield checker
    checker.stop()
    loop.close()


def fail(checker: Checker) -> Runner:
    """What a runner does once its probe has failed."""
    (runner,) = checker.services.server(FIRST).runners
    before = runner.health
    runner.health = replace(before, up=False, observed=True, failures=1, detail="refused")
    checker._observed(runner, before, Result(False, "refused"))
    return runner


def test_a_failure_is_in_the_file_before_the_kernel_hears_of_it(checker: Checker, kernel: Kernel) -> None:
    runner = fail(checker)
    checker.reconciler.flush()
    assert runner.plan.name not in kernel.seen[0]
    assert f'"check": "{runner.plan.name}", "up": false' in kernel.seen[-1]


def test_a_failure_and_an_order_in_one_wake_up_are_stored_before_both(checker: Checker, kernel: Kernel) -> None:
    checker.reconciler.touch(KEY)  # as an order would
    runner = fail(checker)
    loop = checker.state_file._loop
    loop.call_later(0, loop.stop)
    loop.run()
    assert len(kernel.seen) == 2
    assert f'"check": "{runner.plan.name}", "up": false' in kernel.seen[-1]


def test_a_check_that_cannot_look_is_told_once_and_once_more_when_it_can_again(checker: Checker) -> None:
    (runner,) = checker.services.server(FIRST).runners
    for result in [Result(False, "too many open files", looked=False)] * 3 + [Result(True, "connected")] * 2:
        runner._observe(result)
    told = [event["message"] for event in checker.events.since(0) if event["what"] == "check"]
    assert told == [
        f"{FIRST}: TCP_CHECK: could not look: too many open files; the server stays up",
        f"{FIRST}: TCP_CHECK: can look again",
    ]
    shown = show_check(runner.plan, replace(runner.health, blind=True))
    assert (shown["up"], shown["looked"]) == (True, False)


def test_refusals_of_one_wake_up_count_as_one_and_all_are_known(checker: Checker, kernel: Kernel) -> None:
    keeper = checker.reconciler
    pauses: list[Any] = []
    kernel.refusing = True
    for _ in range(3):
        for service in checker.services.services.values():
            for server in service.servers.values():
                server.state = replace(server.state, order=Order(weight=7 + len(pauses)))
            keeper.touch(service.pool.key)
        keeper.flush()
        assert keeper._comparing is not None
        pauses.append(keeper._comparing.deadline - keeper._loop.now)
    assert pauses == [pytest.approx(TRY_AGAIN)] * 3  # the next comparison is not put off
    assert len(keeper.refused) == 2 * len(PORTS)
    told = [event for event in checker.events.since(0) if event["what"] == "kernel" and "busy" in event["message"]]
    assert len(told) == 2 * len(PORTS)


def test_each_comparison_that_is_refused_doubles_the_pause(checker: Checker, kernel: Kernel) -> None:
    keeper = checker.reconciler
    pauses: list[Any] = []
    kernel.refusing = True
    for _ in range(8):
        keeper.compare()
        assert keeper._comparing is not None
        pauses.append(round(keeper._comparing.deadline - keeper._loop.now))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    kernel.refusing = False
    keeper.compare()
    assert (keeper.refused, keeper._pause) == ((), TRY_AGAIN)


def test_a_reload_tells_what_the_kernel_refused(checker: Checker, kernel: Kernel) -> None:
    one = "virtual_server 192.0.2.10 80 {\n protocol TCP\n real_server 10.0.0.11 80 {\n weight 7\n }\n}\n"
    wanted = conf.parse(one).configuration
    kernel.refusing = True
    answer = checker.reload(wanted)
    assert answer["changes"]["servers"]["changed"] == [str(FIRST)]
    assert answer["refused"] == [f"service {KEY}: busy"]
    kernel.refusing = False
    assert checker.reload(wanted) == {"changes": {}, "refused": []}


def test_whoever_leaves_has_stored_everything(checker: Checker, kernel: Kernel) -> None:
    runner = fail(checker)
    checker.leave()
    assert runner.plan.name in kernel.state.read_text()
    assert len(kernel.seen) == 2  # what was due is done, and nothing is taken away
