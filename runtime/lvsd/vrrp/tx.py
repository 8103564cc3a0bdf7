# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves this host: advertisements, and the announcements of addresses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from math import inf

from lvsd.kernel.garp_frame import Announcement, encode
from lvsd.kernel.packet_socket import PacketSocket
from lvsd.kernel.rtnl_types import AddressKey, Link
from lvsd.loop import Loop
from lvsd.model import GlobalDefs
from lvsd.rate_limit import RateLimit

from .garp_schedule import rounds
from .instance import Instance
from .interfaces import Interfaces
from .sockets import Parcel, Port, VrrpSocket, forwards, parcel
from .validate import Datagram

Hear = Callable[[Port, Datagram], None]
Say = Callable[..., object]
Where = tuple[str, int]  # name and index of an interface
Told = tuple[AddressKey, bytes]  # the frame that tells where an address is

AT_ONCE = 16  # repeated frames that go in one turn of the loop
WITHIN = 0.05  # seconds that they wait at most for such a turn, while others are taking over


class Transmitter:
    """The sockets, opened when an instance needs them; what arrives goes to `hear`."""

    def __init__(self, loop: Loop, hear: Hear, say: Say) -> None:
        self.loop = loop
        self.hear = hear
        self.limit = RateLimit(loop, say)
        self.defs = GlobalDefs()
        self._frames: dict[AddressKey, tuple[Link, bytes]] = {}  # gratuitous ARP of these addresses from these links
        self._vrrp: dict[Port, VrrpSocket] = {}
        self._read_until: dict[Port, float] = {}  # what had arrived by then was read
        self._packet: dict[Where, PacketSocket] = {}
        self._queues: dict[Where, deque[Told]] = {}
        self._repeats: dict[Where, list[tuple[Told, int]]] = {}  # what joins the queue, and how often
        self._pausing: set[Where] = set()  # the next frames of these go by and by

    # --- sockets ---

    def open(self, port: Port) -> str | None:
        """Why the socket cannot be opened; None when it is open."""
        if port in self._vrrp:
            return None
        try:
            opened = self._vrrp[port] = VrrpSocket(port)
        except OSError as error:
            return f"no VRRP socket on {port.name or 'any interface'}: {error.strerror or error}"
        self.loop.add_reader(opened.fileno(), lambda: self._read(opened))
        return None

    def configure(self, defs: GlobalDefs) -> None:
        """Another configuration: what was prepared for the one before is forgotten."""
        self.defs = defs
        self._frames.clear()

    def keep(self, ports: set[Port], links: Iterable[Link]) -> None:
        """Close the sockets of no further use."""
        for port in self._vrrp.keys() - ports:
            gone = self._vrrp.pop(port)
            self._read_until.pop(port, None)
            self.loop.remove(gone.fileno())
            gone.close()
        there = {(link.name, link.index) for link in links}
        for key in self._packet.keys() - there:
            self._packet.pop(key).close()
            self._forget(key)

    def close(self) -> None:
        """Close every socket."""
        self.keep(set(), ())

    def drain(self) -> None:
        """Forget what has arrived so far."""
        for opened in self._vrrp.values():
            while any(True for _unused in opened.receive()):
                pass

    def _read(self, opened: VrrpSocket) -> None:
        for datagram in opened.receive():
            self.hear(opened.port, datagram)
        self._read_until[opened.port] = opened.read_until

    def has_read(self, instance: Instance) -> bool:
        """Whether nothing that arrived for `instance` before its deadline still waits in the socket."""
        return instance.port is None or self._read_until.get(instance.port, inf) >= instance.state.deadline

    # --- advertisements ---

    def prepare(self, instance: Instance, index: int, interfaces: Interfaces) -> None:
        """Make the next advertisement and the announcements, before a take-over needs them."""
        instance.parcels[instance.vr.priority] = packed(instance, instance.vr.priority, index)
        for key in instance.table:
            self._announcement(key, interfaces)

    def advertise(self, instance: Instance, port: Port, priority: int, index: int) -> None:
        """Send one, to the group or to every peer; `index` is the interface's, 0 for none."""
        opened = self._vrrp.get(port)
        if opened is None:
            return
        parcels = instance.parcels.get(priority)
        if parcels is None:
            parcels = instance.parcels[priority] = packed(instance, priority, index)
        for one in parcels:
            try:
                opened.send(one)
            except OSError as error:
                self._unsent(instance, one.destination[0], error)
                continue
            instance.counters["advert_sent"] += 1
            if priority == 0:
                instance.counters["pri_zero_sent"] += 1

    def _unsent(self, instance: Instance, target: str, error: OSError) -> None:
        instance.counters["send_err"] += 1
        text = f"advertisement to {target} not sent: {error.strerror or error}"
        self.limit.say("packet", instance.name, "send_err", lambda: (text, {}))

    # --- announcements ---

    def announce(self, wanted: list[tuple[Iterable[AddressKey], int]], interfaces: Interfaces) -> None:
        """Frames per address: the first of every address before any repeat."""
        found: dict[Where, list[tuple[Told, int]]] = {}
        for keys, repeat in wanted:
            for key in keys:
                if repeat and (made := self._announcement(key, interfaces)):
                    link, frame = made
                    found.setdefault((link.name, link.index), []).append(((key, frame), repeat))
        paced = self.defs.vrrp_garp_interval or self.defs.vrrp_gna_interval
        for where, things in found.items():
            if paced:
                self._enqueue(where, things)
            elif all(self._frame(where, told[1]) for told, _unused in things):
                self._repeats.setdefault(where, []).extend((told, repeat - 1) for told, repeat in things)
                self._pause(where, None)
            else:
                self._forget(where)

    def withdraw(self, keys: Collection[AddressKey]) -> None:
        """These addresses are not here any more: what still waits would tell a lie."""
        if not keys:
            return
        for where, queue in self._queues.items():
            self._queues[where] = deque(told for told in queue if told[0] not in keys)
        for where, repeats in self._repeats.items():
            self._repeats[where] = [(told, repeat) for told, repeat in repeats if told[0] not in keys]

    def _enqueue(self, where: Where, things: list[tuple[Told, int]]) -> None:
        """First frames go before repeats that wait already."""
        queue = self._queues.setdefault(where, deque())
        queue.extendleft(told for told, _unused in reversed(things))
        queue.extend(rounds([(told, repeat - 1) for told, repeat in things]))
        if not (where in self._pausing and self._pace(queue[0][1])):
            self._send(where, len(things))

    def _forget(self, where: Where) -> None:
        """What waits for an interface that cannot send, or is gone."""
        self._queues.pop(where, None)
        self._repeats.pop(where, None)

    def _announcement(self, key: AddressKey, interfaces: Interfaces) -> tuple[Link, bytes] | None:
        """The link that an address is on, and its frame; None where the link has no Ethernet neighbours."""
        link = interfaces.links.get(interfaces.names.get(key.index, ""))
        known = self._frames.get(key)
        if known is not None and known[0] is link:
            return known
        if link is None or not link.arp or len(link.address) != 6:
            return None
        if key.address.version == 6:  # whether the host forwards may change at any time
            return link, encode(Announcement(key.address, link.address, forwards(link.name)))
        self._frames[key] = made = link, encode(Announcement(key.address, link.address))
        return made

    def _send(self, where: Where, most: int = AT_ONCE) -> None:
        """So many frames, the others by and by: while repeats are sent, another instance may be due.

        One frame per interval where the operator wants a pace.
        """
        queue = self._queues.get(where)
        while queue:
            _unused, frame = queue.popleft()
            if not self._frame(where, frame):
                self._forget(where)
                return
            most -= 1
            pace = self._pace(frame)
            if queue and (pace or most <= 0):
                self._pause(where, pace)
                return

    def _pause(self, where: Where, pace: float | None) -> None:
        if where not in self._pausing:
            self._pausing.add(where)
            if pace:
                self.loop.call_later(pace, lambda: self._go_on(where))
            else:
                self.loop.call_at_leisure(lambda: self._go_on(where), WITHIN)

    def _go_on(self, where: Where) -> None:
        self._pausing.discard(where)
        if repeats := self._repeats.pop(where, None):
            self._queues.setdefault(where, deque()).extend(rounds(repeats))
        self._send(where)

    def _pace(self, frame: bytes) -> float | None:
        """Seconds between two frames of this kind, where the operator wants that."""
        return self.defs.vrrp_garp_interval if frame[12:14] == b"\x08\x06" else self.defs.vrrp_gna_interval

    def _frame(self, where: Where, frame: bytes) -> bool:
        try:
            if where not in self._packet:
                self._packet[where] = PacketSocket(where[0])
            self._packet[where].send(frame)
        except BlockingIOError:
            return True  # the queue of the interface is full: this repeat is lost
        except OSError as error:
            text = f"announcement not sent: {error.strerror or error}"
            self.limit.say("announce", where[0], "send_err", lambda: (text, {}))
            if where in self._packet:
                self._packet.pop(where).close()
            return False
        return True


def packed(instance: Instance, priority: int, index: int) -> list[Parcel]:
    """One for the group, or one for every peer."""
    way, source = instance.way, instance.vr.primary
    return [
        parcel(message, source, to, index if way.group is not None or to.is_link_local else 0, way.hop_limit)
        for to, message in instance.messages(priority)
    ]
