# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send very many advertisements of version 2 at an even pace, as a stranger on the network might.

Usage: flood.py INTERFACE VRID KIND COUNT PER_SECOND
"""

import random
import socket
import sys
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from struct import pack

from lvsd.vrrp.packet import GROUP, Advertisement, checksum, encode

TARGET = GROUP[4]
FRAME = bytes.fromhex("01005e000012 020000000003 0800")  # RFC 1112 §6.4; somebody's address; IPv4
VIP = IPv4Address("192.0.2.100")
BETTER, LOWER = 254, 50
DIFFERENT = 2000  # messages that are made before; then they come again
STEP = 0.01  # seconds between two bursts
KINDS = ("checksum", "lower", "differing", "long", "nowhere", "ttl")


def sources(luck: random.Random) -> Iterator[IPv4Address]:
    while True:
        yield IPv4Address(f"192.0.2.{luck.randrange(10, 250)}")


def addresses(luck: random.Random, count: int) -> tuple[IPv4Address, ...]:
    return tuple(IPv4Address(luck.getrandbits(32)) for _unused in range(count))


def frames(kind: str, vrid: int) -> list[bytes]:
    """Each would win the election, or has a lower priority than any router."""
    luck = random.Random(51)
    found = []
    for source, _unused in zip(sources(luck), range(DIFFERENT), strict=False):
        listed = {"differing": addresses(luck, 2), "long": addresses(luck, 250)}.get(kind, (VIP,))
        priority = LOWER if kind in ("lower", "differing", "long") else BETTER
        sender = IPv4Address(0) if kind == "nowhere" else source
        message = encode(Advertisement(2, vrid, priority, 1.0, listed), sender, TARGET)
        if kind == "checksum":
            message = message[:6] + b"\x12\x34" + message[8:]
        found.append(FRAME + header(sender, len(message), 254 if kind == "ttl" else 255) + message)
    return found


def header(source: IPv4Address, length: int, ttl: int) -> bytes:
    """Of IPv4 (RFC 791 §3.1)."""
    made = pack("!BBHHHBBH4s4s", 0x45, 0xC0, 20 + length, 1, 0, ttl, 112, 0, source.packed, TARGET.packed)
    return made[:10] + checksum(made).to_bytes(2, "big") + made[12:]


def main(interface: str, vrid: int, kind: str, count: int, per_second: int) -> None:
    prepared = frames(kind, vrid)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind((interface, 0))
        begin, sent = time.monotonic(), 0
        while sent < count:
            due = min(count, int((time.monotonic() - begin + STEP) * per_second))
            for number in range(sent, due):
                raw.send(prepared[number % DIFFERENT])
            sent = max(sent, due)
            time.sleep(STEP)
    print(f"{sent} in {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
