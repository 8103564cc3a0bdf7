# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inheritance, defaults and identity of checks."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.check.health import CheckTimes
from lvsd.check.planned_check import PlannedCheck
from lvsd.check.pool import pool
from lvsd.check.probe_spec import MiscProbe, NoProbe, Target, TcpProbe
from lvsd.model import (
    Check,
    CheckTarget,
    CheckTiming,
    Command,
    Configuration,
    GlobalDefs,
    HttpCheck,
    KeptCheck,
    MiscCheck,
    RealServer,
    Statement,
    TcpCheck,
    Url,
    VirtualServer,
)

VS = VirtualServer(address=ip_address("192.0.2.10"), port=80, protocol="TCP")
RS = RealServer(address=ip_address("10.0.0.11"))
HTTP = HttpCheck(urls=(Url(path="/health"),))
MISC = MiscCheck(command=Command(("/bin/true",)))


def planned(
    *checks: Check, virtual: VirtualServer = VS, real: RealServer = RS, global_defs: GlobalDefs | None = None
) -> tuple[PlannedCheck, ...]:
    configuration = Configuration(global_defs=global_defs or GlobalDefs())
    (member,) = pool(configuration, replace(virtual, real_servers=(replace(real, checks=checks),))).members.values()
    return member.plans


DEFAULTS = [
    (TcpCheck(), CheckTimes(connect_timeout=5, retry=1, delay_before_retry=1, delay_loop=60, warmup=60, alpha=False)),
    (HTTP, CheckTimes(connect_timeout=5, retry=1, delay_before_retry=3, delay_loop=60, warmup=60, alpha=False)),
    (MISC, CheckTimes(connect_timeout=60, retry=0, delay_before_retry=1, delay_loop=60, warmup=60, alpha=False)),
]


@pytest.mark.parametrize(("check", "schedule"), DEFAULTS)
def test_defaults_are_those_of_keepalived(check: Check, schedule: CheckTimes) -> None:
    assert planned(check)[0].schedule == schedule


def test_the_check_wins_over_its_server_and_that_over_its_service() -> None:
    virtual = replace(VS, timing=CheckTiming(delay_loop=6, retry=3, connect_timeout=3, alpha=True))
    real = replace(RS, timing=CheckTiming(retry=4, connect_timeout=4, alpha=False))
    check = TcpCheck(timing=CheckTiming(connect_timeout=1.5))
    schedule = planned(check, virtual=virtual, real=real)[0].schedule
    assert schedule == CheckTimes(
        connect_timeout=1.5, retry=4, delay_before_retry=1, delay_loop=6, warmup=6, alpha=False
    )


def test_zero_is_a_value_not_the_absence_of_one() -> None:
    virtual = replace(VS, timing=CheckTiming(retry=3, warmup=9))
    schedule = planned(TcpCheck(timing=CheckTiming(retry=0, warmup=0)), virtual=virtual)[0].schedule
    assert (schedule.retry, schedule.warmup) == (0, 0)


def test_a_check_connects_to_the_server_unless_told_otherwise() -> None:
    assert planned(TcpCheck())[0].probe == TcpProbe(Target(address=RS.address, port=80))
    there = CheckTarget(connect_ip=ip_address("10.9.9.9"), connect_port=8080, fwmark=7)
    assert planned(TcpCheck(target=there))[0].probe == TcpProbe(
        Target(address=ip_address("10.9.9.9"), port=8080, fwmark=7)
    )
    assert planned(TcpCheck(), real=replace(RS, port=81))[0].probe == TcpProbe(Target(address=RS.address, port=81))


def test_a_script_runs_as_script_user_and_for_delay_loop_at_most() -> None:
    virtual = replace(VS, timing=CheckTiming(connect_timeout=3))  # is for connections
    timed = replace(MISC, timing=CheckTiming(delay_loop=7))
    (plan,) = planned(timed, virtual=virtual, global_defs=GlobalDefs(script_user="checker"))
    assert plan.probe == MiscProbe(command=Command(("/bin/true",), "checker"))
    assert plan.schedule.connect_timeout == 7
    assert planned(replace(timed, timeout=4))[0].schedule.connect_timeout == 4


def test_what_cannot_be_checked_passes() -> None:
    kept = KeptCheck(statement=Statement(("DNS_CHECK",), ()))
    assert [plan.probe for plan in planned(kept, HttpCheck())] == [NoProbe("DNS_CHECK"), NoProbe("HTTP_GET")]
    assert planned(kept)[0].kind == "DNS_CHECK"


# --- identity ----------------------------------------------------------------------------------


def test_timing_is_no_part_of_a_check_s_identity() -> None:
    (before,), (after,) = planned(HTTP), planned(replace(HTTP, timing=CheckTiming(delay_loop=2)))
    assert before.identity == after.identity
    assert before.schedule != after.schedule


def test_neither_is_how_long_a_script_may_run() -> None:
    plans = [planned(check)[0] for check in (MISC, replace(MISC, timeout=4))]
    plans += planned(replace(MISC, timing=CheckTiming(delay_loop=2)))
    assert len({plan.identity for plan in plans}) == 1
    assert len({plan.name for plan in plans}) == 1
    assert plans[0] != plans[1]  # so that a reload puts it into force


def test_what_a_check_does_is_its_identity() -> None:
    (before,), (after,) = planned(HTTP), planned(replace(HTTP, urls=(Url(path="/other"),)))
    assert before.identity != after.identity


def test_equal_checks_of_one_server_are_told_apart() -> None:
    first, second = planned(TcpCheck(), TcpCheck())
    assert first.identity != second.identity
    assert first.probe == second.probe
