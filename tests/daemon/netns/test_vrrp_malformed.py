# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advertisements that are none: counted by reason, said once in a burst, and of no consequence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from network import Host, Network, eventually
from routers import RUNTIME, Lvsd, counters
from scenes import DOWN, SLACK, VIP, one, single

SECRET = ("authentication {", "  auth_type PASS", "  auth_pass secret12", "}")
REASONS = {
    "length": "packet_len_err",
    "truncated": "packet_len_err",
    "checksum": "chksum_err",
    "ttl": "ip_ttl_err",
    "auth": "auth_failure",
}


def lvsctl(router: Lvsd, *words: str) -> str:
    command = [sys.executable, "-m", "lvsd.ctl", "--runtime-dir", str(router.socket.parent), *words]
    environment = {**os.environ, "PYTHONPATH": str(RUNTIME)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=20).stdout


def send(host: Host, count: int, *ways: str) -> None:
    words = (str(Path(__file__).with_name("malformed.py")), "eth0", "51", "secret12", str(count), *ways)
    sender = host.start(sys.executable, *words, log=host.folder / "sent.log", PYTHONPATH=str(RUNTIME))
    assert sender.wait(20) == 0, (host.folder / "sent.log").read_text()


@pytest.mark.beside
@pytest.mark.parametrize("way", REASONS)
def test_counted_by_its_reason_and_said_once(network: Network, way: str) -> None:
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, one(150, *SECRET))
    ours.reaches("Active", within=DOWN + SLACK)
    transitions = ours.logged(" -> ")
    reason = REASONS[way]
    for sent in (20, 40):
        send(right, 20, way)
        eventually(lambda sent=sent: counters(ours.show()).get(reason) == sent, within=SLACK)
    shown = counters(ours.show())
    assert set(shown) == {reason, "advert_sent", "become_master"}
    assert ours.logged("VI_1: discarded packet from 192.0.2.2") == 1
    assert ours.state() == "Active"
    assert ours.logged(" -> ") == transitions
    assert VIP in left.addresses()
    assert reason in lvsctl(ours, "show", "vrrp")
    assert ours.logged("secret12") + ours.logged("21terces") == 0


@pytest.mark.beside
def test_packets_for_no_virtual_router_of_ours(network: Network) -> None:
    """Too short to name one, cut behind the name of another, and whole for another: nothing is said."""
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, one(255, *SECRET))
    ours.reaches("Active", within=SLACK)
    send(right, 5, "empty", "byte", "unknown-truncated", "unknown")
    eventually(lambda: ours.ask("show")["counters"] == {"packet_len_err": 15, "unknown_vrid": 5}, within=SLACK)
    assert set(counters(ours.show())) == {"advert_sent", "become_master"}
    assert ours.logged("discarded") == 0
