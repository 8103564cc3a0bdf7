# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A namespace seen by pyroute2, with nothing of ours in between: what the tests of kernel/ compare with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

from pyroute2 import NetNS, netns

OURS, THEIRS = f"lvsd-a-{os.getpid()}", f"lvsd-b-{os.getpid()}"
VIP, VIP6 = ip_address("192.0.2.100"), ip_address("2001:db8::100")


@contextmanager
def inside(name: str) -> Iterator[None]:
    netns.pushns(name)
    try:
        yield
    finally:
        netns.popns()


@contextmanager
def namespace() -> Iterator[NetNS]:
    """pyroute2 in our namespace, which has eth0; eth0's other end is eth0 of THEIRS. No route leads out."""
    names = (OURS, THEIRS)
    try:
        for name in names:
            netns.create(name)
        with NetNS(OURS) as ours, NetNS(THEIRS) as theirs:
            ours.link("add", ifname="eth0", kind="veth", peer={"ifname": "eth0", "net_ns_fd": THEIRS})
            for end in (ours, theirs):
                for link in ("lo", "eth0"):
                    end.link("set", index=end.link_lookup(ifname=link)[0], state="up")
            yield ours
    finally:
        for name in names:
            if name in netns.listnetns():
                netns.remove(name)


def index(oracle: NetNS, name: str = "eth0") -> int:
    found: int = oracle.link_lookup(ifname=name)[0]
    return found


def seen(oracle: NetNS, address: object) -> list[dict[str, Any]]:
    """What pyroute2 reads about an address."""
    rows = []
    for message in oracle.get_addr():
        attributes = dict(message["attrs"])
        if attributes.get("IFA_LOCAL", attributes.get("IFA_ADDRESS")) == str(address):
            rows.append(
                {"prefix": message["prefixlen"], "scope": message["scope"], "index": message["index"], **attributes}
            )
    return rows
