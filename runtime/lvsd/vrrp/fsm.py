# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP state machine, RFC 9568 §6.4, with keepalived's preempt delay and its start as MASTER.

                 Startup, owner      +--------+   Shutdown
            +----------------------->| Active |-----------+
            |                        +--------+           |
      +------------+  better Advertisement |  ^           |
      | Initialize |             or Resign v  | Timeout   |
      +------------+                 +--------+           |
            ^  |     Startup         | Backup |           |
            |  +-------------------->+--------+           |
            |                          | Shutdown         |
            +--------------------------+------------------+

Pure: time comes in as `now` (monotonic seconds) and goes out as `state.deadline`.  Members of a sync group are
stepped by `group`, which holds a member that is ready in Backup until all are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from lvsd.model import Address
from lvsd.record import record

OWNER = 255  # §5.2.4: this router holds the addresses as its own
RELEASE = 0  # §5.2.4: the Active Router is leaving


@record(frozen=True, slots=True, kw_only=True)
class Parameters:
    """§6.1, in seconds; `priority` is the effective one (tracking included)."""

    priority: int
    primary: Address
    advertisement_interval: float = 1.0
    version: int = 3
    preempt: bool = True
    preempt_delay: float = 0.0  # keepalived: a lower Active Router is left alone so long
    starts_active: bool = False  # keepalived: state MASTER waits one interval only
    down_adverts: int = 3  # keepalived: down_timer_adverts
    advertise_to_lower: bool = True  # keepalived: not lower_prio_no_advert
    advertise_to_higher: bool = False  # keepalived: higher_prio_send_advert

    @property
    def owner(self) -> bool:
        """Whether this router is the IPvX address owner (RFC 9568 §1.7)."""
        return self.priority == OWNER

    def skew_unit(self, interval: float) -> float:
        """Return what Skew_Time is a part of, in seconds, for peers that advertise every `interval` seconds."""
        return interval if self.version == 3 else 1.0  # RFC 3768 §6.1 skews by a second

    def skew_time(self, interval: float) -> float:
        """Return Skew_Time in seconds (RFC 9568 §6.1): the less, the higher the priority."""
        return (256 - self.priority) / 256 * self.skew_unit(interval)

    def active_down_interval(self, interval: float) -> float:
        """Return Active_Down_Interval in seconds (RFC 9568 §6.1): how long the silence of a peer is waited out."""
        return self.down_adverts * interval + self.skew_time(interval)

    def claim_interval(self) -> float:
        """How long a router with `state MASTER` listens before it claims: an interval and the smallest skew."""
        return self.advertisement_interval + self.skew_unit(self.advertisement_interval) / 256


# --- states ------------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Initialize:
    """The router takes no part, because it has a fault or has not started (RFC 9568 §6.4.1)."""

    deadline: float = inf


@dataclass(frozen=True, slots=True)
class Backup:
    """Another router is Active; its advertisements are awaited until the deadline."""

    deadline: float  # Active_Down_Timer
    interval: float  # Active_Adver_Interval
    preempt_at: float = inf  # end of the preempt delay; inf: no lower Active Router heard yet
    ready: bool = False  # the timer has expired, the sync group has not agreed yet
    yielding: bool = False  # after a planned hand-over: any Active Router is good enough


@dataclass(frozen=True, slots=True)
class Active:
    """This router is Active, and advertises at the deadline."""

    deadline: float  # Adver_Timer


State = Initialize | Backup | Active

# --- events ------------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Startup:
    """The router may take part."""


@record(frozen=True, slots=True)
class Shutdown:
    """The router must not take part any more."""


@record(frozen=True, slots=True)
class Timeout:
    """The deadline of the state has passed."""


@record(frozen=True, slots=True)
class Resign:
    """The operator hands over: release now, and do not preempt the router that takes over."""


@record(frozen=True, slots=True)
class Received:
    """An ADVERTISEMENT that passed §7.1; `interval` in seconds."""

    source: Address
    priority: int
    interval: float


Event = Startup | Shutdown | Timeout | Resign | Received

# --- effects, in the order the shell carries them out ------------------------------------------


@dataclass(frozen=True, slots=True)
class Advertise:
    """Send an advertisement now, with this priority."""

    priority: int


@record(frozen=True, slots=True)
class TakeAddresses:
    """Put the virtual addresses into the kernel."""


@record(frozen=True, slots=True)
class DropAddresses:
    """The virtual addresses go."""


@record(frozen=True, slots=True)
class Announce:
    """Gratuitous ARP, or unsolicited Neighbor Advertisement, per address; `again`: after a lower Active Router."""

    again: bool = False


Effect = Advertise | TakeAddresses | DropAddresses | Announce
ANNOUNCE = Announce()  # a record with fields takes its time to make, and a take-over has none


def step(vr: Parameters, state: State, event: Event, now: float) -> tuple[State, list[Effect]]:
    """The next state and what to do.  An event that means nothing in a state leaves it as it is."""
    match state, event:
        # §6.4.1 Initialize
        case Initialize(), Startup() if vr.owner:
            return become_active(vr, now)
        case Initialize(), Startup():
            return listen(vr, now), []

        # §6.4.2 Backup
        case Backup(), Shutdown():
            return Initialize(), []
        case Backup(deadline), Timeout() if deadline <= now:
            return become_active(vr, now)
        case Backup(), Received(priority=0):
            return replace(state, deadline=now + vr.skew_time(state.interval)), []
        case Backup(), Received():
            return hear(vr, state, event, now), []

        # §6.4.3 Active
        case Active(), Shutdown():
            return Initialize(), [Advertise(RELEASE), DropAddresses()]
        case Active(), Resign():
            return replace(become_backup(vr, now), yielding=True), [Advertise(RELEASE), DropAddresses()]
        case Active(deadline), Timeout() if deadline <= now:
            return Active(next_advertisement(vr, deadline, now)), [Advertise(vr.priority)]
        case Active(), Received(priority=0):
            return Active(now + vr.advertisement_interval), [Advertise(vr.priority)]
        case Active(), Received() if beats(event, vr):
            farewell: list[Effect] = [Advertise(vr.priority)] if vr.advertise_to_higher else []
            return become_backup(vr, now, event.interval), [*farewell, DropAddresses()]
        case Active(), Received(source=source) if source != vr.primary:
            answer: list[Effect] = [Advertise(vr.priority)] if vr.advertise_to_lower else []
            return state, [*answer, Announce(again=True)]  # assert Active to the sender and the bridges

    return state, []


def listen(vr: Parameters, now: float) -> Backup:
    """§6.4.1 (120); with `state MASTER` keepalived listens for a single interval."""
    backup = become_backup(vr, now)
    return replace(backup, deadline=now + vr.claim_interval()) if vr.starts_active else backup


def hear(vr: Parameters, state: Backup, heard: Received, now: float) -> Backup:
    """§6.4.2 (440): accept the Active Router and start the timer anew, or discard and let the timer run."""
    if heard.priority >= vr.priority:
        return become_backup(vr, now, heard.interval)
    if not vr.preempt or state.yielding:
        return replace(become_backup(vr, now, heard.interval), yielding=state.yielding)
    if vr.preempt_delay:
        preempt_at = min(state.preempt_at, now + vr.preempt_delay)
        if now < preempt_at:
            waiting = become_backup(vr, now, heard.interval)
            # The delay postpones a take-over: the timer that a better router has set is never cut short by it.
            return replace(waiting, deadline=max(waiting.deadline, state.deadline), preempt_at=preempt_at)
    return state


def next_advertisement(vr: Parameters, due: float, now: float) -> float:
    """An interval after the one that was `due`, so that being late does not add up; after a pause, from now."""
    after = due + vr.advertisement_interval
    return after if after > now else now + vr.advertisement_interval


def become_active(vr: Parameters, now: float) -> tuple[State, list[Effect]]:
    """Return the state Active, and what a take-over does."""
    return Active(now + vr.advertisement_interval), [Advertise(vr.priority), TakeAddresses(), ANNOUNCE]


def become_backup(vr: Parameters, now: float, heard: float | None = None) -> Backup:
    """Version 3 learns the interval of the Active Router that was heard, version 2 has one for all."""
    interval = heard if heard is not None and vr.version == 3 else vr.advertisement_interval
    return Backup(now + vr.active_down_interval(interval), interval)


def beats(advertisement: Received, vr: Parameters) -> bool:
    """§6.4.3 (725): higher priority wins; a tie goes to the higher primary address."""
    theirs = advertisement.priority, int(advertisement.source)
    ours = vr.priority, int(vr.primary)
    return theirs > ours
