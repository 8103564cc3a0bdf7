# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State machines that are broken on purpose: a simulation that does not notice is worth nothing.

Each mutant replaces functions of `fsm` or `group` while it is `injected`, and `seeds` are schedules that show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from lvsd.vrrp import fsm, sync_group
from lvsd.vrrp import resume as resumption
from lvsd.vrrp.election import Election
from lvsd.vrrp.fsm import Active, Advertise, Backup, DropAddresses, Parameters, Received, Resign

feed = Election.feed
step, hear, promote, wait, spread = fsm.step, fsm.hear, sync_group.promote, sync_group.wait, sync_group.spread
resume = resumption.resume


@dataclass(frozen=True)
class Mutant:
    name: str
    where: Any
    what: str
    instead: Callable[..., Any]
    seeds: tuple[int, ...]


@contextmanager
def injected(mutant: Mutant) -> Iterator[None]:
    kept = getattr(mutant.where, mutant.what)
    setattr(mutant.where, mutant.what, mutant.instead)
    try:
        yield
    finally:
        setattr(mutant.where, mutant.what, kept)


# --- what can go wrong in them -------------------------------------------------------------------


def stepped(change: Callable[..., Any]) -> Callable[..., Any]:
    """`fsm.step`, and what `change` makes of its answer."""

    def mutated(vr: Parameters, state: Any, event: Any, now: float) -> Any:
        return change(state, event, now, *step(vr, state, event, now))

    return mutated


def silent_at_stop(before: Any, event: Any, now: float, after: Any, effects: list[Any]) -> Any:
    return after, [effect for effect in effects if effect != Advertise(0)]


def keeps_addresses(before: Any, event: Any, now: float, after: Any, effects: list[Any]) -> Any:
    return after, [effect for effect in effects if effect != DropAddresses()]


def deaf_to_release(before: Any, event: Any, now: float, after: Any, effects: list[Any]) -> Any:
    deaf = isinstance(before, Backup) and isinstance(event, Received) and event.priority == 0
    return (before if deaf else after), effects


def slow_adverts(before: Any, event: Any, now: float, after: Any, effects: list[Any]) -> Any:
    late = isinstance(before, Active) and isinstance(after, Active) and after.deadline > before.deadline
    return (Active(after.deadline + (after.deadline - now)) if late else after), effects


def stubborn(before: Any, event: Any, now: float, after: Any, effects: list[Any]) -> Any:
    beaten = isinstance(before, Active) and isinstance(after, Backup) and not isinstance(event, Resign)
    return (before, []) if beaten else (after, effects)


def takes_back(before: Any, event: Any, now: float, after: Any, effects: list[Any]) -> Any:
    resigned = isinstance(event, Resign) and isinstance(after, Backup)
    return (replace(after, deadline=now) if resigned else after), effects


def deaf(vr: Parameters, state: Backup, heard: Received, now: float) -> Backup:
    return state


def always_preempts(vr: Parameters, state: Backup, heard: Received, now: float) -> Backup:
    return hear(replace(vr, preempt=True), replace(state, yielding=False), heard, now)


def never_preempts(vr: Parameters, state: Backup, heard: Received, now: float) -> Backup:
    return hear(replace(vr, preempt=False), state, heard, now)


def impatient(vr: Parameters, state: Backup, heard: Received, now: float) -> Backup:
    return hear(replace(vr, preempt_delay=0.0), state, heard, now)


def promote_but_one(members: Any, now: float) -> Any:
    states, effects = promote(members, now)
    if len(states) > 1:
        forgotten = list(states)[-1]
        del states[forgotten]
        effects = [(name, effect) for name, effect in effects if name != forgotten]
    return states, effects


def spread_to_nobody(members: Any, name: str, event: Any, now: float) -> Any:
    return sync_group.each(members, [name], event, now)


def wait_anew(router: Parameters, now: float, state: Any = None) -> Backup:
    return replace(wait(router, now, state), preempt_at=inf)


def promote_alone(members: Any, name: str, now: float) -> Any:
    return promote(members, now) if members[name].state.deadline <= now else ({}, [])


def resume_anyhow(vr: Parameters, remembered: Any, now: float) -> Any:
    return resume(vr, replace(remembered, last=now), now)


def feed_by_the_wake_up(election: Election, instance: Any, event: Any, why: str, now: float, word: str = "") -> Any:
    return feed(election, instance, event, why, election.timers.loop.now, word)


MUTANTS = (
    Mutant("an equal priority beats too", fsm, "beats", lambda heard, vr: heard.priority >= vr.priority, (34,)),
    Mutant("a lower priority beats", fsm, "beats", lambda heard, vr: True, (5,)),
    Mutant("a tie goes to nobody", fsm, "beats", lambda heard, vr: heard.priority > vr.priority, (34,)),
    Mutant("no Skew_Time", Parameters, "skew_time", lambda vr, interval: 0.0, (0,)),
    Mutant("a whole interval of Skew_Time", Parameters, "skew_time", Parameters.skew_unit, (1, 3)),
    Mutant("the timer is not started anew on receipt", fsm, "hear", deaf, (0, 1)),
    Mutant("nopreempt preempts", fsm, "hear", always_preempts, (0,)),
    Mutant("preempt does not", fsm, "hear", never_preempts, (10,)),
    Mutant("no preempt delay", fsm, "hear", impatient, (16,)),
    Mutant("no priority 0 at the end", fsm, "step", stepped(silent_at_stop), (1, 3)),
    Mutant("the addresses stay", fsm, "step", stepped(keeps_addresses), (0, 1)),
    Mutant("priority 0 is not heard", fsm, "step", stepped(deaf_to_release), (1, 3)),
    Mutant("an Adver_Timer of two intervals", fsm, "step", stepped(slow_adverts), (0, 1)),
    Mutant("no stepping back", fsm, "step", stepped(stubborn), (0, 2)),
    Mutant("takes back what it handed over", fsm, "step", stepped(takes_back), (1,)),
    Mutant("a member is forgotten", sync_group, "promote", promote_but_one, (10,)),
    Mutant("a member steps back alone", sync_group, "spread", spread_to_nobody, (2,)),
    Mutant("one member decides for all", sync_group, "expire", promote_alone, (0,)),
    Mutant("a ready member begins the delay anew", sync_group, "wait", wait_anew, (217,)),
    Mutant("a successor starts anew", resumption, "resume", lambda vr, remembered, now: None, (1,)),
    Mutant("a successor goes on however late", resumption, "resume", resume_anyhow, (6, 8)),
    Mutant("what was heard counts from the clock of the wake-up", Election, "feed", feed_by_the_wake_up, (14, 33)),
)
