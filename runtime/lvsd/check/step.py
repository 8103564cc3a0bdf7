# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checker does about what happened, as two pure functions: of one real server, and of one virtual service.

    (state, event) -> (new state, effects)

A server goes up or down with the results of its checks, and carries the operator's order.  A service gains and loses
its quorum once all that happened in a wake-up has been counted: so a server that fails and one that comes back in the
same moment are one decision.  The effects are carried out in their order (effects.py); what the kernel shall hold is
derived from the states afterwards (pool.py, reconciler.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, assert_never

from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.model import Command
from lvsd.severity import DEBUG, INFO, WARNING

from .health import Health, Result, telling
from .overrides import NONE, Order
from .planned_check import PlannedCheck
from .pool import Pool, PoolMember, Standing, has_quorum, live_weight, needed

WORDS = {True: "up", False: "down"}
NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})

# --- states -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the checker keeps of a real server, besides the health of each check."""

    member: PoolMember
    order: Order = NONE
    told_up: bool = True  # what was last made known


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What the checker keeps of a virtual service; `quorum` is None while it is not known yet."""

    pool: Pool
    quorum: bool | None = None


# --- events -------------------------------------------------------------------------------------


class Checked(NamedTuple):
    """One check has a result; `up` is how the server is now, by all its checks."""

    check: PlannedCheck
    before: Health
    after: Health
    result: Result
    up: bool


class Ordered(NamedTuple):
    """The operator gave an order, and it is stored; `by` names who, `who` is the same for the event."""

    order: Order
    by: str
    who: Mapping[str, Any] = NOTHING_MORE


class ServerLoaded(NamedTuple):
    """A configuration was taken on, at the start or by a reload; `up` is how the server is with its new checks."""

    up: bool


class ServerLeft(NamedTuple):
    """The server goes, by a reload or with its service; `up` is how it was."""

    up: bool


class Counted(NamedTuple):
    """All that happened in a wake-up is in the standings of the servers."""

    standings: Mapping[DestinationKey, Standing]


class ServiceLeft(NamedTuple):
    """The service goes, by a reload or, with `omega`, because the daemon stops; its servers have gone before it."""


# --- effects ------------------------------------------------------------------------------------


class SayEvent(NamedTuple):
    """An event of the control socket and a line of the log."""

    what: str
    subject: str
    message: str
    priority: int = INFO
    details: Mapping[str, Any] = NOTHING_MORE


class LogLine(NamedTuple):
    """A line of the log only."""

    message: str
    priority: int


class RunScript(NamedTuple):
    """The script of a new state of `subject`; None is no script, which still takes back one that waits."""

    subject: str
    command: Command | None


class KeepCheck(NamedTuple):
    """The next process shall know what this check has found."""

    name: str
    health: Health


class KeepQuorum(NamedTuple):
    """The next process shall know whether this service has its quorum."""

    service: str
    up: bool


class TouchService(NamedTuple):
    """The kernel may have to hold something else of this service."""

    service: ServiceKey


ServerEvent = Checked | Ordered | ServerLoaded | ServerLeft
ServiceEvent = Counted | ServiceLeft
StepEffect = SayEvent | LogLine | RunScript | KeepCheck | KeepQuorum | TouchService


# --- of a server --------------------------------------------------------------------------------


def matters(before: Health, after: Health, result: Result) -> bool:
    """Whether a result has any effect: most have none, and cost no step."""
    return before.blind != after.blind or (result.looked and telling(before) != telling(after))


def step_server(state: ServerState, event: ServerEvent) -> tuple[ServerState, list[StepEffect]]:
    """What becomes of a real server."""
    match event:
        case Checked():
            return checked(state, event)
        case Ordered():
            return ordered(state, event)
        case ServerLoaded():
            return turned(state, event.up, "its checks have changed")
        case ServerLeft():
            return state, [down_script(state.member)] if event.up else []
        case _:
            assert_never(event)


def checked(state: ServerState, event: Checked) -> tuple[ServerState, list[StepEffect]]:
    """Return what becomes of a server when one of its checks has a result."""
    key, check, before, after, result = state.member.key, event.check, event.before, event.after, event.result
    effects: list[StepEffect] = []
    if before.blind != after.blind:
        effects.append(sight(key, event))
    if not result.looked:
        return state, effects
    if telling(before) != telling(after):
        effects.append(KeepCheck(check.name, after))
    if not result.passed and before.up and after.up:
        retry = f"{after.failures} of {check.schedule.retry + 1}"
        effects.append(LogLine(f"{key}: {check.kind}: {result.detail} (failure {retry})", DEBUG))
    if before.up != after.up or before.weight != after.weight:
        state, more = turned(state, event.up, f"{check.kind}: {result.detail}")
        effects += [*more, TouchService(key.service)]
    return state, effects


def sight(key: DestinationKey, event: Checked) -> SayEvent:
    """Told once when our side cannot run a check, and once when it can again."""
    kind = event.check.kind
    if not event.after.blind:
        return SayEvent("check", str(key), f"{key}: {kind}: can look again")
    message = f"{key}: {kind}: {event.after.detail}; the server stays {WORDS[event.up]}"
    return SayEvent("check", str(key), message, WARNING)


def turned(state: ServerState, up: bool, reason: str) -> tuple[ServerState, list[StepEffect]]:
    """A server that is not what was last told is told of, and its script runs."""
    if up == state.told_up:
        return state, []
    member, subject = state.member, str(state.member.key)
    message = f"{subject}: {WORDS[state.told_up]} -> {WORDS[up]} ({reason})"
    said = SayEvent("health", subject, message, details={"up": up, "reason": reason})
    script = RunScript(subject, member.notify_up) if up else down_script(member)
    return ServerState(member, state.order, up), [said, script]


def down_script(member: PoolMember) -> RunScript:
    """A server that goes while it is down has run it already."""
    return RunScript(str(member.key), member.notify_down)


def ordered(state: ServerState, event: Ordered) -> tuple[ServerState, list[StepEffect]]:
    """An order that is repeated says nothing, and is compared with the kernel once more."""
    key, before, order = state.member.key, state.order, event.order
    effects: list[StepEffect] = []
    if order != before:
        message = f"{key}: {describe(before)} -> {describe(order)} by {event.by}"
        details = {"drained": order.drained, "weight": order.weight, **event.who}
        effects.append(SayEvent("operator", str(key), message, details=details))
    return ServerState(state.member, order, state.told_up), [*effects, TouchService(key.service)]


def describe(order: Order) -> str:
    """Return an order in words."""
    weight = "" if order.weight is None else f", weight {order.weight}"
    return ("drained" if order.drained else "enabled") + weight


# --- of a service -------------------------------------------------------------------------------


def step_service(state: ServiceState, event: ServiceEvent) -> tuple[ServiceState, list[StepEffect]]:
    """What becomes of a virtual service."""
    match event:
        case Counted():
            return counted(state, event.standings)
        case ServiceLeft():
            return state, [RunScript(str(state.pool.key), state.pool.quorum_down)] if state.quorum else []
        case _:
            assert_never(event)


def counted(state: ServiceState, standings: Mapping[DestinationKey, Standing]) -> tuple[ServiceState, list[StepEffect]]:
    """Gain or lose quorum.  A service that begins with quorum gains it; one that begins without loses nothing."""
    pool, had = state.pool, state.quorum
    has = has_quorum(pool, standings, had)
    if has == had:
        return state, []
    key, weight, least = str(pool.key), live_weight(pool, standings), needed(pool, had)
    verdict = "gained" if has else "lost" if had else "not there yet"
    message = f"{key}: quorum {verdict} (weight {weight} of {least})"
    if pool.sorry is not None and (had is not None or not has):
        message += f": sorry server {pool.sorry.key.endpoint} {'out' if has else 'in'}"
    said = SayEvent("quorum", key, message, details={"up": has, "weight": weight, "needed": least})
    effects: list[StepEffect] = [KeepQuorum(key, has), said]
    if has or had:
        effects.append(RunScript(key, pool.quorum_up if has else pool.quorum_down))
    return ServiceState(pool, has), effects
