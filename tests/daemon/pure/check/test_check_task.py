# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One check in virtual time: when it looks, what it tells, how it goes on over a reload, and that it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

import pytest
from checking import Desk, DeskProbe, desk
from lvsd.check.check_task import SLOT, Runner
from lvsd.check.health import CheckTimes, Health, Result, start
from lvsd.check.planned_check import CheckId, PlannedCheck
from lvsd.check.probe_spec import NoProbe, Probe
from lvsd.check.shared_probes import SharedProbes
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey

from tests.support.virtual_time import VirtualTime

HERE = DestinationKey(ServiceKey.at(ip_address("192.0.2.10"), 80), ip_address("10.0.0.11"), 80)
TIMES = CheckTimes(connect_timeout=3, retry=2, delay_before_retry=1, delay_loop=10, warmup=10)
Told = tuple[Health, Health, Result]


def planned(probe: Probe | None = None, times: CheckTimes = TIMES) -> PlannedCheck:
    return PlannedCheck(CheckId(HERE, probe or DeskProbe("one")), times, 0)


class Table:
    """A check whose attempts the test answers; `told` is what it has told."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.time = VirtualTime()
        self.shared = SharedProbes(self.time.loop)
        self.told: list[Told] = []
        self.runners: list[Runner] = []

    def check(self, plan: PlannedCheck, phase: float = 0.5, health: Health | None = None) -> Runner:
        health = health or start(plan.schedule, self.time.loop.now, phase)
        self.runners.append(Runner(self.time.loop, self.shared, plan, health, self.tell))
        return self.runners[-1]

    def tell(self, runner: Runner, before: Health, result: Result) -> None:
        assert runner in self.runners
        self.told.append((before, runner.health, result))

    @property
    def begun(self) -> list[float]:
        """When each attempt began."""
        return [round(attempt.began, 6) for attempt in self.desk.attempts]


@pytest.fixture
def table() -> Iterator[Table]:
    with desk() as made:
        table = Table(made)
        yield table
        for runner in table.runners:
            runner.stop()
        table.shared.close()


# --- when it looks ------------------------------------------------------------------------------


def test_it_looks_at_its_time_and_again_behind_each_result(table: Table) -> None:
    table.check(planned())
    table.time.run(4.9)
    assert table.begun == []
    table.time.run(0.1)
    assert table.begun == [5.0]
    table.time.run(2)
    table.desk.attempts[0].end()
    table.time.run(9.9)
    assert table.begun == [5.0]
    table.time.run(0.2)
    assert table.begun == [5.0, 17.0]


def test_it_never_looks_twice_at_once_however_long_an_attempt_takes(table: Table) -> None:
    table.check(planned())
    table.time.run(3600)
    assert table.begun == [5.0]


def test_it_looks_with_its_timeout_at_its_page(table: Table) -> None:
    runner = table.check(planned(DeskProbe("one", urls=3)))
    table.time.run(5)
    options = table.desk.attempts[0].options
    assert (options.timeout, options.url) == (3, 0)
    table.desk.attempts[0].end()
    assert runner.health.url == 1
    table.time.run(10)
    assert table.desk.attempts[1].options.url == 1


def test_pages_of_a_check_that_recovers_fast_are_looked_at_one_behind_the_other(table: Table) -> None:
    runner = table.check(planned(DeskProbe("one", urls=3, fast=True)))
    table.time.run(5)
    for number in range(3):
        table.desk.attempts[number].end()
        table.time.run(SLOT)
    assert len(table.desk.attempts) == 3
    assert runner.health.observed


def test_checks_that_are_due_together_share_a_wake_up(table: Table) -> None:
    for number in range(5):
        table.check(planned(DeskProbe(str(number))), phase=0.5 + number * SLOT / 1000)
    table.time.run(6)
    assert len(set(table.begun)) == 2  # at 5 s, and one slot later
    assert max(table.begun) - min(table.begun) <= SLOT + 1e-6


def test_equal_checks_of_two_services_look_once(table: Table) -> None:
    table.check(planned())
    table.check(planned())
    table.time.run(5)
    assert len(table.desk.attempts) == 1
    table.desk.attempts[0].end()
    assert len(table.told) == 2


# --- what it tells ------------------------------------------------------------------------------


def test_each_result_is_told_with_the_health_before_and_after_it(table: Table) -> None:
    runner = table.check(planned())
    first = runner.health
    table.time.run(5)
    table.desk.attempts[0].end(False, "refused")
    ((before, after, result),) = table.told
    assert before is first
    assert after is runner.health
    assert (result.passed, result.detail) == (False, "refused")
    assert (after.up, after.observed, after.detail) == (False, True, "refused")


def test_the_next_attempt_is_planned_before_the_result_is_told(table: Table) -> None:
    """What is told may stop the check, and then no attempt comes any more."""
    runner = table.check(planned())
    runner._tell = lambda told, _before, _result: told.stop()
    table.time.run(5)
    table.desk.attempts[0].end()
    table.time.run(3600)
    assert len(table.desk.attempts) == 1


def test_retries_come_sooner_than_the_next_round(table: Table) -> None:
    table.check(planned())
    table.time.run(5)
    table.desk.attempts[0].end(True)
    for pause in (10, 1, 1):
        table.time.run(pause)
        table.desk.open[0].end(False)
    table.time.run(9.9)
    assert table.begun == [5.0, 15.0, 16.0, 17.0]
    assert [(told[1].up, told[1].failures) for told in table.told] == [(True, 0), (True, 1), (True, 2), (False, 3)]


def test_what_is_not_looked_at_passes_and_never_begins(table: Table) -> None:
    failing = Health(up=False, probe_at=0.0, blind=False)
    runner = table.check(planned(NoProbe("DNS_CHECK")), health=failing)
    table.time.run(3600)
    assert (runner.health.up, runner.health.observed) == (True, True)
    assert runner.health.detail == "not checked, counts as passing"
    assert (table.told, table.desk.attempts) == ([], [])
    runner.adopt(planned(NoProbe("DNS_CHECK"), replace(TIMES, delay_loop=1)))
    runner.stop()


# --- over a reload ------------------------------------------------------------------------------


@pytest.mark.parametrize(("delay_loop", "next_at"), [(2, 7), (3600, 15)])
def test_another_schedule_never_makes_the_next_attempt_later(table: Table, delay_loop: float, next_at: float) -> None:
    runner = table.check(planned())
    table.time.run(5)
    table.desk.attempts[0].end(False)
    runner.adopt(planned(times=replace(TIMES, delay_loop=delay_loop)))
    assert not runner.health.up
    table.time.run(60)
    assert table.begun[1] == next_at


def test_one_that_looks_goes_on_and_follows_the_new_schedule_behind_it(table: Table) -> None:
    runner = table.check(planned())
    table.time.run(6)
    runner.adopt(planned(times=replace(TIMES, delay_loop=2)))
    assert table.begun == [5.0]
    table.desk.attempts[0].end()
    table.time.run(2.1)
    assert table.begun == [5.0, 8.0]


# --- its end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [False, True])
def test_one_that_is_stopped_while_it_looks_gives_the_attempt_up(table: Table, at_once: bool) -> None:
    runner = table.check(planned())
    table.time.run(5)
    runner.stop(at_once)
    assert table.desk.attempts[0].cancelled is at_once
    runner.stop(at_once)
    table.time.run(3600)
    assert (len(table.begun), table.told) == (1, [])


def test_one_that_is_stopped_while_it_sleeps_looks_no_more(table: Table) -> None:
    runner = table.check(planned())
    runner.stop()
    table.time.run(3600)
    assert table.begun == []
