# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which advertisements count: RFC 9568 §7.1, in the order in which keepalived asks.

`packet.decode` has found the message well formed; here it meets one Virtual Router's expectations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address

from lvsd.model import Address, GlobalDefs, UnicastPeer, VirtualRouter
from lvsd.record import record

from . import packet
from .fsm import Parameters, Received
from .packet import Advertisement, BadPacket, Reason
from .parameters import advertised, password, transport

LOOPBACK4, BROADCAST4 = 127, 0xFFFFFFFF
MULTICAST4 = range(224, 240)  # the first byte
ALL_MULTICAST6 = 0xFF  # the first byte
MOST_LISTED = 4  # addresses in one line of the log


@dataclass(frozen=True, slots=True)
class Datagram:
    """What a socket received: `ttl` is the TTL or hop limit, `payload` what follows the IP header.

    `arrived`: when it counts as heard, in seconds of CLOCK_MONOTONIC; a copy arrives at another time.
    """

    source: Address
    target: Address
    ttl: int
    payload: bytes
    arrived: float | None = field(default=None, compare=False)

    @property
    def vrid(self) -> int | None:
        """The Virtual Router it names, without judging the rest."""
        return self.payload[1] if len(self.payload) > 1 else None


@record(frozen=True, slots=True)
class Own:
    """What no other router can send from: this host's addresses, and the broadcast addresses of its networks."""

    addresses: frozenset[Address] = frozenset()
    broadcasts: frozenset[int] = frozenset()


NOTHING = Own()


@record(frozen=True, slots=True)
class Expectation:
    """What an instance accepts; `peers` is empty in multicast."""

    version: int
    interval: float
    unicast: bool
    password: bytes | None
    peers: tuple[UnicastPeer, ...]
    check_source: bool
    addresses: tuple[Address, ...]
    packed: bytes
    compare_addresses: bool
    primary: Address
    own: Own


def expectation(
    router: VirtualRouter, defs: GlobalDefs, vr: Parameters, own: Own = NOTHING, mtu: int = 0
) -> Expectation:
    """What this router wants to hear; `mtu`: of the link in bytes, 0 where there is none."""
    way = transport(router, defs)
    check = defs.vrrp_check_unicast_src if router.check_unicast_source is None else router.check_unicast_source
    bounds = any(peer.min_ttl is not None or peer.max_ttl is not None for peer in way.peers)
    addresses = advertised(router, vr.version, mtu)
    skip = defs.vrrp_skip_check_adv_addr if router.skip_check_adv_addr is None else router.skip_check_adv_addr
    return Expectation(
        version=vr.version,
        interval=vr.advertisement_interval,
        unicast=way.unicast,
        password=password(router, defs),
        peers=way.peers,
        check_source=check or bounds,
        addresses=addresses,
        packed=b"".join(address.packed for address in addresses),
        compare_addresses=not skip,
        primary=vr.primary,
        own=own,
    )


def receive(datagram: Datagram, wanted: Expectation) -> tuple[Received, bytes]:
    """The event for the state machine, and the addresses as they were sent.  Raises BadPacket."""
    if not wanted.unicast and datagram.ttl != packet.TTL:
        raise BadPacket(Reason.TTL, f"TTL {datagram.ttl}")
    if not is_unicast(datagram.source, wanted.own):
        raise BadPacket(Reason.NO_UNICAST_ADDRESS, "a host cannot have that address")
    advert, addresses = packet.parse(datagram.payload, datagram.source, datagram.target)
    if advert.version != wanted.version:
        raise BadPacket(Reason.VERSION, f"version {advert.version}, ours is {wanted.version}")
    if advert.version == 2:
        authenticate(advert.password, wanted.password)
    check_interval(advert, wanted)
    if wanted.unicast and wanted.check_source:
        check_source(datagram, wanted.peers)
    if datagram.source == wanted.primary or datagram.source in wanted.own.addresses:
        raise BadPacket(Reason.OWN_ADDRESS, "it comes from our own address")
    return Received(datagram.source, advert.priority, advert.interval), addresses


def is_unicast(source: Address, own: Own) -> bool:
    """Whether a host can send from it: RFC 1122 §3.2.1.3 and RFC 4291 §2.5.2, §2.5.3 and §2.7 name those it cannot.

    keepalived does not ask; the kernel lets 0.0.0.0 and the broadcast addresses of its own networks pass.
    """
    if source.version == 6:
        return source.packed[0] != ALL_MULTICAST6 and int(source) > 1  # :: and ::1
    first = source.packed[0]
    special = first in (0, LOOPBACK4) or first in MULTICAST4 or int(source) == BROADCAST4
    return not special and int(source) not in own.broadcasts


def authenticate(theirs: bytes | None, ours: bytes | None) -> None:
    """RFC 2338 §5.3.6."""
    if (theirs is None) != (ours is None):
        words = {True: "none", False: "PASS"}
        raise BadPacket(
            Reason.AUTHENTICATION_MISMATCH, f"authentication {words[theirs is None]}, ours is {words[ours is None]}"
        )
    if theirs is not None and ours is not None and not same(theirs, ours):
        raise BadPacket(Reason.AUTHENTICATION_FAILED, "wrong password")


def same(theirs: bytes, ours: bytes) -> bool:
    """Takes the same time whatever differs; hmac.compare_digest would load OpenSSL for it."""
    different = len(theirs) ^ len(ours)
    for their, our in zip(theirs, ours, strict=False):
        different |= their ^ our
    return not different


def check_interval(advert: Advertisement, wanted: Expectation) -> None:
    """Version 2 has one interval for all; version 3 learns it, but it cannot be nothing."""
    if advert.version == 2 and advert.interval != wanted.interval:
        raise BadPacket(Reason.INTERVAL, f"interval {advert.interval:g} s, ours is {wanted.interval:g} s")
    if advert.interval == 0:
        raise BadPacket(Reason.INTERVAL, "interval 0")


def check_source(datagram: Datagram, peers: Iterable[UnicastPeer]) -> None:
    """Raise `BadPacket` for a sender that is no unicast peer, or is farther away than the peer may be."""
    peer = next((peer for peer in peers if peer.address == datagram.source), None)
    if peer is None:
        raise BadPacket(Reason.SOURCE, "it is not one of unicast_peer")
    least, most = peer.min_ttl or 0, 255 if peer.max_ttl is None else peer.max_ttl
    if not least <= datagram.ttl <= most:
        raise BadPacket(Reason.TTL, f"TTL {datagram.ttl} is not within {least} to {most}")


def differs(packed: bytes, wanted: Expectation) -> bool:
    """Whether other addresses are advertised than ours.  keepalived since 2.3.3: a warning, no discard."""
    if packed == wanted.packed:
        return False
    width = wanted.primary.max_prefixlen // 8
    return {*packet.split(packed, width)} != {*packet.split(wanted.packed, width)}


def difference(packed: bytes, wanted: Expectation) -> str:
    """In words, where `differs`; of long lists the first few."""
    theirs = {ip_address(one) for one in packet.split(packed, wanted.primary.max_prefixlen // 8)}
    ours = {*wanted.addresses}
    extra, missing = listed(theirs - ours), listed(ours - theirs)
    return "; ".join(filter(None, [extra and f"they have {extra}", missing and f"they lack {missing}"]))


def listed(addresses: Iterable[Address]) -> str:
    """Sorted, and cut: 255 of them would fill a page of the log."""
    found = sorted(addresses, key=int)
    more = len(found) - MOST_LISTED
    text = ", ".join(map(str, found[:MOST_LISTED]))
    return f"{text} and {more} more" if more > 0 else text
