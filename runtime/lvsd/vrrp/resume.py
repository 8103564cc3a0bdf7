# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a Virtual Router goes on where a predecessor of this process left it, or starts as RFC 9568 §6.4.1 says.

A router that was killed and started again within an Active_Down_Interval was only late for its peers.  Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from .fsm import Active, Backup, Parameters, State
from .state_codec import Remembered


def resume(vr: Parameters, remembered: Remembered, now: float) -> State | None:
    """The state to go on in; None: the ordinary start.

    An Active Router speaks at once.  A Backup Router was deaf: it waits for one more advertisement, and Skew_Time, even
    where its timer has expired meanwhile; a hand-over, a learned interval and a preempt delay still hold.
    """
    interval = remembered.interval if vr.version == 3 else vr.advertisement_interval
    down = vr.active_down_interval(interval)
    if not 0 <= now - remembered.last < down:
        return None
    match remembered.state:
        case Active():
            return Active(now)
        case Backup(deadline, _, preempt_at, _, yielding):
            listens = max(deadline, now + interval + vr.skew_time(interval))
            latest = now + max(vr.preempt_delay, 0.0)
            kept = min(preempt_at, latest) if vr.preempt_delay and preempt_at < inf else inf
            return Backup(min(listens, now + down), interval, kept, yielding=yielding)


def together(
    members: Mapping[str, Parameters], remembered: Mapping[str, Remembered], now: float
) -> dict[str, State] | None:
    """The members of a sync group go on together or not at all, and all of them Active or none."""
    states: dict[str, State] = {}
    for name, vr in members.items():
        state = resume(vr, remembered[name], now) if name in remembered else None
        if state is None:
            return None
        states[name] = state
    active = sum(isinstance(state, Active) for state in states.values())
    return states if active in (0, len(states)) else None
