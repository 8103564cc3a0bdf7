# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP ADVERTISEMENT on the wire: RFC 9568 §5.2, and RFC 3768 §5.1 with RFC 2338's password for version 2.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Version| Type  | Virtual Rtr ID|   Priority    |  Addr Count   |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |Reserve| Max Advertise Interval|          Checksum             |   version 3: 12 bits of centiseconds
    |   Auth Type   |   Adver Int   |          Checksum             |   version 2: seconds
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                    IPvX Address(es) ...                       |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |              version 2: 8 bytes of authentication data        |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

Pure.  What an advertisement means to one Virtual Router is `receiving`'s business.
"""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import Struct

from lvsd.model import Address
from lvsd.record import record

PROTOCOL = 112
GROUP: dict[int, Address] = {4: IPv4Address("224.0.0.18"), 6: IPv6Address("ff02::12")}
TTL = 255  # RFC 9568 §5.1.1.3, §5.1.2.3
TRAFFIC_CLASS = 0xC0  # keepalived: internetwork control
ADVERTISEMENT = 1
NO_AUTHENTICATION, SIMPLE_PASSWORD, AUTHENTICATION_HEADER = 0, 1, 2  # RFC 2338 §5.3.6
AUTHENTICATION_DATA = 8  # bytes, RFC 2338 §5.3.10
SHORTEST_PAYLOAD = 46  # of an Ethernet frame: a shorter packet arrives padded
IPV4_HEADER = 20

HEADER = Struct("!BBBBHH")
CHECKSUM_AT = 6


class Reason(Enum):
    """Why a packet was discarded; the values are keepalived's names of the counters, where it has one."""

    LENGTH = "packet_len_err"
    TTL = "ip_ttl_err"
    VERSION = "version_err"
    TYPE = "invalid_type_rcvd"
    CHECKSUM = "chksum_err"
    AUTHENTICATION_UNKNOWN = "invalid_authtype"
    AUTHENTICATION_MISMATCH = "authtype_mismatch"
    AUTHENTICATION_FAILED = "auth_failure"
    INTERVAL = "advert_interval_err"
    SOURCE = "unicast_src_err"
    OWN_ADDRESS = "own_address_err"
    NO_UNICAST_ADDRESS = "invalid_src_err"
    ADDRESSES = "addr_list_err"  # counted, not discarded


class BadPacket(Exception):
    """RFC 9568 §7.1: discard, count `reason`, and say why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@record(frozen=True, slots=True)
class Advertisement:
    """`interval` in seconds; `password` is None without authentication, else 8 bytes (version 2)."""

    version: int
    vrid: int
    priority: int
    interval: float
    addresses: tuple[Address, ...]
    password: bytes | None = None


def encode(adv: Advertisement, source: Address, target: Address, *, pseudo_header: bool = True) -> bytes:
    """The message after the IP header.

    `pseudo_header`: RFC 9568 §5.2.8 sums a version 3 IPv4 message alone, keepalived with the pseudo-header unless
    `v3_checksum_as_v2`.  Version 2 never has one over IPv4, IPv6 always.  Raises struct.error for values that do
    not fit.
    """
    body = b"".join(address.packed for address in adv.addresses)
    if adv.version == 2:
        kind = NO_AUTHENTICATION if adv.password is None else SIMPLE_PASSWORD
        timing = kind << 8 | round(adv.interval)
        body += padded(adv.password or b"")
        pseudo_header = False
    else:
        timing = round(adv.interval * 100) & 0x0FFF
    head = HEADER.pack(adv.version << 4 | ADVERTISEMENT, adv.vrid, adv.priority, len(adv.addresses), timing, 0)
    message = head + body
    total = checksum(pseudo(source, target, len(message), pseudo_header) + message)
    return message[:CHECKSUM_AT] + total.to_bytes(2, "big") + message[CHECKSUM_AT + 2 :]


def decode(message: bytes, source: Address, target: Address) -> Advertisement:
    """An advertisement that is well formed (RFC 9568 §7.1).  Raises BadPacket."""
    advert, packed = parse(message, source, target)
    addresses = tuple(map(ip_address, split(packed, source.max_prefixlen // 8)))
    return Advertisement(advert.version, advert.vrid, advert.priority, advert.interval, addresses, advert.password)


def parse(message: bytes, source: Address, target: Address) -> tuple[Advertisement, bytes]:
    """As `decode`, but without the addresses: their bytes stand beside it, as there may be 255.  Raises BadPacket."""
    if len(message) < HEADER.size:
        raise BadPacket(Reason.LENGTH, f"{len(message)} bytes are shorter than a header")
    kind, vrid, priority, count, timing, _unused = HEADER.unpack_from(message)
    version = kind >> 4
    if version not in (2, 3):
        raise BadPacket(Reason.VERSION, f"version {version}")
    if kind & 0x0F != ADVERTISEMENT:
        raise BadPacket(Reason.TYPE, f"type {kind & 0x0F}")
    message = trimmed(message, version, count, source)
    password = authentication(message, timing >> 8) if version == 2 else None
    if not sums_up(message, version, source, target):
        raise BadPacket(Reason.CHECKSUM, "checksum does not match")
    interval = float(timing & 0xFF) if version == 2 else (timing & 0x0FFF) / 100
    packed = message[HEADER.size : HEADER.size + count * (source.max_prefixlen // 8)]
    return Advertisement(version, vrid, priority, interval, (), password), packed


def split(packed: bytes, width: int) -> list[bytes]:
    """The addresses of `width` bytes each that stand one behind the other."""
    return [packed[at : at + width] for at in range(0, len(packed), width)]


def trimmed(message: bytes, version: int, count: int, source: Address) -> bytes:
    """The message without the padding of a short Ethernet frame.  Raises BadPacket."""
    expected = HEADER.size + count * (source.max_prefixlen // 8) + (AUTHENTICATION_DATA if version == 2 else 0)
    padding = len(message) > expected and source.version == 4 and IPV4_HEADER + len(message) <= SHORTEST_PAYLOAD
    if len(message) != expected and not padding:
        raise BadPacket(Reason.LENGTH, f"{len(message)} bytes for {count} addresses, expected {expected}")
    return message[:expected]


def authentication(message: bytes, kind: int) -> bytes | None:
    """The password of a version 2 message.  Raises BadPacket for the authentication header and unknown types."""
    if kind == NO_AUTHENTICATION:
        return None
    if kind == SIMPLE_PASSWORD:
        return message[-AUTHENTICATION_DATA:]
    if kind == AUTHENTICATION_HEADER:
        raise BadPacket(Reason.AUTHENTICATION_UNKNOWN, "authentication header (AH) is not supported")
    raise BadPacket(Reason.AUTHENTICATION_UNKNOWN, f"authentication type {kind}")


def sums_up(message: bytes, version: int, source: Address, target: Address) -> bool:
    """In one of the forms in use: pseudo-header, none (IPv4), or that of the group in unicast (old keepalived)."""
    length = len(message)
    if source.version == 6:
        return checksum(pseudo(source, target, length, True) + message) == 0
    if checksum(message) == 0:
        return True
    targets = (target, GROUP[4])
    return version == 3 and any(checksum(pseudo(source, to, length, True) + message) == 0 for to in targets)


def pseudo(source: Address, target: Address, length: int, wanted: bool) -> bytes:
    """RFC 8200 §8.1 for IPv6, always; its IPv4 cousin where wanted."""
    if source.version == 6:
        return source.packed + target.packed + Struct("!II").pack(length, PROTOCOL)
    return source.packed + target.packed + Struct("!HH").pack(PROTOCOL, length) if wanted else b""


def padded(password: bytes) -> bytes:
    """RFC 2338 §5.3.10: eight bytes, cut or filled with zero."""
    return password[:AUTHENTICATION_DATA].ljust(AUTHENTICATION_DATA, b"\0")


def checksum(data: bytes) -> int:
    """RFC 1071: a sum of 16-bit words with end-around carry is a remainder of 65535."""
    number = int.from_bytes(data + b"\0" * (len(data) % 2), "big")
    total = number % 0xFFFF or (0xFFFF if number else 0)
    return ~total & 0xFFFF
