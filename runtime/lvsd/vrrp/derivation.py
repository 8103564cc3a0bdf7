# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the links and the addresses of the host mean for every instance: its socket, its source, its faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lvsd.model import Address

from .addresses import Addresses
from .instance import Instance
from .interfaces import Interfaces
from .parameters import Transport
from .sockets import Port, source_towards
from .tx import Transmitter

Say = Callable[..., object]


class Derivation:
    """Brings what instances derive up to date; `by_port`: the instances by socket and VRID."""

    def __init__(self, interfaces: Interfaces, tx: Transmitter, addresses: Addresses, say: Say) -> None:
        self.interfaces = interfaces
        self.tx = tx
        self.addresses = addresses
        self.say = say
        self.by_port: dict[tuple[Port, int], list[Instance]] = {}

    def derive(self, instances: Sequence[Instance]) -> None:
        """Derive everything anew, for all of them."""
        virtual = frozenset(address for i in instances for address in i.virtual)
        own = self.interfaces.own(virtual)
        by_port: dict[tuple[Port, int], list[Instance]] = {}
        sources: dict[Transport, Address | None] = {}
        for instance in instances:
            before = instance.vr.priority
            if instance.way not in sources:
                sources[instance.way] = self._source(instance.way, virtual)
            instance.assess(self.interfaces.links, sources[instance.way], own)
            self._tell(instance, before)
            instance.faults = instance.problems
            instance.port = port = self._port(instance)
            if port:
                by_port.setdefault((port, instance.router.vrid), []).append(instance)
                failure = self.tx.open(port)
                instance.faults += (failure,) if failure else ()
        self.by_port = by_port
        self.addresses.assess(instances)
        for instance in instances:
            if text := self.addresses.fault(instance):
                instance.faults += (text,)

    def _tell(self, instance: Instance, before: int) -> None:
        """Say what has changed for the operator; `before`: the priority."""
        if instance.started and instance.vr.priority != before:
            text = f"{instance.name}: priority {before} -> {instance.vr.priority}"
            self.say("priority", instance.name, text, priority=instance.vr.priority)
        if text := instance.news_of_room():
            self.say("configuration", instance.name, f"{instance.name}: {text}")

    def _port(self, instance: Instance) -> Port | None:
        """The socket of an instance; None while its interface does not exist."""
        way = instance.way
        if way.group is None:
            return Port(way.family, 0, "", None)
        link = self.interfaces.links.get(way.interface or "")
        return None if link is None else Port(way.family, link.index, link.name, way.group)

    def _source(self, way: Transport, virtual: frozenset[Address]) -> Address | None:
        """The source of advertisements: the configured one, or the interface's first address (keepalived).

        Unicast peers behind another interface, or without one, are spoken to from where routing would.
        """
        if way.source is not None:
            return way.source
        primary = self.interfaces.primary(way.interface, way.family, virtual)
        if way.unicast and not way.peers[0].address.is_link_local:
            routed = source_towards(way.peers[0].address)
            if routed is not None and routed not in virtual and not self.interfaces.holds(way.interface, routed):
                return routed
        return primary
