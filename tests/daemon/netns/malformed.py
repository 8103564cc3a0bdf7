# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send advertisements of version 2 that would win every election, were they not damaged in one way each.

Usage: malformed.py INTERFACE VRID PASSWORD COUNT WAY...
"""

import socket
import sys
from collections.abc import Callable
from ipaddress import ip_address

from lvsd.vrrp.packet import GROUP, Advertisement, encode

SOURCE, TARGET = ip_address("192.0.2.2"), GROUP[4]
VIP = ip_address("192.0.2.100")


def good(vrid: int, password: str) -> bytes:
    return encode(Advertisement(2, vrid, 254, 1.0, (VIP,), password.encode()), SOURCE, TARGET)


WAYS: dict[str, Callable[[int, str], bytes]] = {
    "length": lambda vrid, password: good(vrid, password) + bytes(100),
    "truncated": lambda vrid, password: good(vrid, password)[:5],
    "checksum": lambda vrid, password: good(vrid, password)[:6] + b"\x12\x34" + good(vrid, password)[8:],
    "ttl": good,
    "auth": lambda vrid, password: good(vrid, password[::-1]),
    "empty": lambda vrid, password: b"",
    "byte": lambda vrid, password: b"\x21",
    "unknown-truncated": lambda vrid, password: good(vrid + 1, password)[:7],
    "unknown": lambda vrid, password: good(vrid + 1, password),
}


def main(interface: str, vrid: int, password: str, count: int, ways: list[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 112) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        for way in ways:
            raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 254 if way == "ttl" else 255)
            for _ in range(count):
                raw.sendto(WAYS[way](vrid, password), (str(TARGET), 0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:])
