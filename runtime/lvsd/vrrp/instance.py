# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Virtual Router at work: what was asked for, what follows from it now, and how it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from lvsd.kernel.rtnl_types import Link
from lvsd.loop import Timer
from lvsd.model import Address, GlobalDefs, SyncGroup, VirtualRouter

from . import desired, fsm, garp_schedule, packet, parameters, state_codec, tracking, validate
from .fsm import Backup, Initialize, Received, State
from .garp_schedule import GarpSchedule, Policy
from .sockets import Parcel, Port
from .state_codec import Slot, Subject
from .sync_group import GroupMember
from .tracking import Trackers
from .validate import NOTHING, Datagram, Expectation, Own

NOWHERE: dict[int, Address] = {4: IPv4Address(0), 6: IPv6Address(0)}
"""The primary address of an instance that has none yet; a fault keeps it in Initialize."""


class Instance:
    """Mutable: the worker's record.  `assess` brings everything derived up to date."""

    def __init__(self, router: VirtualRouter, defs: GlobalDefs, group: SyncGroup | None, wall: float) -> None:
        self.state: State = Initialize()
        self.since = wall
        self.last = 0.0  # when it sent its last advertisement (Active), or believed one (Backup)
        self.slot = Slot()
        self.faults: tuple[str, ...] = ()
        self.started = False
        self.contender: Address | None = None
        self.counters: Counter[str] = Counter()
        self.difference: bytes | None = None  # the addresses that were advertised last, where they are not ours
        self.told = ""  # what the log has said about addresses that are not advertised
        self.active_router: Address | None = None
        self.schedule = GarpSchedule()
        self.timer: Timer | None = None
        self.announce_timer: Timer | None = None
        self.port: Port | None = None  # the socket; None while the interface does not exist
        self.parcels: dict[int, list[Parcel]] = {}  # by priority: what is sent is the same every time
        self.heard: tuple[Datagram, Received] | None = None  # the last one that counted: mostly the next is its copy
        self.ask(router, defs, group)
        self.assess({}, {}, None)
        self.unit = Unit([self])

    def ask(self, router: VirtualRouter, defs: GlobalDefs, group: SyncGroup | None) -> None:
        """Take what the operator asks for now; `assess` must follow."""
        self.router = router
        self.defs = defs
        self.group = group
        self.way = parameters.transport(router, defs)
        self.policy: Policy = garp_schedule.policy(router.announcements, defs)
        self.pseudo_header = parameters.pseudo_header(router, defs)
        self.table: desired.Table = {}
        self.virtual = frozenset(a.address for a in (*router.addresses, *router.excluded_addresses))
        self.tracking = tracking.tracking(router, defs, group)

    def assess(
        self, links: Mapping[str, Link], trackers: Trackers, primary: Address | None, own: Own = NOTHING
    ) -> None:
        """What links and trackers mean: parameters, expectations, addresses, faults."""
        adjustment = tracking.adjustment(self.tracking, trackers)
        self.primary = primary
        self.parcels.clear()
        self.heard = None
        known = primary or NOWHERE[self.way.family]
        self.vr: fsm.Parameters = parameters.parameters(self.router, self.defs, known, adjustment)
        link = links.get(self.way.interface or "")
        self.mtu = 0 if link is None else link.mtu
        self.advertised = parameters.advertised(self.router, self.vr.version, self.mtu)
        self.wanted: Expectation = validate.expectation(self.router, self.defs, self.vr, own, self.mtu)
        table = desired.table_of(self.router, self.defs, links)
        if table != self.table:  # else what was prepared for it stays good
            self.table = table
        self.problems = tracking.faults(self.tracking, trackers, self.way, primary)

    def news_of_room(self) -> str:
        """Which addresses are not advertised for want of room, when that has changed since the last question."""
        if self.way.interface and not self.mtu:
            return ""  # the interface is not there yet
        text = parameters.not_advertised(self.router, self.advertised, self.way.interface, self.mtu)
        before, self.told = self.told, text
        return text if text != before else ""

    def messages(self, priority: int) -> list[tuple[Address, bytes]]:
        """What to send with `priority`, by destination: the group, or every peer."""
        way, source = self.way, self.vr.primary
        content = parameters.advertisement(self.router, self.defs, self.vr, priority, self.mtu)
        targets: list[Address] = [peer.address for peer in way.peers] if way.group is None else [way.group]
        return [(to, packet.encode(content, source, to, pseudo_header=self.pseudo_header)) for to in targets]

    def note(self, before: State, now: float) -> None:
        """Keep for a successor what has become of `before`; mostly that is another advertisement and nothing else."""
        state = self.state
        if state is before:
            return
        self.last = now
        if goes_on(before, state):
            self.slot.renew(now, state.deadline)
        else:
            self.slot.write(self.numbers())

    def hears(self, router: Address | None) -> None:
        """Note who the Active Router is; None: no other router is known."""
        if router is not self.active_router:
            self.active_router = router
            self.slot.write(self.numbers())

    def numbers(self) -> state_codec.Numbers:
        """What a successor has to know."""
        interval = self.vr.advertisement_interval
        return state_codec.numbers(self.state, self.last, interval, self.since, self.vr.priority, self.active_router)

    @property
    def subject(self) -> Subject:
        """What the state file says the numbers are of."""
        return Subject(self.name, parameters.identity(self.router, self.defs), tuple(self.table))

    @property
    def name(self) -> str:
        """The name of the instance in the configuration."""
        return self.router.name

    @property
    def active(self) -> bool:
        """Whether the instance is Active."""
        return isinstance(self.state, fsm.Active)


def goes_on(before: State, after: State) -> bool:
    """Whether only the timer was set anew."""
    if isinstance(before, Backup) and isinstance(after, Backup):
        known = before.interval, before.preempt_at, before.ready, before.yielding
        return known == (after.interval, after.preempt_at, after.ready, after.yielding)
    return type(before) is type(after)


class Unit(Mapping[str, GroupMember]):
    """The members of a sync group, or an instance of its own, as `group.step` wants them: made when looked at."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self.instances = {instance.name: instance for instance in instances}

    def __getitem__(self, name: str) -> GroupMember:
        instance = self.instances[name]
        return GroupMember(instance.vr, instance.state)

    def __iter__(self) -> Iterator[str]:
        return iter(self.instances)

    def __len__(self) -> int:
        return len(self.instances)


WORDS = {fsm.Active: "MASTER", fsm.Backup: "BACKUP", fsm.Initialize: "FAULT"}
"""What scripts are told (keepalived's words)."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A state that was left and one that was reached; `why` goes into the log, `word` to the scripts."""

    instance: Instance
    before: State
    after: State
    why: str
    word: str = field(default="")

    @property
    def told(self) -> str:
        """The word for scripts and events: MASTER, BACKUP, FAULT, or the one of the operator's order."""
        return self.word or WORDS[type(self.after)]

    def __str__(self) -> str:
        before, after = type(self.before).__name__, type(self.after).__name__
        return f"{self.instance.name}: {before} -> {after} ({self.why})"


Work = fsm.Effect | Transition
"""What the router carries out for an instance: an effect, or the telling of a transition."""
Todo = list[tuple[Instance, Work]]
"""What an election returns, in the order in which it was decided."""
