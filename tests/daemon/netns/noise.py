# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send packets of protocol 112 that are not advertisements: damaged, cut, of strange versions, from afar, random.

Usage: noise.py INTERFACE VRID COUNT
"""

import os
import random
import socket
import sys
import time

GROUP = "224.0.0.18"
GOOD = bytes.fromhex("31 00 64 01 00 64 00 00 c0 00 02 64")


def messages(vrid: int, count: int) -> list[bytes]:
    luck = random.Random(51)
    good = bytearray(GOOD)
    good[1] = vrid
    found = [bytes([version, vrid]) + bytes(good[2:]) for version in (0x11, 0x21, 0x32, 0x41)]
    found += [bytes(good), bytes(good[:5]), bytes(good) + bytes(40), b"", b"1", bytes([0x31, 200]) + bytes(good[2:])]
    while len(found) < count:
        found.append(bytes([0x31, vrid]) + os.urandom(luck.randrange(60)))
    return found


def main(interface: str, vrid: int, count: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 112) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        for number, message in enumerate(messages(vrid, count)):
            raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 64 if number % 10 == 9 else 255)
            raw.sendto(message, (GROUP, 0))
            time.sleep(0.002)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
