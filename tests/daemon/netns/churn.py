# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the addresses of an interface so many times a second, until ended: put one, take it away, the next.

Usage: churn.py INTERFACE RATE
"""

import sys
import time
from ipaddress import IPv4Address

from pyroute2 import IPRoute

FIRST = IPv4Address("172.16.0.1")
DIFFERENT = 4000


def main(interface: str, rate: int) -> None:
    with IPRoute() as route:
        index = route.link_lookup(ifname=interface)[0]
        due = time.monotonic()
        for number in range(sys.maxsize):
            address = str(FIRST + number // 2 % DIFFERENT)
            route.addr("del" if number % 2 else "add", index=index, address=address, prefixlen=32)
            due += 1 / rate
            time.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
