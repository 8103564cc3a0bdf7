# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances, their sync groups and their timers: events go in, effects and transitions wait for the worker.

A wake-up collects everything that happens, then the worker carries it out at once, in the order in which it must
happen: advertisements, addresses, announcements, scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import inf

from lvsd.loop import Loop

from . import fsm, resume, sync_group
from .fsm import Active, Backup, Effect, Event, Initialize
from .instance import Instance, Transition, Unit
from .parameters import Identity, identity
from .state_codec import Remembered

EARLY = 0.001  # seconds before an Active_Down_Timer expires: from then on the processor stays awake


class Election:
    """Every instance is in one unit, with those of its sync group or alone."""

    def __init__(
        self,
        loop: Loop,
        wall: Callable[[], float],
        flush: Callable[[], None],
        rehearse: Callable[[Instance], None],
        has_read: Callable[[Instance], bool] = lambda _instance: True,
    ) -> None:
        """`has_read`: whether all that arrived before the deadline of an instance has been fed."""
        self.loop = loop
        self.wall = wall
        self.flush = flush
        self.rehearse = rehearse
        self.has_read = has_read
        self.instances: list[Instance] = []
        self.units: list[Unit] = []
        self.effects: list[tuple[Instance, Effect]] = []
        self.transitions: list[Transition] = []
        self._due = False
        self._asserted: set[tuple[Instance, Effect]] = set()  # what Active instances answer in this wake-up

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

    def feed(self, instance: Instance, event: Event, why: str, word: str = "", at: float | None = None) -> None:
        """Let `event` happen to `instance`, `at` seconds (now); what follows is carried out before the loop sleeps."""
        now = self.loop.now if at is None else at
        unit = instance.unit.instances
        states, effects = sync_group.step(instance.unit, instance.name, event, now)
        for name, state in states.items():
            reason = why if name == instance.name or len(unit) == 1 else f"with {instance.name}: {why}"
            self._enter(unit[name], state, reason, word, now)
        found = [(unit[name], effect) for name, effect in effects]
        if isinstance(event, fsm.Received) and found:
            found = self._unsaid(found)
        self.effects += found
        if self.effects or self.transitions:
            self.soon()

    def _unsaid(self, effects: list[tuple[Instance, Effect]]) -> list[tuple[Instance, Effect]]:
        """An Active instance asserts itself once in a wake-up, however many have made it do so."""
        found = [pair for pair in effects if not (pair[0].active and pair in self._asserted)]
        self._asserted.update(found)
        return found

    def soon(self) -> None:
        """Carry out before the loop sleeps."""
        if not self._due:
            self._due = True
            self.loop.before_sleep(self._flush)

    def _flush(self) -> None:
        self._due = False
        self._asserted.clear()
        self.flush()

    def _enter(self, instance: Instance, state: fsm.State, why: str, word: str, now: float) -> None:
        before, instance.state = instance.state, state
        if type(before) is not type(state):
            instance.since = self.wall()
            instance.contender = None
            if isinstance(state, Active):
                instance.counters["become_master"] += 1
                instance.active_router = None
            elif isinstance(before, Active):
                instance.counters["release_master"] += 1
            self.transitions.append(Transition(instance, before, state, why, word))
        if isinstance(state, Initialize):
            instance.active_router = None
        instance.note(before, now)
        self.arm(instance)

    # --- timers: lazy, one that fires early looks again ---

    def arm(self, instance: Instance) -> None:
        deadline = wake_up_at(instance.state)
        if deadline == inf or (instance.timer is not None and instance.timer.deadline <= deadline):
            return
        if instance.timer is not None:
            instance.timer.cancel()
        self._set_timer(instance, deadline)

    def _set_timer(self, instance: Instance, when: float) -> None:
        instance.timer = self.loop.call_at(when, lambda: self._expire(instance))

    def disarm(self, instance: Instance) -> None:
        for timer in (instance.timer, instance.announce_timer):
            if timer is not None:
                timer.cancel()
        instance.timer = instance.announce_timer = None

    def expire(self) -> None:
        """What is due already, without waiting for the loop."""
        for instance in self.instances:
            if instance.state.deadline <= self.loop.now:
                self.feed(instance, fsm.Timeout(), "timeout")

    def _expire(self, instance: Instance) -> None:
        instance.timer = None
        if instance.state.deadline <= self.loop.now:
            if isinstance(instance.state, Backup) and not self.has_read(instance):
                self._set_timer(instance, self.loop.now)  # the next wake-up reads on first
            else:
                self.feed(instance, fsm.Timeout(), "timeout")
        elif wake_up_at(instance.state) <= self.loop.now:
            self._rehearse(instance)
        if instance.timer is None:
            self.arm(instance)

    def _rehearse(self, instance: Instance) -> None:
        """Be awake when the Active Router is down, with all that a take-over needs at hand."""
        deadline = instance.state.deadline
        self._set_timer(instance, deadline)
        if not self.loop.awake:
            sync_group.step(instance.unit, instance.name, fsm.Timeout(), deadline)
            self.rehearse(instance)
        self.loop.stay_awake(deadline)

    # --- what a predecessor of this process left ---

    def resume(self, every: Mapping[Identity, Remembered]) -> list[tuple[Instance, float]]:
        """Go on where it was, unit by unit, before the first `settle`; who does, and the seconds since `last`."""
        resumed = []
        for unit in (unit.instances for unit in self.units):
            found = {name: every.get(identity(member.router, member.defs)) for name, member in unit.items()}
            known = {name: remembered for name, remembered in found.items() if remembered is not None}
            if any(member.faults for member in unit.values()):
                continue
            parameters = {name: member.vr for name, member in unit.items()}
            states = resume.together(parameters, known, self.loop.now) or {}
            for name, state in states.items():
                resumed.append((unit[name], self.loop.now - known[name].last))
                self._go_on(unit[name], state, known[name])
        return resumed

    def _go_on(self, instance: Instance, state: fsm.State, remembered: Remembered) -> None:
        instance.state = state
        instance.since = remembered.since
        instance.last = remembered.last
        instance.active_router = remembered.active_router
        instance.started = True
        self.arm(instance)

    # --- what the operator and the interfaces decide ---

    def settle(self, units: Iterable[Unit]) -> None:
        """Bring these units into agreement with their faults and with themselves (after a change of either)."""
        for unit in (list(unit.instances.values()) for unit in units):
            faulty = next((member for member in unit if member.faults), None)
            running = [member for member in unit if not isinstance(member.state, Initialize)]
            if faulty is not None:
                if running:
                    self.feed(faulty, fsm.Shutdown(), faulty.faults[0])
                else:
                    self._still_faulty(unit)
                continue
            self._agree(unit)
            if len(running) < len(unit):
                self.feed(unit[0], fsm.Startup(), "startup" if not unit[0].started else "no fault any more")
            for member in unit:
                member.started = True

    def _still_faulty(self, unit: Iterable[Instance]) -> None:
        """An instance that starts with a fault says so once."""
        for member in unit:
            if not member.started:
                member.started = True
                bound = next((other for other in unit if other.faults), member)
                why = bound.faults[0] if bound is member else f"with {bound.name}: {bound.faults[0]}"
                self.transitions.append(Transition(member, member.state, member.state, why))
                self.soon()

    def _agree(self, unit: list[Instance]) -> None:
        """A reload may bind an Active and a Backup instance together: the Active one steps back."""
        if not any(isinstance(member.state, Backup) for member in unit):
            return
        for member in unit:
            if member.active:
                self.alone(member, fsm.Resign(), "its sync group is not Active")
                if isinstance(member.state, Backup):
                    member.state = replace(member.state, yielding=False)

    def alone(self, instance: Instance, event: Event, why: str, word: str = "") -> None:
        """Let `event` happen to `instance` and nobody else."""
        state, effects = fsm.step(instance.vr, instance.state, event, self.loop.now)
        self._enter(instance, state, why, word, self.loop.now)
        self.effects += [(instance, effect) for effect in effects]
        self.soon()

    def retire(self, instance: Instance) -> None:
        """It is not configured any more: it gives up alone, and is forgotten."""
        self.alone(instance, fsm.Shutdown(), "deleted", "DELETED")
        if not any(transition.instance is instance for transition in self.transitions):
            self.transitions.append(Transition(instance, instance.state, instance.state, "deleted", "DELETED"))
        self.disarm(instance)

    def shut_down(self, unit: Unit, why: str, word: str) -> None:
        """The end of a unit; members that did nothing are told too."""
        members = list(unit.instances.values())
        self.feed(members[0], fsm.Shutdown(), why, word)
        told = {id(transition.instance) for transition in self.transitions}
        for member in members:
            if id(member) not in told:
                self.transitions.append(Transition(member, member.state, member.state, why, word))
            self.disarm(member)

    def retime(self, instance: Instance, before: fsm.Parameters) -> None:
        """After a reload: another interval moves the timer of a running instance; anything else leaves it alone."""
        now, vr, state = self.loop.now, instance.vr, instance.state
        if vr.advertisement_interval == before.advertisement_interval and vr.version == before.version:
            return
        if isinstance(state, Active):
            instance.state = Active(min(state.deadline, now + vr.advertisement_interval))
        elif isinstance(state, Backup):
            heard = state.interval if vr.version == 3 and instance.active_router is not None else None
            interval = vr.advertisement_interval if heard is None else heard
            instance.state = replace(state, deadline=now + vr.active_down_interval(interval), interval=interval)
        self.arm(instance)


def wake_up_at(state: fsm.State) -> float:
    """When to look at the timer of `state`."""
    return state.deadline - EARLY if isinstance(state, Backup) else state.deadline
