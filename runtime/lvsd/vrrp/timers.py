# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer of every instance: Adver_Timer of an Active one, Active_Down_Timer of a Backup one (RFC 9568 §6.2).

A timer is lazy: an advertisement moves the deadline of the state only, and the timer that fires early looks again.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from lvsd.loop import Loop

from .fsm import Backup, State
from .instance import Instance

EARLY = 0.001  # seconds before an Active_Down_Timer expires: from then on the processor stays awake


class ElectionTimers:
    """Calls `due` with an instance whose deadline has come, and `imminent` right before, when it is Backup.

    `has_read`: whether all that arrived before the deadline of an instance has been fed; a Backup instance whose socket
    holds more is not due before the next wake-up has read on.
    """

    def __init__(
        self,
        loop: Loop,
        due: Callable[[Instance], None],
        imminent: Callable[[Instance], None],
        has_read: Callable[[Instance], bool],
    ) -> None:
        self.loop = loop
        self._due = due
        self._imminent = imminent
        self._has_read = has_read

    def arm(self, instance: Instance) -> None:
        """Look at the instance at its deadline; a timer that fires before is good enough."""
        deadline = wake_up_at(instance.state)
        if deadline == inf or (instance.timer is not None and instance.timer.deadline <= deadline):
            return
        if instance.timer is not None:
            instance.timer.cancel()
        self._set(instance, deadline)

    def disarm(self, instance: Instance) -> None:
        """Stop every timer of the instance."""
        for timer in (instance.timer, instance.announce_timer):
            if timer is not None:
                timer.cancel()
        instance.timer = instance.announce_timer = None

    def _set(self, instance: Instance, when: float) -> None:
        instance.timer = self.loop.call_at(when, lambda: self._fire(instance))

    def _fire(self, instance: Instance) -> None:
        instance.timer = None
        now = self.loop.now
        if instance.state.deadline <= now:
            if isinstance(instance.state, Backup) and not self._has_read(instance):
                self._set(instance, now)
            else:
                self._due(instance)
        elif wake_up_at(instance.state) <= now:
            self._set(instance, instance.state.deadline)
            self._imminent(instance)
        if instance.timer is None:
            self.arm(instance)


def wake_up_at(state: State) -> float:
    """When to look at the timer of `state`."""
    return state.deadline - EARLY if isinstance(state, Backup) else state.deadline
