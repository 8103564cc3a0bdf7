# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with very many addresses that change all the time: the VRRP worker starts on it, and goes on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from network import Host, Network, eventually
from routers import Lvsd
from scenes import VIP, double, one

CHURN = Path(__file__).with_name("churn.py")
MANY, RATE = 5000, 200  # addresses, changes a second
STARTS = 20 if os.environ.get("LVSD_LONG") else 3  # `make long`


def busy(network: Network) -> Host:
    """A host whose eth1 has MANY addresses, and gets and loses others."""
    host = double(network, "ours", 1)
    host.ip(*(f"addr add 10.1.{number >> 8}.{number & 255}/32 dev eth1" for number in range(MANY)))
    host.start(sys.executable, str(CHURN), "eth1", str(RATE), log=host.folder / "churn.log")
    eventually(lambda: len(host.addresses("eth1")) > MANY, within=20)
    return host


def test_the_worker_starts_while_the_addresses_change(network: Network) -> None:
    host = busy(network)
    ours = Lvsd(host, one(255))
    for number in range(STARTS):
        ours.reaches("Active", within=10)
        eventually(lambda: VIP in host.addresses(), within=5)
        if number < STARTS - 1:
            ours.crash()
            host.ip(f"addr del {VIP} dev eth0")
            ours.start()
    host.ip(f"addr del {VIP} dev eth0")  # by somebody else: it sees it, whatever else changes
    eventually(lambda: VIP in host.addresses(), within=5)
    assert ours.logged("another program has removed") == 1
