# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync groups: Virtual Routers that are Active together or not at all (keepalived: `vrrp_sync_group`).

    a member's timer expires     it is ready; when all are, all become Active
    a member must step back      all step back
    a member has a fault         all go to Initialize, and come back together
    a hand-over                  all release in the same moment

A Virtual Router without a sync group is a group of one: `step` then is `fsm.step`.  Priorities should differ between
the routers of a group: with equal ones the addresses decide, and may decide differently on each network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lvsd.model import SyncGroup, VirtualRouter

from . import fsm
from .fsm import Active, Announce, Backup, DropAddresses, Effect, Event, Initialize, Parameters, State


@dataclass(frozen=True, slots=True)
class GroupMember:
    """An instance of a sync group: its parameters and its state."""

    parameters: Parameters
    state: State


Members = Mapping[str, GroupMember]
States = dict[str, State]
Effects = list[tuple[str, Effect]]
"""What to do, with the name of the member that it is for, in order."""


def step(members: Members, name: str, event: Event, now: float) -> tuple[States, Effects]:
    """The members whose state has changed, and what to do, after `event` happened to the member `name`.

    Startup, Shutdown and Resign happen to every member.
    """
    if len(members) == 1:
        member = members[name]
        state, effects = fsm.step(member.parameters, member.state, event, now)
        return {name: state}, [(name, effect) for effect in effects]
    match event:
        case fsm.Startup():
            return start(members, now)
        case fsm.Shutdown() | fsm.Resign():
            return each(members, members, event, now)
        case fsm.Timeout() if isinstance(members[name].state, Backup):
            return expire(members, name, now)
        case _:
            return spread(members, name, event, now)


def each(members: Members, names: Iterable[str], event: Event, now: float) -> tuple[States, Effects]:
    """Step some members with the same event. Returns their states and effects."""
    states: States = {}
    effects: Effects = []
    for name in names:
        states[name], todo = fsm.step(members[name].parameters, members[name].state, event, now)
        effects += [(name, effect) for effect in todo]
    return states, effects


def start(members: Members, now: float) -> tuple[States, Effects]:
    """An owner is ready at once, and waits for the others like any member; who joins an Active group is Active."""
    if any(isinstance(member.state, Active) for member in members.values()):
        return promote(members, now)
    states, effects = each(members, members, fsm.Startup(), now)
    if all(isinstance(state, Active) for state in states.values()):
        return states, effects
    for name, state in states.items():
        if isinstance(state, Active):
            states[name] = wait(members[name].parameters, now)
    return states, []


def expire(members: Members, name: str, now: float) -> tuple[States, Effects]:
    """The Active_Down_Timer of a member: no Active Router is heard on its network."""
    router, state = members[name].parameters, members[name].state
    if state.deadline > now:
        return {name: state}, []
    others = [member.state for other, member in members.items() if other != name]
    if not all(isinstance(other, Active) or (isinstance(other, Backup) and other.ready) for other in others):
        return {name: wait(router, now, state)}, []
    return promote(members, now)


def promote(members: Members, now: float) -> tuple[States, Effects]:
    """Every member that is not Active becomes so."""
    states: States = {}
    effects: Effects = []
    for other, member in members.items():
        if not isinstance(member.state, Active):
            states[other], todo = fsm.become_active(member.parameters, now)
            effects += [(other, effect) for effect in todo]
    return states, effects


def wait(router: Parameters, now: float, state: State | None = None) -> Backup:
    """Ready for Active; the timer runs on, so that a peer that comes and goes is noticed."""
    backup = replace(fsm.become_backup(router, now), ready=True)
    if isinstance(state, Backup):
        return replace(backup, preempt_at=state.preempt_at, yielding=state.yielding)
    return backup


def spread(members: Members, name: str, event: Event, now: float) -> tuple[States, Effects]:
    """What one member does, and what follows for the others."""
    before = members[name].state
    states, effects = each(members, [name], event, now)
    stepped_back = isinstance(before, Active) and isinstance(states[name], Backup)
    asserts = (name, Announce(again=True)) in effects
    if not stepped_back and not asserts:
        return states, effects
    for other, member in members.items():
        if other == name or not isinstance(member.state, Active):
            continue
        if stepped_back:
            states[other] = fsm.become_backup(member.parameters, now)
        effects.append((other, DropAddresses() if stepped_back else Announce(again=True)))
    return states, effects


def state_of(states: Iterable[State]) -> str:
    """The state of a group: Active when all members are, Initialize when one is, Backup otherwise."""
    kinds = {type(state) for state in states}
    if kinds == {Active}:
        return "Active"
    return "Initialize" if Initialize in kinds else "Backup"


def group_of(router: VirtualRouter, groups: Iterable[SyncGroup]) -> SyncGroup | None:
    """The first sync group that names the instance."""
    return next((group for group in groups if router.name in group.members), None)
