# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the neighbours where the addresses of Active instances live, in the rhythm of `announcing`."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from lvsd.kernel.rtnl_types import AddressKey
from lvsd.loop import Loop

from . import fsm, garp_schedule
from .instance import Instance, Todo
from .interfaces import Interfaces
from .notify import Scripts
from .tx import Transmitter

Wanted = list[tuple[Iterable[AddressKey], int]]
"""Addresses, and how many frames each of them gets."""


class GarpSender:
    """Every wake-up announces at once what it has to; the timers are for second bursts and refreshes."""

    def __init__(self, loop: Loop, tx: Transmitter, interfaces: Interfaces, scripts: Scripts) -> None:
        self.loop = loop
        self.tx = tx
        self.interfaces = interfaces
        self.scripts = scripts

    def announce(self, todo: Todo, gained: Wanted) -> None:
        """What the election decided, and addresses that Active instances have gained otherwise."""
        for instance, effect in todo:
            if isinstance(effect, fsm.DropAddresses):
                instance.schedule = garp_schedule.GarpSchedule()
        due = [(i, effect) for i, effect in todo if isinstance(effect, fsm.Announce) and i.active]
        wanted = [*gained, *((i.table, i.policy.lower_repeat if e.again else i.policy.repeat) for i, e in due)]
        if wanted:
            self.tx.announce(wanted, self.interfaces)
        for instance, announce in due:
            self._schedule(instance, announce)

    def resume(self, instance: Instance, ago: float) -> None:
        """An instance that became Active `ago` seconds ago, in a process before this one: what it still has to send."""
        instance.schedule = garp_schedule.resume(instance.policy, ago, self.loop.now)
        self._arm(instance)

    def _schedule(self, instance: Instance, effect: fsm.Announce) -> None:
        """The timer for what follows."""
        if effect.again:
            found = garp_schedule.lower_heard(instance.policy, instance.schedule, self.loop.now)
            self.scripts.lower_heard(instance)
        else:
            found = garp_schedule.take_over(instance.policy, self.loop.now)
        instance.schedule, _unused = found  # the frames of now are sent already
        self._arm(instance)

    def _arm(self, instance: Instance) -> None:
        deadline = instance.schedule.deadline
        if instance.announce_timer is None and deadline < inf:
            instance.announce_timer = self.loop.call_at(deadline, lambda: self._again(instance))

    def _again(self, instance: Instance) -> None:
        """Second bursts and refreshes; a timer that is older than the schedule finds nothing due."""
        instance.announce_timer = None
        if instance.active:
            instance.schedule, repeat = garp_schedule.due(instance.policy, instance.schedule, self.loop.now)
            if repeat:
                self.tx.announce([(instance.table, repeat)], self.interfaces)
            self._arm(instance)
