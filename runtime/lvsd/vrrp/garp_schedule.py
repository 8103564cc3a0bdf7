# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an Active Router tells its neighbours where the addresses live: keepalived's policy for gratuitous ARP and NA.

    becoming Active               `repeat` frames per address at once, again after `delay` seconds
    staying Active                `refresh_repeat` frames every `refresh` seconds
    hearing a lower Active        `lower_repeat` frames at once, again after `lower_delay` seconds

Pure: each function answers with the next schedule and the number of frames per address to send now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TypeVar

from lvsd.model import Announcements, GlobalDefs
from lvsd.record import record

T = TypeVar("T")

REPEAT, DELAY, REFRESH, REFRESH_REPEAT = 5, 5.0, 0.0, 1  # keepalived's defaults


@record(frozen=True, slots=True)
class Policy:
    """Frames per address, and seconds; 0 seconds is never."""

    repeat: int = REPEAT
    delay: float = DELAY
    refresh: float = REFRESH
    refresh_repeat: int = REFRESH_REPEAT
    lower_repeat: int = REPEAT
    lower_delay: float = DELAY


@dataclass(frozen=True, slots=True)
class GarpSchedule:
    """What an Active instance still has to send; `again_*` is the second burst."""

    again_at: float = inf
    again_repeat: int = 0
    refresh_at: float = inf

    @property
    def deadline(self) -> float:
        """When the next burst is due, in seconds of CLOCK_MONOTONIC; inf where none is."""
        return min(self.again_at, self.refresh_at)


def policy(own: Announcements, defs: GlobalDefs) -> Policy:
    """The instance's words, else the globals', else the defaults; vrrp_min_garp is one frame and no second burst."""
    everywhere = defs.announcements
    repeat = first(own.repeat, everywhere.repeat, 1 if defs.vrrp_min_garp else REPEAT)
    delay = first(own.delay, everywhere.delay, 0.0 if defs.vrrp_min_garp else DELAY)
    return Policy(
        repeat=repeat,
        delay=delay,
        refresh=first(own.refresh, everywhere.refresh, REFRESH),
        refresh_repeat=first(own.refresh_repeat, everywhere.refresh_repeat, REFRESH_REPEAT),
        lower_repeat=first(own.lower_priority_repeat, everywhere.lower_priority_repeat, repeat),
        lower_delay=first(own.lower_priority_delay, everywhere.lower_priority_delay, delay),
    )


def first(own: T | None, everywhere: T | None, otherwise: T) -> T:
    """Return the first of three values that is given: the instance's, the global one, the default."""
    if own is not None:
        return own
    return otherwise if everywhere is None else everywhere


def take_over(p: Policy, now: float) -> tuple[GarpSchedule, int]:
    """Return the schedule after a take-over, and how many frames go for each address at once."""
    again = now + p.delay if p.delay and p.repeat else inf
    return GarpSchedule(again, p.repeat, now + p.refresh if p.refresh else inf), p.repeat


def resume(p: Policy, ago: float, now: float) -> GarpSchedule:
    """What is left of a take-over `ago` seconds ago."""
    schedule, _unused = take_over(p, now - ago)
    again = schedule.again_at if schedule.again_at > now else inf
    return replace(schedule, again_at=again, refresh_at=now + p.refresh if p.refresh else inf)


def lower_heard(p: Policy, schedule: GarpSchedule, now: float) -> tuple[GarpSchedule, int]:
    """A second burst that is already on its way stays."""
    if p.lower_delay and p.lower_repeat and schedule.again_at == inf:
        schedule = replace(schedule, again_at=now + p.lower_delay, again_repeat=p.lower_repeat)
    return schedule, p.lower_repeat


def due(p: Policy, schedule: GarpSchedule, now: float) -> tuple[GarpSchedule, int]:
    """What has come due by `now`; 0 frames when nothing has."""
    frames = 0
    if schedule.again_at <= now:
        frames = schedule.again_repeat
        schedule = replace(schedule, again_at=inf)
    if schedule.refresh_at <= now:
        frames = max(frames, p.refresh_repeat)
        schedule = replace(schedule, refresh_at=now + p.refresh if p.refresh else inf)
    return schedule, frames


def rounds(wanted: Sequence[tuple[T, int]]) -> Iterator[T]:
    """Things with the number of times each is wanted: every one once, before any is repeated."""
    for turn in range(max((repeat for _unused, repeat in wanted), default=0)):
        yield from (thing for thing, repeat in wanted if repeat > turn)
