# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What trackers, links and addresses mean for the instances: their socket, their source, their faults.

An index says which instances depend on which tracker.  After a change the instances that depend on what has changed are
derived anew, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set

from lvsd.kernel.rtnl_types import AddressKey
from lvsd.model import Address

from .addresses import Addresses
from .instance import Instance
from .interfaces import Interfaces, News
from .parameters import Transport
from .sockets import Port, source_towards
from .tracking import INTERFACE, TrackKey, TrackState, interface, interface_state
from .tx import Transmitter
from .validate import NOTHING

Say = Callable[..., object]


class Derivation:
    """Brings what instances derive up to date: `bind`, `derive_all`; then `derive` for what has changed.

    `trackers`: the state of everything that an instance depends on.  `by_port`: the instances by socket and VRID.
    """

    def __init__(self, interfaces: Interfaces, tx: Transmitter, addresses: Addresses, say: Say) -> None:
        self.interfaces = interfaces
        self.tx = tx
        self.addresses = addresses
        self.say = say
        self.trackers: dict[TrackKey, TrackState] = {}
        self.by_port: dict[tuple[Port, int], list[Instance]] = {}
        self._order: dict[Instance, int] = {}
        self._dependents: dict[TrackKey, list[Instance]] = {}
        self._routed: dict[Transport, list[Instance]] = {}  # whose source depends on the routing table
        self._sources: dict[Transport, Address | None] = {}
        self._virtual: frozenset[Address] = frozenset()
        self._own = NOTHING
        self._without_socket: set[Instance] = set()  # the kernel has refused theirs: it is asked again at each change

    def bind(self, instances: Sequence[Instance]) -> None:
        """Take these instances, in the order of the configuration, and what they depend on."""
        self._order = {instance: number for number, instance in enumerate(instances)}
        self._virtual = frozenset(address for instance in instances for address in instance.virtual)
        self._dependents, self._routed = {}, {}
        self._without_socket.clear()
        for instance in instances:
            for key in instance.tracking.keys:
                self._dependents.setdefault(key, []).append(instance)
            if is_routed(instance.way):
                self._routed.setdefault(instance.way, []).append(instance)
        self.trackers = {key: state for key, state in self.trackers.items() if key in self._dependents}

    def derive_all(self) -> None:
        """Derive every instance anew: anything may be different."""
        self._look_at_interfaces(self._dependents)
        self._own = self.interfaces.own(self._virtual)
        self._sources.clear()
        for instance in self._order:
            self._derive(instance)
        self._place()
        for instance in self._order:
            self._find_faults(instance)

    def concerned(self, news: News, foreign: Set[AddressKey]) -> Set[TrackKey] | None:
        """The keys that these reports of the kernel are about; None where every instance is concerned.

        `foreign`: the addresses among them that are not the router's.  What no other router can send from
        (`Interfaces.own`) is a matter of every instance.
        """
        if (news.moved or foreign) and self.interfaces.own(self._virtual) != self._own:
            return None
        names = {*news.links, *(self.interfaces.names.get(key.index, "") for key in foreign)}
        return {interface(name) for name in names}

    def derive(self, keys: Set[TrackKey]) -> tuple[list[Instance], bool]:
        """Derive anew the instances that depend on `keys`.

        They come back in the order of the configuration, and whether one of them has other addresses, another socket
        or another source than before.
        """
        self._look_at_interfaces(keys & self._dependents.keys())
        found = {*self._without_socket, *self._sent_elsewhere()}
        found.update(instance for key in keys for instance in self._dependents.get(key, ()))
        derived = sorted(found, key=self._order.__getitem__)
        for instance in derived:
            self._sources.pop(instance.way, None)
        moved = False
        for instance in derived:
            moved |= self._derive(instance)
        if moved or self.addresses.alone or any(map(self.addresses.stranded, derived)):
            self._place()
        for instance in derived:
            self._find_faults(instance)
        return derived, moved

    def _look_at_interfaces(self, keys: Iterable[TrackKey]) -> None:
        for key in keys:
            if key.kind == INTERFACE:
                self.trackers[key] = interface_state(key.name, self.interfaces.links)

    def _sent_elsewhere(self) -> Iterable[Instance]:
        """The instances whose routed source is another one now: any link and any address may change a route."""
        for way, instances in self._routed.items():
            if self._source(way) != self._sources[way]:
                yield from instances

    def _derive(self, instance: Instance) -> bool:
        """Whether it has other addresses, another socket or another source."""
        before, priority = (instance.table, instance.port, instance.primary), instance.vr.priority
        way = instance.way
        if way not in self._sources:
            self._sources[way] = self._source(way)
        instance.assess(self.interfaces.links, self.trackers, self._sources[way], self._own)
        instance.port = self._port(instance)
        if instance.started and instance.vr.priority != priority:
            text = f"{instance.name}: priority {priority} -> {instance.vr.priority}"
            self.say("priority", instance.name, text, priority=instance.vr.priority)
        if text := instance.news_of_room():
            self.say("configuration", instance.name, f"{instance.name}: {text}")
        return before != (instance.table, instance.port, instance.primary)

    def _place(self) -> None:
        """Put every instance at its socket, and its addresses among those that are the router's."""
        self.by_port = {}
        for instance in self._order:
            if instance.port:
                self.by_port.setdefault((instance.port, instance.router.vrid), []).append(instance)
        self.addresses.assess(list(self._order))

    def _find_faults(self, instance: Instance) -> None:
        """The faults of a derived instance: its own, and what the kernel and its addresses add."""
        failure = self.tx.open(instance.port) if instance.port else None
        (self._without_socket.add if failure else self._without_socket.discard)(instance)
        instance.faults = (*instance.problems, *filter(None, [failure, self.addresses.fault(instance)]))

    def _port(self, instance: Instance) -> Port | None:
        """The socket of an instance; None while its interface does not exist."""
        way = instance.way
        if way.group is None:
            return Port(way.family, 0, "", None)
        link = self.interfaces.links.get(way.interface or "")
        return None if link is None else Port(way.family, link.index, link.name, way.group)

    def _source(self, way: Transport) -> Address | None:
        """The source of advertisements: the configured one, or the interface's first address (keepalived).

        Unicast peers behind another interface, or without one, are spoken to from where routing would.
        """
        if way.source is not None:
            return way.source
        if is_routed(way):
            routed = source_towards(way.peers[0].address)
            if routed is not None and routed not in self._virtual and not self.interfaces.holds(way.interface, routed):
                return routed
        return self.interfaces.primary(way.interface, way.family, self._virtual)


def is_routed(way: Transport) -> bool:
    """Whether the routing table has a say in the source of the advertisements."""
    return way.source is None and way.unicast and not way.peers[0].address.is_link_local
