# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of check is a row of one table: a throw-away kind goes through everything without another line anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lvsd.check import kinds
from lvsd.check.checker import Checker
from lvsd.check.health import CheckTimes, Result
from lvsd.check.kinds import KINDS, CheckKind
from lvsd.check.memory import Memory
from lvsd.check.probe.attempt import AttemptOptions, RunningProbe, ended
from lvsd.check.probe_spec import NoProbe, Probe
from lvsd.kernel.ipvs_types import Destination, DestinationKey, ServiceKey
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Check, CheckTiming, Configuration, HttpCheck, RealServer, VirtualServer
from lvsd.worker.reporter import Reporter

from tests.support.ipvs_table import IpvsTable

CHECK = Path(__file__).parents[4] / "runtime" / "lvsd" / "check"
KEY = ServiceKey.at(ip_address("192.0.2.10"), 80)
FIRST, SECOND = (DestinationKey(KEY, ip_address(f"10.0.0.{n}"), 80) for n in (11, 12))


# --- the throw-away kind: a die -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DiceCheck:
    """Its class of the model."""

    sides: tuple[int, ...]
    timing: CheckTiming


@dataclass(frozen=True, slots=True)
class DiceProbe(Probe):
    """What it does: one side after the other, as the URLs of an HTTP_GET; 0 fails, any other asks for a weight."""

    sides: tuple[int, ...]


def throw(probe: DiceProbe, options: AttemptOptions) -> RunningProbe:
    side = probe.sides[options.url]
    return ended(options, Result(side > 0, f"threw {side}", weight=side))


DICE: CheckKind[DiceCheck, DiceProbe] = CheckKind(
    check=DiceCheck,
    probe=DiceProbe,
    name=lambda probe: f"DICE_CHECK_{len(probe.sides)}",
    spec=lambda check, place: DiceProbe(check.sides),
    start=throw,
    retry=0,
    delay_before_retry=7.0,
    dynamic=lambda probe: True,
    urls=lambda probe: len(probe.sides),
)


@pytest.fixture
def dice() -> Iterator[None]:
    kinds.register(DICE)
    yield
    kinds.forget(DICE)


def configured(**checks: tuple[int, ...]) -> Configuration:
    """s11=(3,) is the server .11 with a die of one side."""
    timing = CheckTiming(warmup=0.0, delay_loop=30.0)
    servers = []
    for name, sides in checks.items():
        check: Any = DiceCheck(sides, timing)
        servers.append(RealServer(address=ip_address(f"10.0.0.{name[1:]}"), weight=2, checks=(check,)))
    virtual = VirtualServer(address=KEY.address, port=80, protocol="TCP", real_servers=tuple(servers))
    return Configuration(virtual_servers=(virtual,))


@pytest.fixture
def run(tmp_path: Path, dice: None) -> Iterator[Callable[[Configuration, Callable[[Checker], bool]], Checker]]:
    """Start a checker on a plain table, and run it until something is so."""
    started: list[tuple[Loop, Checker]] = []

    def run_until(configuration: Configuration, so: Callable[[Checker], bool]) -> Checker:
        loop = Loop()
        options = WorkerOptions(config=tmp_path / "unused", runtime_dir=tmp_path, state_dir=tmp_path)
        memory = Memory(tmp_path, "boot", lambda path, text: None, lambda reason: None)
        table: Any = IpvsTable()
        checker = Checker(loop, options, table, memory, "boot", Reporter("checker", lambda *said: None))
        started.append((loop, checker))
        checker.start(configuration)

        def look() -> None:
            if so(checker):
                loop.stop()
            else:
                loop.call_later(0.01, look)

        look()
        loop.call_later(20.0, loop.stop)
        loop.run()
        assert so(checker)
        return checker

    yield run_until
    for loop, checker in started:
        checker.stop()
        loop.close()


def observed(checker: Checker) -> bool:
    return all(server.runners[0].health.observed for server in checker.services.services[KEY].servers.values())


def test_a_new_kind_reaches_the_kernel_the_events_show_and_the_next_process(run: Any, tmp_path: Path) -> None:
    checker = run(configured(s11=(5,), s12=(0,)), observed)
    checker.reconciler.flush()
    assert checker.table.dump().destinations == {FIRST: Destination(weight=5)}
    told = [event["message"] for event in checker.events.since(0) if event["what"] == "health"]
    assert told == [f"{SECOND}: up -> down (DICE_CHECK_1: threw 0)"]
    (service,) = checker._all_shown()["services"]
    assert [server["checks"][0]["kind"] for server in service["servers"]] == ["DICE_CHECK_1"] * 2
    assert [server["checks"][0]["detail"] for server in service["servers"]] == ["threw 5", "threw 0"]
    checker.leave()
    text = (tmp_path / "checker" / "checker.state").read_text()
    assert re.search(rf'"check": "{re.escape(str(SECOND))} DICE_CHECK_1 [0-9a-f]+ 0", "up": false', text)


def test_its_defaults_are_those_of_its_row(run: Any) -> None:
    checker = run(configured(s11=(5,)), observed)
    schedule = checker.services.server(FIRST).runners[0].plan.schedule
    assert schedule == CheckTimes(retry=0, delay_before_retry=7.0, delay_loop=30.0, warmup=0.0)


def test_what_it_goes_through_is_its_own(run: Any) -> None:
    """It is up once each of its sides has come."""
    checker = run(configured(s11=(5, 6)), lambda c: c.services.server(FIRST).runners[0].health.passes > 0)
    health = checker.services.server(FIRST).runners[0].health
    assert (health.url, health.passes, health.observed) == (1, 1, False)


# --- the table ----------------------------------------------------------------------------------


def test_every_check_of_the_model_has_a_row() -> None:
    assert {kind.check for kind in KINDS} == set(Check.__args__)


def test_only_the_table_asks_what_kind_a_check_is() -> None:
    """A class of the model or of a probe in a type test anywhere else is a second place to change."""
    names = {found.__name__ for kind in KINDS for found in (kind.check, kind.probe)}
    asks = re.compile(rf"(?:isinstance\([^)]*|case )\b(?:{'|'.join(names)})\b")
    assert [str(path.relative_to(CHECK)) for path in CHECK.rglob("*.py") if asks.search(path.read_text())] == []


def test_a_check_with_nothing_to_look_at_is_never_run() -> None:
    real = RealServer(address=FIRST.address)
    virtual = VirtualServer(address=KEY.address, port=80, real_servers=(real,))
    probe = kinds.of_check(HttpCheck()).spec(HttpCheck(), kinds.CheckPlace(Configuration(), virtual, real))
    assert probe == NoProbe("HTTP_GET")
    assert not kinds.of_probe(probe).looks
