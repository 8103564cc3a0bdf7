# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a network learns where an address lives now: gratuitous ARP and the unsolicited Neighbor Advertisement.

Whole Ethernet frames, so that the sender needs no address of its own and chooses the link-layer source.
The formats are those that keepalived 2.2.7 sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from struct import Struct, unpack

Address = IPv4Address | IPv6Address

BROADCAST = b"\xff" * 6
ALL_NODES = IPv6Address("ff02::1")
ALL_NODES_ETHERNET = bytes.fromhex("333300000001")  # RFC 2464 §7
ETH_P_ARP, ETH_P_IPV6 = 0x0806, 0x86DD

ETHERNET = Struct("!6s6sH")
ARP = Struct("!HHBBH6s4s6s4s")  # RFC 826; with Ethernet and IPv4
ARP_HEAD = (1, 0x0800, 6, 4)  # ARPHRD_ETHER, ETH_P_IP, lengths
ARPOP_REQUEST = 1
IPV6 = Struct("!IHBB16s16s")  # RFC 8200 §3
ADVERTISEMENT = Struct("!BBHI16sBB6s")  # RFC 4861 §4.4, with the option of §4.6.1
ICMPV6, HOP_LIMIT = 58, 255
NEIGHBOR_ADVERTISEMENT, TARGET_LINK_LAYER_ADDRESS = 136, 2
ROUTER, SOLICITED, OVERRIDE = 0x80000000, 0x40000000, 0x20000000


class BadFrame(Exception):
    """A frame that is not an announcement, and why."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """`address` is at `mac` now; `router` (IPv6): the sender forwards packets."""

    address: Address
    mac: bytes
    router: bool = False


def encode(announcement: Announcement) -> bytes:
    """The frame: a gratuitous ARP for IPv4, an unsolicited Neighbor Advertisement for IPv6."""
    if isinstance(announcement.address, IPv4Address):
        return gratuitous_arp(announcement.address, announcement.mac)
    return neighbor_advertisement(announcement.address, announcement.mac, router=announcement.router)


def gratuitous_arp(address: IPv4Address, mac: bytes) -> bytes:
    """RFC 5227 §3: a broadcast request whose sender and target are the address itself."""
    arp = ARP.pack(*ARP_HEAD, ARPOP_REQUEST, mac, address.packed, BROADCAST, address.packed)
    return ETHERNET.pack(BROADCAST, mac, ETH_P_ARP) + arp


def neighbor_advertisement(address: IPv6Address, mac: bytes, *, router: bool = False) -> bytes:
    """RFC 4861 §7.2.6: to all nodes, from the address, Override set and Solicited clear."""
    flags = OVERRIDE | (ROUTER if router else 0)
    option = TARGET_LINK_LAYER_ADDRESS, 1, mac
    body = ADVERTISEMENT.pack(NEIGHBOR_ADVERTISEMENT, 0, 0, flags, address.packed, *option)
    total = checksum(pseudo_header(address, ALL_NODES, len(body)) + body)
    body = body[:2] + total.to_bytes(2, "big") + body[4:]
    packet = IPV6.pack(6 << 28, len(body), ICMPV6, HOP_LIMIT, address.packed, ALL_NODES.packed) + body
    return ETHERNET.pack(ALL_NODES_ETHERNET, mac, ETH_P_IPV6) + packet


def decode(frame: bytes) -> Announcement:
    """A frame that `encode` makes, perhaps padded. Raises BadFrame."""
    if len(frame) < ETHERNET.size:
        raise BadFrame(f"{len(frame)} bytes are shorter than an Ethernet header")
    target, source, kind = ETHERNET.unpack_from(frame)
    if kind == ETH_P_ARP:
        return decode_arp(target, source, frame[ETHERNET.size :])
    if kind == ETH_P_IPV6:
        return decode_advertisement(target, source, frame[ETHERNET.size :])
    raise BadFrame(f"Ethernet type {kind:#06x}")


def decode_arp(target: bytes, source: bytes, packet: bytes) -> Announcement:
    """Return what a gratuitous ARP announces (RFC 5227). Raises `BadFrame` for any other ARP packet."""
    if len(packet) < ARP.size:
        raise BadFrame(f"{len(packet)} bytes are shorter than an ARP packet")
    *head, operation, mac, sender, target_mac, wanted = ARP.unpack_from(packet)
    if tuple(head) != ARP_HEAD or operation != ARPOP_REQUEST:
        raise BadFrame(f"ARP header {head}, operation {operation}")
    if sender != wanted or target != BROADCAST or target_mac != BROADCAST or mac != source:
        raise BadFrame("ARP that is not gratuitous")
    return Announcement(IPv4Address(sender), mac)


def decode_advertisement(target: bytes, source: bytes, packet: bytes) -> Announcement:
    """Return what an unsolicited Neighbor Advertisement announces (RFC 4861, section 7.2.6).

    Raises `BadFrame` for any other packet.
    """
    if len(packet) < IPV6.size + ADVERTISEMENT.size:
        raise BadFrame(f"{len(packet)} bytes are shorter than a Neighbor Advertisement")
    word, length, following, hops, sender, receiver = IPV6.unpack_from(packet)
    body = packet[IPV6.size : IPV6.size + ADVERTISEMENT.size]
    if (word >> 28, length, following, hops) != (6, ADVERTISEMENT.size, ICMPV6, HOP_LIMIT):
        raise BadFrame(f"IPv6 version {word >> 28}, length {length}, next header {following}, hop limit {hops}")
    if target != ALL_NODES_ETHERNET or receiver != ALL_NODES.packed:
        raise BadFrame("Neighbor Advertisement that is not for all nodes")
    if checksum(pseudo_header(IPv6Address(sender), ALL_NODES, length) + body):
        raise BadFrame("ICMPv6 checksum")
    kind, code, _unused, flags, address, option, words, mac = ADVERTISEMENT.unpack(body)
    if (kind, code, option, words) != (NEIGHBOR_ADVERTISEMENT, 0, TARGET_LINK_LAYER_ADDRESS, 1):
        raise BadFrame(f"ICMPv6 type {kind} code {code}, option {option} of {words}")
    if flags & ~ROUTER != OVERRIDE or address != sender or mac != source:
        raise BadFrame("Neighbor Advertisement that is not unsolicited")
    return Announcement(IPv6Address(address), mac, bool(flags & ROUTER))


def pseudo_header(source: IPv6Address, target: IPv6Address, length: int) -> bytes:
    """RFC 8200 §8.1."""
    return source.packed + target.packed + length.to_bytes(4, "big") + ICMPV6.to_bytes(4, "big")


def checksum(data: bytes) -> int:
    """RFC 1071, of an even number of bytes."""
    total: int = sum(unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
