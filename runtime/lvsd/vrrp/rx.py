# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in: a datagram becomes an event of the election, or is discarded and counted by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from lvsd.loop import Loop
from lvsd.model import Address
from lvsd.rate_limit import RateLimit

from . import fsm
from .election import Election
from .instance import Instance
from .packet import HEADER, BadPacket, Reason
from .pending import Pending
from .sockets import Port
from .validate import Datagram, difference, differs, receive

Say = Callable[..., object]


class Receiver:
    """`by_port`: the instances by socket and VRID; `counters`: packets that are for none of them."""

    def __init__(self, loop: Loop, election: Election, pending: Pending, say: Say) -> None:
        self.loop = loop
        self.election = election
        self.pending = pending
        self.limit = RateLimit(loop, say)
        self.counters: Counter[str] = Counter()
        self.by_port: dict[tuple[Port, int], list[Instance]] = {}
        self.ending = False

    def hear(self, port: Port, datagram: Datagram) -> None:
        """A datagram of protocol 112: for one of ours, or for somebody else's Virtual Router."""
        candidates = self.by_port.get((port, -1 if datagram.vrid is None else datagram.vrid), [])
        instance = choose(candidates, datagram)
        if instance is None:
            short = len(datagram.payload) < HEADER.size
            self.counters[Reason.LENGTH.value if short else "unknown_vrid"] += 1
            return
        if self.ending or isinstance(instance.state, fsm.Initialize):
            return
        event = self._judge(instance, datagram)
        if event is None:
            return
        instance.counters["advert_rcvd"] += 1
        instance.counters["pri_zero_rcvd"] += event.priority == fsm.RELEASE
        text = "hands over" if event.priority == fsm.RELEASE else f"has priority {event.priority}"
        arrived = self.loop.now if datagram.arrived is None else datagram.arrived
        todo = self.election.feed(instance, event, f"{event.source} {text}", arrived)
        if todo:
            self.pending.answer(todo)
        if event.priority == fsm.OWNER and instance.vr.owner:
            self._say(instance, "owners", event.source, lambda: owners(event.source))
        if isinstance(instance.state, fsm.Backup):
            instance.hears(event.source if event.priority else None)
        elif instance.active and event.priority and instance.contender != event.source:
            instance.contender = event.source
            text = f"{event.source} is Active too, with priority {event.priority}; asserting ours"
            self._say(instance, "contender", event.source, lambda: text)

    def _say(self, instance: Instance, kind: str, source: Address, text: Callable[[], str], **details: str) -> None:
        """Say it once a minute, and how many more there were: no sender can fill the log."""

        def told() -> tuple[str, Mapping[str, object]]:
            return text(), {**details, "source_address": str(source)}

        self.limit.say("packet", instance.name, kind, told)

    def _judge(self, instance: Instance, datagram: Datagram) -> fsm.Received | None:
        """The event, None for what is discarded; a copy of the last one that counted needs no second look."""
        if instance.heard is not None and instance.heard[0] == datagram:
            event = instance.heard[1]
        else:
            try:
                event, addresses = receive(datagram, instance.wanted)
            except BadPacket as bad:
                self._discard(instance, datagram, bad)
                return None
            self._compare(instance, datagram.source, addresses)
            instance.heard = (datagram, event)
        instance.counters[Reason.ADDRESSES.value] += instance.difference is not None
        return event

    def _discard(self, instance: Instance, datagram: Datagram, bad: BadPacket) -> None:
        reason, source = bad.reason.value, datagram.source
        instance.counters[reason] += 1
        self._say(instance, reason, source, lambda: f"discarded packet from {source}: {bad}", reason=reason)

    def _compare(self, instance: Instance, source: Address, packed: bytes) -> None:
        """Other addresses than ours are accepted and counted; it is said when they change (keepalived since 2.3.3).

        With skip_check_adv_addr the list of the router that was heard last is not looked at again (keepalived).
        """
        if not instance.wanted.compare_addresses and instance.heard is not None and instance.heard[0].source == source:
            return
        kind, wanted = Reason.ADDRESSES.value, instance.wanted
        other = packed if differs(packed, wanted) else None
        if other is not None and other != instance.difference:
            text = f"{source} advertises other addresses than ours: "
            self._say(instance, kind, source, lambda: text + difference(packed, wanted), reason=kind)
        instance.difference = other


def owners(other: Address) -> str:
    """RFC 9568 erratum 8298: the election goes on, by the address of the sender, and the operator is told."""
    return f"{other} says that it is the owner of the addresses, as we do: give one of the two a priority below 255"


def choose(candidates: list[Instance], datagram: Datagram) -> Instance | None:
    """Instances may share a VRID on the unicast socket: the peers tell them apart."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    peers = (i for i in candidates if any(peer.address == datagram.source for peer in i.way.peers))
    return next(peers, candidates[0])
