# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances and their sync groups: events go in, and what has to be done comes back.

The election changes the state of the instances and arms their timers.  It sends, sets and tells nothing: every method
returns its effects and its transitions, and the router carries them out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from . import fsm, resume, sync_group
from .fsm import Active, Backup, Event, Initialize
from .instance import Instance, Todo, Transition, Unit
from .parameters import Identity, identity
from .state_codec import Remembered
from .timers import ElectionTimers


class Election:
    """Every instance is in one unit, with those of its sync group or alone.

    `now` is in seconds of the loop's clock everywhere; `wall` is the clock of the day.
    """

    def __init__(self, timers: ElectionTimers, wall: Callable[[], float]) -> None:
        self.timers = timers
        self.wall = wall
        self.instances: list[Instance] = []
        self.units: list[Unit] = []

    def bind(self, instances: list[Instance]) -> None:
        """Take these instances and put those of a sync group together."""
        self.instances = instances
        bound: dict[str | int, list[Instance]] = {}
        for instance in instances:
            key = id(instance) if instance.group is None else instance.group.name
            bound.setdefault(key, []).append(instance)
        self.units = [Unit(members) for members in bound.values()]
        for unit in self.units:
            for instance in unit.instances.values():
                instance.unit = unit

    def feed(self, instance: Instance, event: Event, why: str, now: float, word: str = "") -> Todo:
        """Let `event` happen to `instance`, and return what follows for it and for the others of its sync group."""
        unit = instance.unit.instances
        states, effects = sync_group.step(instance.unit, instance.name, event, now)
        todo: Todo = [(unit[name], effect) for name, effect in effects]
        for name, state in states.items():
            reason = why if name == instance.name or len(unit) == 1 else f"with {instance.name}: {why}"
            self._enter(unit[name], state, reason, word, now, todo)
        return todo

    def _enter(self, instance: Instance, state: fsm.State, why: str, word: str, now: float, todo: Todo) -> None:
        before, instance.state = instance.state, state
        if type(before) is not type(state):
            instance.since = self.wall()
            instance.contender = None
            if isinstance(state, Active):
                instance.counters["become_master"] += 1
                instance.active_router = None
            elif isinstance(before, Active):
                instance.counters["release_master"] += 1
            todo.append((instance, Transition(instance, before, state, why, word)))
        if isinstance(state, Initialize):
            instance.active_router = None
        instance.note(before, now)
        self.timers.arm(instance)

    def expire(self, now: float) -> Todo:
        """What is due already, without waiting for the loop."""
        todo: Todo = []
        for instance in self.instances:
            if instance.state.deadline <= now:
                todo += self.feed(instance, fsm.Timeout(), "timeout", now)
        return todo

    def rehearse(self, instance: Instance) -> None:
        """Decide what the end of its timer will bring, and change nothing: the decision is quicker the next time."""
        sync_group.step(instance.unit, instance.name, fsm.Timeout(), instance.state.deadline)

    # --- what a predecessor of this process left ---

    def resume(self, every: Mapping[Identity, Remembered], now: float) -> list[tuple[Instance, float]]:
        """Go on where it was, unit by unit, before the first `settle`; who does, and the seconds since `last`."""
        resumed = []
        for unit in (unit.instances for unit in self.units):
            found = {name: every.get(identity(member.router, member.defs)) for name, member in unit.items()}
            known = {name: remembered for name, remembered in found.items() if remembered is not None}
            if any(member.faults for member in unit.values()):
                continue
            parameters = {name: member.vr for name, member in unit.items()}
            states = resume.together(parameters, known, now) or {}
            for name, state in states.items():
                resumed.append((unit[name], now - known[name].last))
                self._go_on(unit[name], state, known[name])
        return resumed

    def _go_on(self, instance: Instance, state: fsm.State, remembered: Remembered) -> None:
        instance.state = state
        instance.since = remembered.since
        instance.last = remembered.last
        instance.active_router = remembered.active_router
        instance.started = True
        self.timers.arm(instance)

    # --- what the operator and the trackers decide ---

    def settle(self, units: Iterable[Unit], now: float) -> Todo:
        """Bring these units into agreement with their faults and with themselves (after a change of either)."""
        todo: Todo = []
        for unit in (list(unit.instances.values()) for unit in units):
            faulty = next((member for member in unit if member.faults), None)
            running = [member for member in unit if not isinstance(member.state, Initialize)]
            if faulty is not None:
                if running:
                    todo += self.feed(faulty, fsm.Shutdown(), faulty.faults[0], now)
                else:
                    todo += still_faulty(unit)
                continue
            todo += self._agree(unit, now)
            if len(running) < len(unit):
                why = "startup" if not unit[0].started else "no fault any more"
                todo += self.feed(unit[0], fsm.Startup(), why, now)
            for member in unit:
                member.started = True
        return todo

    def _agree(self, unit: list[Instance], now: float) -> Todo:
        """A reload may bind an Active and a Backup instance together: the Active one steps back."""
        todo: Todo = []
        if not any(isinstance(member.state, Backup) for member in unit):
            return todo
        for member in unit:
            if member.active:
                todo += self.alone(member, fsm.Resign(), "its sync group is not Active", now)
                if isinstance(member.state, Backup):
                    member.state = replace(member.state, yielding=False)
        return todo

    def alone(self, instance: Instance, event: Event, why: str, now: float, word: str = "") -> Todo:
        """Let `event` happen to `instance` and to no other one of its sync group."""
        state, effects = fsm.step(instance.vr, instance.state, event, now)
        todo: Todo = [(instance, effect) for effect in effects]
        self._enter(instance, state, why, word, now, todo)
        return todo

    def retire(self, instance: Instance, now: float) -> Todo:
        """It is not configured any more: it gives up alone, and is forgotten."""
        todo = self.alone(instance, fsm.Shutdown(), "deleted", now, "DELETED")
        self.timers.disarm(instance)
        return todo + untold([instance], todo, "deleted", "DELETED")

    def shut_down(self, unit: Unit, why: str, now: float, word: str) -> Todo:
        """The end of a unit; members that did nothing are told too."""
        members = list(unit.instances.values())
        todo = self.feed(members[0], fsm.Shutdown(), why, now, word)
        for member in members:
            self.timers.disarm(member)
        return todo + untold(members, todo, why, word)

    def retime(self, instance: Instance, before: fsm.Parameters, now: float) -> None:
        """After a reload: another interval moves the timer of a running instance; anything else leaves it alone."""
        vr, state = instance.vr, instance.state
        if vr.advertisement_interval == before.advertisement_interval and vr.version == before.version:
            return
        if isinstance(state, Active):
            instance.state = Active(min(state.deadline, now + vr.advertisement_interval))
        elif isinstance(state, Backup):
            heard = state.interval if vr.version == 3 and instance.active_router is not None else None
            interval = vr.advertisement_interval if heard is None else heard
            instance.state = replace(state, deadline=now + vr.active_down_interval(interval), interval=interval)
        self.timers.arm(instance)


def still_faulty(unit: list[Instance]) -> Todo:
    """An instance that starts with a fault says so once."""
    todo: Todo = []
    for member in unit:
        if not member.started:
            member.started = True
            bound = next((other for other in unit if other.faults), member)
            why = bound.faults[0] if bound is member else f"with {bound.name}: {bound.faults[0]}"
            todo.append((member, Transition(member, member.state, member.state, why)))
    return todo


def untold(members: Iterable[Instance], todo: Todo, why: str, word: str) -> Todo:
    """The same word for those that have no transition in `todo`."""
    told = {id(instance) for instance, work in todo if isinstance(work, Transition)}
    rest = (member for member in members if id(member) not in told)
    return [(member, Transition(member, member.state, member.state, why, word)) for member in rest]
