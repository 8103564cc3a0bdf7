# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""This host as a VRRP Router (RFC 9568 §1.7): what its Virtual Routers decide becomes true here.

Advertisements are sent, addresses set, neighbours told, scripts run; and what the sockets and the kernel report
becomes an event of the election.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ..kernel.interface import AddressKey
from ..kernel.netlink import BadMessage, NetlinkError
from ..kernel.route import Route, decode_events
from ..kernel.socket import EventSocket, Overrun
from ..loop import Loop
from ..model import Address, Configuration, GlobalDefs, SyncGroup, VirtualRouter
from ..notify import Notifier
from . import fsm, status
from .addresses import Addresses
from .desired import Table
from .election import Election
from .herald import Herald, Wanted
from .instance import Instance
from .interfaces import Interfaces
from .outlet import Outlet
from .packet import BadPacket
from .parameters import Transport, remarks
from .receiving import Datagram, difference, receive
from .scripts import Scripts
from .sockets import Port, source_towards

READ_AGAIN = 1.0  # seconds

Say = Callable[..., object]


class VrrpRouter:
    """`configure` first; then everything comes from the loop."""

    def __init__(
        self,
        loop: Loop,
        route: Route,
        kernel_events: EventSocket,
        notifier: Notifier,
        say: Say,
        wall: Callable[[], float],
    ) -> None:
        self.loop = loop
        self.say = say
        self.wall = wall
        self.interfaces = Interfaces(route)
        self.kernel_events = kernel_events
        self.election = Election(loop, wall, self.flush)
        self.outlet = Outlet(loop, self.hear, say)
        self.scripts = Scripts(notifier, say)
        self.addresses = Addresses(loop, self.interfaces, say, self.election.soon)
        self.herald = Herald(loop, self.outlet, self.interfaces, self.scripts)
        self.defs = GlobalDefs()
        self.groups: tuple[SyncGroup, ...] = ()
        self.counters: Counter[str] = Counter()
        self.by_port: dict[tuple[Port, int], list[Instance]] = {}
        self.ending = False
        self._untidy = False  # sockets may be open that nobody needs
        self._gained: Wanted = []
        self.interfaces.read()  # after the events' socket was opened: nothing is missed in between
        loop.add_reader(kernel_events.fileno(), self.observe)

    def close(self) -> None:
        self.outlet.close()
        self.loop.remove(self.kernel_events.fileno())
        self.kernel_events.close()

    # --- configuration ---

    def configure(self, wanted: Configuration) -> dict[str, list[str]]:
        """Apply the differences, and carry them out; the names of the instances by what became of them."""
        plan = status.plan(self.election.instances, wanted)
        changes = plan.changes()
        for instance in plan.deleted:
            self.election.retire(instance)
        self.defs = self.outlet.defs = wanted.global_defs
        self.groups = wanted.sync_groups
        before = {instance: (instance.vr, instance.table) for instance, _ in plan.kept}
        kept = {router: instance for instance, router in plan.kept}
        for instance, router in plan.kept:
            asked = (router, self.defs, status.group_of(router, self.groups))
            if asked != (instance.router, instance.defs, instance.group):
                instance.ask(*asked)
        self.election.bind([kept.get(router) or self._new(router) for router in wanted.routers])
        self.assess()
        for instance, (vr, table) in before.items():
            self.election.retime(instance, vr)
            self._gain(instance, table)
        self.flush()
        return changes

    def _new(self, router: VirtualRouter) -> Instance:
        for remark in remarks(router, self.defs):
            self.say("configuration", router.name, f"{router.name}: {remark}")
        return Instance(router, self.defs, status.group_of(router, self.groups), self.wall())

    def _gain(self, instance: Instance, before: Table) -> None:
        """Addresses that an Active instance got by a reload are announced as after a take-over."""
        gained = [key for key in instance.table if key not in before]
        if instance.active and gained:
            self._gained.append((gained, instance.policy.repeat))

    def assess(self) -> None:
        """What the interfaces mean now for every instance; and let the election settle it."""
        virtual = frozenset(address for i in self.election.instances for address in i.virtual)
        self.by_port = {}
        sources: dict[Transport, Address | None] = {}
        for instance in self.election.instances:
            before = instance.vr.priority
            if instance.way not in sources:
                sources[instance.way] = self._source(instance.way, virtual)
            instance.assess(self.interfaces.links, sources[instance.way])
            if instance.started and instance.vr.priority != before:
                text = f"{instance.name}: priority {before} -> {instance.vr.priority}"
                self.say("priority", instance.name, text, priority=instance.vr.priority)
            instance.faults = instance.problems
            if port := self._port(instance):
                self.by_port.setdefault((port, instance.router.vrid), []).append(instance)
                failure = self.outlet.open(port)
                instance.faults += (failure,) if failure else ()
        self.addresses.assess(self.election.instances)
        self._untidy = True
        self.election.settle()
        self.election.soon()

    def _port(self, instance: Instance) -> Port | None:
        """The socket of an instance; None while its interface does not exist."""
        way = instance.way
        if way.group is None:
            return Port(way.family, 0, "", None)
        link = self.interfaces.links.get(way.interface or "")
        return None if link is None else Port(way.family, link.index, link.name, way.group)

    def _source(self, way: Transport, virtual: frozenset[Address]) -> Address | None:
        """The source of advertisements: the configured one; towards unicast peers the one that routing chooses."""
        if way.source is not None:
            return way.source
        if way.unicast and not way.peers[0].address.is_link_local:
            routed = source_towards(way.peers[0].address)
            if routed is not None and routed not in virtual:
                return routed
        return self.interfaces.primary(way.interface, way.family, virtual)

    # --- what happens ---

    def hear(self, port: Port, datagram: Datagram) -> None:
        """A datagram of protocol 112: for one of ours, or for somebody else's Virtual Router."""
        candidates = self.by_port.get((port, -1 if datagram.vrid is None else datagram.vrid), [])
        instance = choose(candidates, datagram)
        if instance is None:
            self.counters["unknown_vrid"] += 1
            return
        if self.ending or isinstance(instance.state, fsm.Initialize):
            return
        event = self._judge(instance, datagram)
        if event is None:
            return
        instance.counters["advert_rcvd"] += 1
        instance.counters["pri_zero_rcvd"] += event.priority == fsm.RELEASE
        text = "hands over" if event.priority == fsm.RELEASE else f"has priority {event.priority}"
        self.election.feed(instance, event, f"{event.source} {text}")
        if isinstance(instance.state, fsm.Backup):
            instance.active_router = event.source if event.priority else None
        elif instance.active and event.priority and instance.contender != event.source:
            instance.contender = event.source
            text = f"{instance.name}: {event.source} is Active too, with priority {event.priority}; asserting ours"
            self.say("packet", instance.name, text, source_address=str(event.source))

    def _judge(self, instance: Instance, datagram: Datagram) -> fsm.Received | None:
        """The event, None for what is discarded; a copy of the last one that counted needs no second look."""
        if instance.heard is not None and instance.heard[0] == datagram:
            event = instance.heard[1]
        else:
            try:
                event, advert = receive(datagram, instance.wanted)
            except BadPacket as bad:
                self._discard(instance, datagram, bad)
                return None
            self._compare(instance, datagram, difference(advert, instance.wanted))
            instance.heard = (datagram, event)
        instance.complained.clear()
        instance.counters["addr_list_err"] += instance.difference is not None
        return event

    def _discard(self, instance: Instance, datagram: Datagram, bad: BadPacket) -> None:
        """Counted always, said once until a good packet comes."""
        reason = bad.reason.value
        instance.counters[reason] += 1
        if reason not in instance.complained:
            instance.complained.add(reason)
            text = f"{instance.name}: discarded packet from {datagram.source}: {bad}"
            self.say("packet", instance.name, text, reason=reason, source_address=str(datagram.source))

    def _compare(self, instance: Instance, datagram: Datagram, differs: str | None) -> None:
        """Other addresses than ours are accepted, counted and said once (keepalived since 2.3.3)."""
        if differs and differs != instance.difference:
            text = f"{instance.name}: {datagram.source} advertises other addresses than ours: {differs}"
            self.say("packet", instance.name, text, reason="addr_list_err", source_address=str(datagram.source))
        instance.difference = differs

    def observe(self) -> None:
        """The kernel reports links and addresses; when a report is lost or strange, everything is read again."""
        try:
            datagrams = self.kernel_events.read()
            events = [event for data in datagrams for event in decode_events(data, self.interfaces.names)]
        except (Overrun, BadMessage):
            self.read_again()
            return
        self._learn(*self.interfaces.learn(events))

    def read_again(self) -> None:
        """Of a table that changes faster than it can be read, later."""
        try:
            self.interfaces.read()
        except (NetlinkError, BadMessage, OSError) as error:
            self.say("address", "vrrp", f"links and addresses cannot be read: {error}")
            self.loop.call_later(READ_AGAIN, self.read_again)
            return
        self._learn(True, set(self.addresses.owned))

    def _learn(self, changed: bool, touched: set[AddressKey]) -> None:
        if self.ending:
            return
        if changed or touched - self.addresses.owned:
            self.assess()
        for instance, lost in self.addresses.missing(self.election.instances, touched):
            self._gained.append((lost, instance.policy.repeat))
            self.election.soon()

    def release(self) -> None:
        """The end: everything is given up, with a word to the peers."""
        self.ending = True
        for unit in self.election.units:
            self.election.shut_down(unit, "stop", "STOP")
        self.addresses.stale = True
        self.election.soon()

    # --- carrying out ---

    def flush(self) -> None:
        effects, self.election.effects = self.election.effects, []
        transitions, self.election.transitions = self.election.transitions, []
        for instance, effect in effects:
            if isinstance(effect, fsm.Advertise) and (port := self._port(instance)):
                link = self.interfaces.links.get(instance.way.interface or "")
                self.outlet.advertise(instance, port, effect.priority, link.index if link else 0)
        moved = [i for i, effect in effects if isinstance(effect, fsm.TakeAddresses | fsm.DropAddresses)]
        if self.addresses.stale or moved:
            self.addresses.settle(self.election.instances, moved)
        gained, self._gained = self._gained, []
        self.herald.announce(effects, gained)
        self.scripts.tell(transitions, self.groups, self.election.instances)
        self.addresses.report()
        if self._untidy:
            self._untidy = False
            self.outlet.keep({port for port, _ in self.by_port}, self.interfaces.links.values())


def choose(candidates: list[Instance], datagram: Datagram) -> Instance | None:
    """Instances may share a VRID on the unicast socket: the peers tell them apart."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    peers = (i for i in candidates if any(peer.address == datagram.source for peer in i.way.peers))
    return next(peers, candidates[0])
