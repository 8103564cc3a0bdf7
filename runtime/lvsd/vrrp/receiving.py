# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which advertisements count: RFC 9568 §7.1, in the order in which keepalived asks.

`packet.decode` has found the message well formed; here it meets one Virtual Router's expectations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import Address, GlobalDefs, UnicastPeer, VirtualRouter
from ..record import record
from . import packet
from .fsm import Parameters, Received
from .packet import Advertisement, BadPacket, Reason
from .parameters import advertised, password, transport


@dataclass(frozen=True, slots=True)
class Datagram:
    """What a socket received: `ttl` is the TTL or hop limit, `payload` what follows the IP header.

    `arrived`: when, in seconds of CLOCK_MONOTONIC, as far as the kernel told; a copy arrives at another time.
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
class Expectation:
    """What an instance accepts; `peers` is empty in multicast."""

    version: int
    interval: float
    unicast: bool
    password: bytes | None
    peers: tuple[UnicastPeer, ...]
    check_source: bool
    addresses: frozenset[Address]
    compare_addresses: bool
    primary: Address


def expectation(router: VirtualRouter, defs: GlobalDefs, vr: Parameters) -> Expectation:
    way = transport(router, defs)
    check = defs.vrrp_check_unicast_src if router.check_unicast_source is None else router.check_unicast_source
    bounds = any(peer.min_ttl is not None or peer.max_ttl is not None for peer in way.peers)
    skip = defs.vrrp_skip_check_adv_addr if router.skip_check_adv_addr is None else router.skip_check_adv_addr
    return Expectation(
        version=vr.version,
        interval=vr.advertisement_interval,
        unicast=way.unicast,
        password=password(router, defs),
        peers=way.peers,
        check_source=check or bounds,
        addresses=frozenset(advertised(router)),
        compare_addresses=not skip,
        primary=vr.primary,
    )


def receive(datagram: Datagram, wanted: Expectation) -> tuple[Received, Advertisement]:
    """The event for the state machine.  Raises BadPacket."""
    if not wanted.unicast and datagram.ttl != packet.TTL:
        raise BadPacket(Reason.TTL, f"TTL {datagram.ttl}")
    advert = packet.decode(datagram.payload, datagram.source, datagram.target)
    if advert.version != wanted.version:
        raise BadPacket(Reason.VERSION, f"version {advert.version}, ours is {wanted.version}")
    if advert.version == 2:
        authenticate(advert.password, wanted.password)
    check_interval(advert, wanted)
    if wanted.unicast and wanted.check_source:
        check_source(datagram, wanted.peers)
    if datagram.source == wanted.primary:
        raise BadPacket(Reason.OWN_ADDRESS, "it comes from our own address")
    return Received(datagram.source, advert.priority, advert.interval), advert


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
    peer = next((peer for peer in peers if peer.address == datagram.source), None)
    if peer is None:
        raise BadPacket(Reason.SOURCE, "it is not one of unicast_peer")
    least, most = peer.min_ttl or 0, 255 if peer.max_ttl is None else peer.max_ttl
    if not least <= datagram.ttl <= most:
        raise BadPacket(Reason.TTL, f"TTL {datagram.ttl} is not within {least} to {most}")


def difference(advert: Advertisement, wanted: Expectation) -> str | None:
    """How the advertised addresses differ from ours, in words.  keepalived since 2.3.3: a warning, no discard."""
    theirs = frozenset(advert.addresses)
    if not wanted.compare_addresses or theirs == wanted.addresses:
        return None
    extra = ", ".join(sorted(map(str, theirs - wanted.addresses)))
    missing = ", ".join(sorted(map(str, wanted.addresses - theirs)))
    return "; ".join(filter(None, [extra and f"they have {extra}", missing and f"they lack {missing}"]))
