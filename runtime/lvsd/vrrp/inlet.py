# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in: a datagram becomes an event of the election, or is discarded and counted by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from . import fsm
from .election import Election
from .instance import Instance
from .packet import HEADER, BadPacket, Reason
from .receiving import Datagram, difference, receive
from .sockets import Port

WAITED = 0.01  # seconds that a datagram may be older, or younger, than the wake-up that reads it
BURST = 60.0  # seconds without a packet of a kind; the next one is said again

Say = Callable[..., object]


class Inlet:
    """`by_port`: the instances by socket and VRID; `counters`: packets that are for none of them."""

    def __init__(self, election: Election, say: Say) -> None:
        self.election = election
        self.say = say
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
        self.election.feed(instance, event, f"{event.source} {text}", at=self._arrival(datagram))
        if isinstance(instance.state, fsm.Backup):
            instance.hears(event.source if event.priority else None)
        elif instance.active and event.priority and instance.contender != event.source:
            instance.contender = event.source
            text = f"{instance.name}: {event.source} is Active too, with priority {event.priority}; asserting ours"
            self.say("packet", instance.name, text, source_address=str(event.source))

    def _arrival(self, datagram: Datagram) -> float:
        """Timers start anew from there.  Of what waited for long, later copies may be lost: it counts from now."""
        now, arrived = self.election.loop.now, datagram.arrived
        return now if arrived is None or abs(now - arrived) > WAITED else arrived

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
        instance.counters["addr_list_err"] += instance.difference is not None
        return event

    def _discard(self, instance: Instance, datagram: Datagram, bad: BadPacket) -> None:
        """Counted always, said once in a burst: that ends with a minute without such a packet, not with a good one."""
        reason, now = bad.reason.value, self.election.loop.now
        instance.counters[reason] += 1
        before = instance.discarded.get(reason)
        instance.discarded[reason] = now
        if before is None or now - before > BURST:
            text = f"{instance.name}: discarded packet from {datagram.source}: {bad}"
            self.say("packet", instance.name, text, reason=reason, source_address=str(datagram.source))

    def _compare(self, instance: Instance, datagram: Datagram, differs: str | None) -> None:
        """Other addresses than ours are accepted, counted and said once (keepalived since 2.3.3)."""
        if differs and differs != instance.difference:
            text = f"{instance.name}: {datagram.source} advertises other addresses than ours: {differs}"
            self.say("packet", instance.name, text, reason="addr_list_err", source_address=str(datagram.source))
        instance.difference = differs


def choose(candidates: list[Instance], datagram: Datagram) -> Instance | None:
    """Instances may share a VRID on the unicast socket: the peers tell them apart."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    peers = (i for i in candidates if any(peer.address == datagram.source for peer in i.way.peers))
    return next(peers, candidates[0])
