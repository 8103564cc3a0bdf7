# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets that VRRP speaks through: raw, protocol 112, one per interface and group, one per family in unicast.

A multicast socket is bound to its interface and hears its group there.  A unicast socket is bound to nothing: the
routing table knows which way the peers are, which may be another interface than the one that has the addresses.
Each discards what is the other's: they see copies of the same packets.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from errno import EAGAIN
from ipaddress import IPv4Address, IPv6Address
from math import inf
from struct import Struct, pack
from sys import byteorder
from typing import NamedTuple

from lvsd.model import Address

from .packet import PROTOCOL, TRAFFIC_CLASS, TTL
from .validate import Datagram

IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 10, 0  # linux/in.h
IP_FREEBIND, IP_MULTICAST_ALL = 15, 49
IP_PKTINFO = 8
IPV6_MULTICAST_ALL, IPV6_FREEBIND = 29, 78  # linux/in6.h
PRIORITY_CONTROL = 7  # linux/pkt_sched.h: TC_PRIO_CONTROL
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35  # asm-generic/socket.h; the latter is the kind of its control message too
TIMESPEC = Struct("@ll")
WAITED = 0.01  # seconds that a datagram may lie in the socket and still count from its arrival
RECEIVE_BUFFER = 1 << 20
LONGEST = 65536
MOST_PER_WAKE = 1000  # datagrams: a flood must not keep the loop from its timers
DISCARD_PORT = 9
ROOM_FOR_CONTROL = 256

Control = list[tuple[int, int, bytes]]


@dataclass(frozen=True, slots=True)
class Port:
    """Which socket: `index` and `name` of the interface (0 and "" in unicast), and the group (None in unicast)."""

    family: int
    index: int
    name: str
    group: Address | None


class Parcel(NamedTuple):
    """A message with everything that `sendmsg` wants to know: made once, sent often."""

    message: bytes
    control: Control
    destination: tuple[str, int] | tuple[str, int, int, int]


class VrrpSocket:
    """Sends and receives the messages of every instance that shares `port`.  Raises OSError.

    `read_until`: what had arrived by then has been read (CLOCK_MONOTONIC); inf: everything.
    """

    def __init__(self, port: Port) -> None:
        self.port = port
        self.read_until = inf
        family = socket.AF_INET if port.family == 4 else socket.AF_INET6
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(family, kind, PROTOCOL)
        try:
            prepare(self._socket)
            (prepare4 if port.family == 4 else prepare6)(self._socket)
            if port.group is not None:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, port.name.encode() + b"\0")
                (join4 if port.family == 4 else join6)(self._socket, port.group, port.index)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """The descriptor, for the loop."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket; the kernel leaves the group."""
        self._socket.close()

    def send(self, parcel: Parcel) -> None:
        """Raises OSError."""
        self._socket.sendmsg((parcel.message,), parcel.control, 0, parcel.destination)

    def receive(self) -> Iterator[Datagram]:
        """What has arrived, for this port; `read_until` tells whether that was all."""
        for _unused in range(MOST_PER_WAKE):
            try:
                data, control, _unused, sender = self._socket.recvmsg(LONGEST, ROOM_FOR_CONTROL)
            except OSError as error:
                if error.errno == EAGAIN:
                    self.read_until = inf
                    return
                continue  # an ICMP error about something we sent
            waited, now = age(control), time.monotonic()
            self.read_until = now - max(waited, 0.0)
            at = arrival(waited, now)
            datagram = ipv4(data, at) if self.port.family == 4 else ipv6(data, control, sender[0], at)
            if datagram is not None and self._ours(datagram):
                yield datagram

    def _ours(self, datagram: Datagram) -> bool:
        if self.port.group is None:
            return not datagram.target.is_multicast
        return datagram.target == self.port.group


def parcel(message: bytes, source: Address, target: Address, index: int, hop_limit: int | None) -> Parcel:
    """`index`: the interface for a group or a link-local peer, else 0; `hop_limit` None is the kernel's own."""
    if target.version == 4:
        control = [
            (socket.IPPROTO_IP, IP_PKTINFO, pack("=I4s4s", index, source.packed, bytes(4))),
            (socket.IPPROTO_IP, socket.IP_TTL, pack("=i", hop_limit or TTL)),
        ]
        return Parcel(message, control, (str(target), 0))
    control = [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, pack("=16sI", source.packed, index))]
    if hop_limit is not None:
        control += [(socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, pack("=i", hop_limit))]
    return Parcel(message, control, (str(target), 0, 0, index))


def prepare(raw: socket.socket) -> None:
    """Set what both families need: buffer, priority, time stamps. Without CAP_NET_ADMIN the defaults stay."""
    wanted = (SO_RCVBUFFORCE, RECEIVE_BUFFER), (socket.SO_PRIORITY, PRIORITY_CONTROL), (SO_TIMESTAMPNS, 1)
    for option, value in wanted:
        try:
            raw.setsockopt(socket.SOL_SOCKET, option, value)
        except PermissionError:
            pass  # without CAP_NET_ADMIN the defaults have to do


def prepare4(raw: socket.socket) -> None:
    """keepalived: precedence, DF clear, no loop; the source need not be assigned yet."""
    for option, value in (
        (socket.IP_TOS, TRAFFIC_CLASS),
        (IP_MTU_DISCOVER, IP_PMTUDISC_DONT),
        (IP_FREEBIND, 1),
        (IP_MULTICAST_ALL, 0),
        (socket.IP_MULTICAST_LOOP, 0),
        (socket.IP_MULTICAST_TTL, TTL),
    ):
        raw.setsockopt(socket.IPPROTO_IP, option, value)


def prepare6(raw: socket.socket) -> None:
    """Set what IPv6 needs (RFC 3542), among it the hop limit of 255."""
    for option, value in (
        (socket.IPV6_TCLASS, TRAFFIC_CLASS),
        (IPV6_FREEBIND, 1),
        (IPV6_MULTICAST_ALL, 0),
        (socket.IPV6_MULTICAST_LOOP, 0),
        (socket.IPV6_MULTICAST_HOPS, TTL),
        (socket.IPV6_RECVPKTINFO, 1),
        (socket.IPV6_RECVHOPLIMIT, 1),
    ):
        raw.setsockopt(socket.IPPROTO_IPV6, option, value)


def join4(raw: socket.socket, group: Address, index: int) -> None:
    """Join an IPv4 group on the interface `index`, and send to it from there."""
    request = pack("=4s4si", group.packed, bytes(4), index)  # struct ip_mreqn
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)


def join6(raw: socket.socket, group: Address, index: int) -> None:
    """Join an IPv6 group on the interface `index`, and send to it from there."""
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, pack("=16sI", group.packed, index))
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)


def age(control: Control) -> float:
    """The seconds since the kernel took a datagram from the wire; less than 0 when the clock was set since.

    The stamp is in CLOCK_REALTIME; 0 without one.
    """
    for level, kind, value in control:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(value) == TIMESPEC.size:
            seconds, nanoseconds = TIMESPEC.unpack(value)
            return time.time() - float(seconds) - float(nanoseconds) * 1e-9
    return 0.0


def arrival(waited: float, now: float) -> float:
    """When a datagram of that age counts as heard: when it arrived.

    What has waited for longer than WAITED counts from now: we were held up, and the buffer may have been too full for
    what came after it.  Never later than now, and never by the clock of the wake-up, which may have been long ago.
    """
    return now - waited if 0 < waited <= WAITED else now


def ipv4(packet: bytes, arrived: float) -> Datagram | None:
    """An IPv4 raw socket gives the header too (RFC 791 §3.1)."""
    if len(packet) < 20:
        return None
    length = (packet[0] & 0x0F) * 4
    return Datagram(IPv4Address(packet[12:16]), IPv4Address(packet[16:20]), packet[8], packet[length:], arrived)


def ipv6(payload: bytes, control: Control, sender: str, arrived: float) -> Datagram | None:
    """An IPv6 raw socket gives the payload; the rest is in control messages (RFC 3542 §4)."""
    target: IPv6Address | None = None
    hops = 0
    for level, kind, value in control:
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            target = IPv6Address(value[:16])
        elif level == socket.IPPROTO_IPV6 and kind == socket.IPV6_HOPLIMIT:
            hops = int.from_bytes(value[:4], byteorder)
    if target is None:
        return None
    return Datagram(IPv6Address(sender.partition("%")[0]), target, hops, payload, arrived)


def source_towards(peer: Address) -> Address | None:
    """The address that the routing table would send from; None without a route."""
    family = socket.AF_INET if peer.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
        try:
            probe.connect((str(peer), DISCARD_PORT))
        except OSError:
            return None
        name = probe.getsockname()[0]
    return IPv4Address(name) if peer.version == 4 else IPv6Address(name.partition("%")[0])


def forwards(interface: str) -> bool:
    """Whether the host routes IPv6 packets that come in there (the Router flag of RFC 4861 §4.4)."""
    try:
        with open(f"/proc/sys/net/ipv6/conf/{interface}/forwarding") as setting:
            return setting.read().strip() == "1"
    except OSError:
        return False
