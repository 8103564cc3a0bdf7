# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of a result, an order, a reload and a count: states and effects as values, in their order."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.check.health import Health, Result, observe
from lvsd.check.overrides import Order
from lvsd.check.pool import Standing
from lvsd.check.step import (
    Checked,
    Counted,
    KeepCheck,
    KeepQuorum,
    LogLine,
    Ordered,
    RunScript,
    SayEvent,
    ServerLeft,
    ServerLoaded,
    ServerState,
    ServiceLeft,
    ServiceState,
    TouchService,
    matters,
    step_server,
    step_service,
)
from lvsd.model import SorryServer
from scripted_service import DOWN, FIRST, GAINED, KEY, LOST, SECOND, member, plan, pool

KNOWN = Health(up=True, probe_at=0.0, observed=True, detail="connected")
GOOD, BAD = Result(True, "connected"), Result(False, "refused")
BLIND = Result(False, "no descriptor left", looked=False)


def result(before: Health, found: Result, up: bool | None = None) -> Checked:
    """As a check reports it; `up` says how the server is where other checks have a say."""
    after = observe(plan().schedule, before, found, 5.0)
    return Checked(plan(), before, after, found, after.up if up is None else up)


def after(*results: Result) -> Health:
    health = KNOWN
    for found in results:
        health = observe(plan().schedule, health, found, 5.0)
    return health


# --- a server -----------------------------------------------------------------------------------


def test_a_failure_that_leaves_a_retry_is_kept_and_logged_and_no_more() -> None:
    state, event = ServerState(member()), result(KNOWN, BAD)
    assert step_server(state, event) == (
        state,
        [KeepCheck(plan().name, event.after), LogLine(f"{FIRST}: TCP_CHECK: refused (failure 1 of 2)", 7)],
    )


def test_the_last_failure_is_kept_then_told_then_its_script_runs_then_the_kernel_is_touched() -> None:
    event = result(after(BAD), BAD)
    assert step_server(ServerState(member()), event) == (
        ServerState(member(), told_up=False),
        [
            KeepCheck(plan().name, event.after),
            SayEvent(
                "health",
                str(FIRST),
                f"{FIRST}: up -> down (TCP_CHECK: refused)",
                details={"up": False, "reason": "TCP_CHECK: refused"},
            ),
            RunScript(str(FIRST), DOWN),
            TouchService(KEY),
        ],
    )


def test_a_server_that_another_check_holds_down_is_not_told_again() -> None:
    event = result(after(BAD, BAD), GOOD, up=False)
    state = ServerState(member(), told_up=False)
    assert step_server(state, event) == (state, [KeepCheck(plan().name, event.after), TouchService(KEY)])


def test_another_weight_touches_the_kernel_and_says_nothing() -> None:
    event = result(KNOWN, replace(GOOD, weight=7))
    state = ServerState(member())
    assert step_server(state, event) == (state, [KeepCheck(plan().name, event.after), TouchService(KEY)])


def test_a_check_that_cannot_look_is_told_with_how_the_server_stays() -> None:
    state = ServerState(member())
    assert step_server(state, result(KNOWN, BLIND)) == (
        state,
        [
            SayEvent(
                "check",
                str(FIRST),
                f"{FIRST}: TCP_CHECK: could not look: no descriptor left; the server stays up",
                4,
            )
        ],
    )
    (again,) = step_server(state, result(after(BLIND), GOOD))[1]
    assert again == SayEvent("check", str(FIRST), f"{FIRST}: TCP_CHECK: can look again")


@pytest.mark.parametrize(
    ("before", "found", "counts"),
    [
        (KNOWN, GOOD, False),
        (KNOWN, BAD, True),
        (KNOWN, BLIND, True),
        (after(BLIND), BLIND, False),
        (after(BLIND), GOOD, True),
        (after(BAD, BAD), BAD, False),
        (after(BAD, BAD), GOOD, True),
        (KNOWN, replace(GOOD, weight=7), True),
    ],
)
def test_a_result_that_does_not_matter_has_no_effect(before: Health, found: Result, counts: bool) -> None:
    event = result(before, found)
    assert matters(before, event.after, found) == counts
    state = ServerState(member(), told_up=event.before.up)
    assert (step_server(state, event) != (state, [])) == counts


def test_an_order_is_told_from_what_to_what_and_once() -> None:
    order = Order(drained=True, weight=5)
    state, effects = step_server(ServerState(member()), Ordered(order, "root", {"uid": 0}))
    assert state.order == order
    message = f"{FIRST}: enabled -> drained, weight 5 by root"
    details = {"drained": True, "weight": 5, "uid": 0}
    assert effects == [SayEvent("operator", str(FIRST), message, details=details), TouchService(KEY)]
    assert step_server(state, Ordered(order, "root")) == (state, [TouchService(KEY)])


def test_a_reload_tells_of_a_server_whose_checks_say_something_else() -> None:
    state = ServerState(member(), told_up=False)
    told, effects = step_server(state, ServerLoaded(up=True))
    assert told.told_up
    assert [type(effect) for effect in effects] == [SayEvent, RunScript]
    assert effects[0] == SayEvent(
        "health",
        str(FIRST),
        f"{FIRST}: down -> up (its checks have changed)",
        details={"up": True, "reason": "its checks have changed"},
    )
    assert step_server(told, ServerLoaded(up=True)) == (told, [])


def test_a_server_that_goes_while_it_is_up_runs_its_script() -> None:
    state = ServerState(member())
    assert step_server(state, ServerLeft(up=True)) == (state, [RunScript(str(FIRST), DOWN)])
    assert step_server(state, ServerLeft(up=False)) == (state, [])


# --- a service ----------------------------------------------------------------------------------


def standings(*up: bool) -> Counted:
    return Counted(dict(zip((FIRST, SECOND), map(Standing, up), strict=True)))


def test_a_service_that_begins_with_quorum_gains_it() -> None:
    state, effects = step_service(ServiceState(pool()), standings(True, True))
    assert state.quorum is True
    assert effects == [
        KeepQuorum(str(KEY), True),
        SayEvent(
            "quorum",
            str(KEY),
            f"{KEY}: quorum gained (weight 2 of 2)",
            details={"up": True, "weight": 2, "needed": 2},
        ),
        RunScript(str(KEY), GAINED),
    ]
    assert step_service(state, standings(True, True)) == (state, [])


def test_one_that_begins_without_loses_nothing_but_is_told_of_its_sorry_server() -> None:
    sorry = SorryServer(address=ip_address("10.0.0.99"))
    state, effects = step_service(ServiceState(pool(sorry_server=sorry)), standings(True, False))
    assert state.quorum is False
    assert [type(effect) for effect in effects] == [KeepQuorum, SayEvent]
    assert isinstance(effects[1], SayEvent)
    assert effects[1].message == f"{KEY}: quorum not there yet (weight 1 of 2): sorry server 10.0.0.99:80 in"


def test_a_quorum_is_lost_with_its_script() -> None:
    state, effects = step_service(ServiceState(pool(), quorum=True), standings(True, False))
    assert state.quorum is False
    assert effects[-1] == RunScript(str(KEY), LOST)
    assert isinstance(effects[1], SayEvent)
    assert effects[1].message == f"{KEY}: quorum lost (weight 1 of 2)"


@pytest.mark.parametrize(("quorum", "script"), [(True, [RunScript(str(KEY), LOST)]), (False, []), (None, [])])
def test_a_service_that_goes_with_quorum_runs_its_script(quorum: bool | None, script: list[RunScript]) -> None:
    state = ServiceState(pool(), quorum)
    assert step_service(state, ServiceLeft()) == (state, script)
