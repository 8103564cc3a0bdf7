# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a router from outside, and the formulas that it is measured with: RFC 9568's once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any

from lvsd.model import Address
from lvsd.vrrp.fsm import OWNER, Initialize, State


class Violation(Exception):
    """An invariant that did not hold: its letter, when, who, and what was seen."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An Advertisement, and what it meant when it arrived."""

    at: float
    priority: int
    interval: float
    ours: int  # our priority
    within: float  # our Active_Down_Interval
    better: bool  # than we are: it beats an Active Router


@dataclass(slots=True)
class Record:
    """What is known from outside of one Virtual Router on one host, during one life of the process."""

    state: State = field(default_factory=Initialize)
    sent_at: float = -inf
    left_at: float = -inf  # the last Advertisement of a predecessor
    heard: dict[Address, Heard] = field(default_factory=dict)  # the last of each router
    released_at: float = -inf  # the last priority 0 that arrived
    lower_since: float = inf  # the first Advertisement of a lower router since this one is Backup
    beaten_at: float = -inf  # the last Advertisement of a better router
    accepted_at: float = -inf  # the last Advertisement that was no priority 0
    active_since: float = -inf
    resigned_at: float = -inf
    yields_until: float = -inf


def skew(priority: int, version: int, interval: float) -> float:
    """Skew_Time, RFC 9568 §6.1; RFC 3768 §6.1 counts in seconds."""
    return (256 - priority) / 256 * (interval if version == 3 else 1.0)


def preempts(router: Any) -> bool:
    """keepalived: an owner and a `state MASTER` do, whatever is written."""
    return router.preempt or router.priority == OWNER or router.initial_state == "MASTER"


def delay_of(router: Any) -> float:
    """keepalived: the preempt delay is for `state BACKUP`."""
    return router.preempt_delay if preempts(router) and router.initial_state != "MASTER" else 0.0
