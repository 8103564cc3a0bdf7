# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failover as data: what the client saw and what each director did, on one clock.

Pure: every time is wall-clock seconds of the host that runs the demo; the directors' clocks are corrected
before they come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.lab.traffic import Request


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened on a host (`who`), in its own words."""

    time: float
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """`who` was in `state` from `start` to `end`."""

    who: str
    state: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Failover:
    cut: float  # when the power went
    last_heard: float  # when the last advertisement of the director that died passed its wire
    announced: float  # when the first gratuitous ARP of the other passed its wire
    requests: tuple[Request, ...]
    moments: tuple[Moment, ...]
    spans: tuple[Span, ...]
    floor: float  # seconds: the protocol's Active_Down_Interval for these timers

    @property
    def overhead(self) -> float:
        """Seconds beyond what the protocol demands, from the last advertisement to the first gratuitous ARP."""
        return self.announced - self.last_heard - self.floor


def active_down_interval(advertisement_interval: float, priority: int) -> float:
    """Seconds, VRRP version 2: three intervals and Skew_Time (RFC 3768 §6.1)."""
    return 3 * advertisement_interval + (256 - priority) / 256


def moments(who: str, events: Iterable[Mapping[str, Any]], clock_offset: float) -> list[Moment]:
    """`lvsctl events --json` of one host as moments; `clock_offset` is its clock minus ours, in seconds."""
    return [Moment(event["time"] - clock_offset, who, event["message"]) for event in events]


def spans(who: str, events: Iterable[Mapping[str, Any]], clock_offset: float, until: float) -> list[Span]:
    """The state of one host's first virtual router over time; ends at `until`."""
    states = [event for event in events if event["what"] == "state" and "why" in event]
    if not states:
        return []
    subject = states[0]["subject"]
    turns = [(e["time"] - clock_offset, e["state"]) for e in states if e["subject"] == subject]
    ends = [time for time, _ in turns[1:]] + [until]
    return [Span(who, state, start, min(end, until)) for (start, state), end in zip(turns, ends, strict=True)]


def as_text(failover: Failover, first: float, last: float) -> list[str]:
    """The moments between `first` and `last` (seconds around the cut), a line each."""
    rows = sorted(failover.moments, key=lambda moment: moment.time)
    width = max((len(moment.who) for moment in rows), default=0)
    return [
        f"{moment.time - failover.cut:+9.3f} s  {moment.who:{width}}  {moment.text}"
        for moment in rows
        if first <= moment.time - failover.cut <= last
    ]
