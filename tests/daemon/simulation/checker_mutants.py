# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkers that are broken on purpose: each mutant replaces one function, and `seeds` are schedules that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lvsd.check import check_task, checker, effects, overrides, services, step, table
from lvsd.check.check_task import Runner
from lvsd.check.checker import Checker
from lvsd.check.memory import Memory
from lvsd.check.pool import Pool, destinations, live_weight
from lvsd.check.services import Server, Services, VirtualService
from lvsd.check.state_codec import NO_RESULTS
from lvsd.check.state_file import CheckStateFile
from lvsd.check.step import SayEvent, ServerLeft, ServerState, ServiceState, TouchService
from lvsd.check.table import KernelTable
from lvsd.reconcile import Changes, changes

from tests.daemon.simulation.mutants import Mutant

observe, step_server, checked, turned = check_task.observe, step.step_server, step.checked, step.turned
keep_orders, make, update, adopt, known_server = (
    Memory.keep_orders,
    KernelTable.make,
    KernelTable.update,
    Runner.adopt,
    Services._known_server,
)
service_of = Services._service


def quorum_without_hysteresis(pool: Pool, standings: Any, had: bool | None) -> bool:
    return live_weight(pool, standings) >= pool.quorum


def standing(**instead: Any) -> Callable[..., Any]:
    """`destinations` of servers that stand otherwise."""

    def mutated(pool: Pool, standings: Any, quorum: bool) -> Any:
        return destinations(pool, {key: replace(one, **instead) for key, one in standings.items()}, quorum)

    return mutated


def never_apologises(pool: Pool, standings: Any, quorum: bool) -> Any:
    return destinations(pool, standings, True)


def drops_drained_that_fail(pool: Pool, standings: Any, quorum: bool) -> Any:
    return destinations(pool, {k: replace(s, drained=s.drained and s.up) for k, s in standings.items()}, quorum)


def no_retries(schedule: Any, health: Any, result: Any, now: float, *more: Any) -> Any:
    after = observe(schedule, health, result, now, *more)
    return replace(after, up=after.up and (result.passed or not result.looked))


def blind_counts_as_down(schedule: Any, health: Any, result: Any, now: float, *more: Any) -> Any:
    return observe(schedule, health, replace(result, looked=True), now, *more)


def never_recovers(schedule: Any, health: Any, result: Any, now: float, *more: Any) -> Any:
    return replace(after := observe(schedule, health, result, now, *more), up=after.up and health.up)


def tells_again(state: ServerState, up: bool, reason: str) -> Any:
    return state, turned(state, up, reason)[1]


def forgets_to_touch(state: ServerState, event: Any) -> Any:
    after, found = checked(state, event)
    return after, [effect for effect in found if not isinstance(effect, TouchService)]


def says_but_runs_nothing(state: ServerState, up: bool, reason: str) -> Any:
    after, found = turned(state, up, reason)
    return after, [effect for effect in found if isinstance(effect, SayEvent)]


def leaves_silently(state: ServerState, event: Any) -> Any:
    return (state, []) if isinstance(event, ServerLeft) else step_server(state, event)


def keeps_orders_if_it_can(memory: Memory, said: Any) -> None:
    try:
        keep_orders(memory, said)
    except OSError:
        pass


def owns_all(self: KernelTable, *arguments: Any) -> Any:
    self.own_all()
    return make(self, *arguments)


def forgets_what_it_applied(self: KernelTable, service: Any, wanted: Any) -> Any:
    self._held.pop(service, None)
    return update(self, service, wanted)


def changes_that_write_all(actual: Any, desired: Any) -> Any:
    found = changes(actual, desired)
    return Changes(found.remove, found.add, {key: value for key, value in desired.items() if key in actual})


def adopts_as_healthy(self: Runner, plan: Any) -> None:
    adopt(self, plan)
    self.health = replace(self.health, up=True, failures=0)


def adopts_and_sleeps_for_ever(self: Runner, plan: Any) -> None:
    adopt(self, plan)
    if self._timer is not None:
        self._timer.cancel()


def known_as_told_up(self: Services, member: Any, known: Server, order: Any) -> Server:
    server = known_server(self, member, known, order)
    server.state = replace(server.state, told_up=True)
    return server


def begins_quorum_anew(self: Services, pool: Pool, known: Any, *more: Any) -> VirtualService:
    service = service_of(self, pool, known, *more)
    service.state = ServiceState(pool, None if known is not None else service.quorum)
    return service


def nothing(*_: Any) -> None:
    """Is done."""


MUTANTS = (
    Mutant("a quorum without hysteresis", step, "has_quorum", quorum_without_hysteresis, (10, 12)),
    Mutant("drained servers keep their weight", services, "destinations", standing(drained=False), (1, 3)),
    Mutant("the operator's weight is not set", services, "destinations", standing(weight=None), (5, 6)),
    Mutant("no dynamic weights", services, "destinations", standing(dynamic=()), (0, 5)),
    Mutant("servers are never down", services, "destinations", standing(up=True), (0, 3)),
    Mutant("the sorry server stays out", services, "destinations", never_apologises, (0, 1)),
    Mutant("a drained server that fails goes", services, "destinations", drops_drained_that_fail, (30, 34)),
    Mutant("no retries", check_task, "observe", no_retries, (0, 5)),
    Mutant("an attempt that cannot look counts", check_task, "observe", blind_counts_as_down, (0, 4)),
    Mutant("no recovery", check_task, "observe", never_recovers, (0, 2)),
    Mutant("weights alone do not matter", checker, "matters", lambda old, new, _: old.up != new.up, (0, 6)),
    Mutant("a server is told again and again", step, "turned", tells_again, (0, 2)),
    Mutant("a script is forgotten", step, "turned", says_but_runs_nothing, (0, 2)),
    Mutant("the kernel is not touched", step, "checked", forgets_to_touch, (0, 2)),
    Mutant("a server leaves without its script", effects, "step_server", leaves_silently, (0, 7)),
    Mutant("a reload takes orders back", overrides, "kept", lambda orders, configured: {}, (4, 5)),
    Mutant("orders are not stored", Memory, "keep_orders", nothing, (0, 7)),
    Mutant("an order that is not stored is taken", Memory, "keep_orders", keeps_orders_if_it_can, (0, 11)),
    Mutant("a successor starts anew", CheckStateFile, "read", lambda _: NO_RESULTS, (0, 11)),
    Mutant("what was found is not written", CheckStateFile, "check", nothing, (0, 8)),
    Mutant("a quorum is not written", CheckStateFile, "quorum", nothing, (0, 3)),
    Mutant("what is not ours goes", KernelTable, "make", owns_all, (0, 1)),
    Mutant("what was applied is forgotten", KernelTable, "update", forgets_what_it_applied, (0, 1)),
    Mutant("a comparison writes everything", table, "changes", changes_that_write_all, (0, 1)),
    Mutant("another schedule makes healthy", Runner, "adopt", adopts_as_healthy, (96, 195)),
    Mutant("another schedule ends a check", Runner, "adopt", adopts_and_sleeps_for_ever, (3, 4)),
    Mutant("a reload forgets what was told", Services, "_known_server", known_as_told_up, (8, 11)),
    Mutant("a reload counts the quorum anew", Services, "_service", begins_quorum_anew, (3, 4)),
    Mutant("no last scripts", Checker, "_left", nothing, (0, 7)),
)
