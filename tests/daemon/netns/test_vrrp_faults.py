# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces that go down, come late, or are tracked."""

from __future__ import annotations

import pytest
from network import Network, eventually, ip
from routers import Keepalived, Lvsd, instance
from scenes import DOWN, SLACK, VIP, double, one, single


@pytest.mark.beside
def test_interface_down_is_a_fault_and_up_is_none(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, one(150))
    theirs = Keepalived(right, one(100))
    ours.reaches("Active", within=DOWN + SLACK)
    left.ip("link set eth0 down")
    ours.reaches("Initialize", within=SLACK)
    assert ours.show()["faults"] == ["interface eth0 is down"]
    assert VIP not in left.addresses()
    theirs.reaches("MASTER", within=DOWN + SLACK)
    left.ip("link set eth0 up")
    ours.reaches("Backup", within=SLACK)
    ours.reaches("Active", within=DOWN + SLACK + 1)
    theirs.reaches("BACKUP", within=SLACK)
    assert ours.logged("VI_1: Active -> Initialize (interface eth0 is down)") == 1


@pytest.mark.beside
def test_carrier_lost_at_the_switch_is_a_fault_too(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one())
    ours.reaches("Backup", within=SLACK)
    ip(network.switch, "link set ours.eth0 down")
    ours.reaches("Initialize", within=SLACK)
    ip(network.switch, "link set ours.eth0 up")
    ours.reaches("Backup", within=SLACK)


@pytest.mark.beside
def test_an_interface_that_appears_later(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, instance("VI_1", 51, 100, "interface eth9", virtual_ipaddress="198.51.100.1/24"))
    ours.reaches("Initialize", within=SLACK)
    assert ours.show()["faults"] == ["no interface eth9"]
    network.plug(host, "eth9", "late")
    eventually(lambda: ours.show()["faults"] == ["no IPv4 address to send from on eth9"], within=SLACK)
    host.ip("addr add 198.51.100.7/24 dev eth9")
    ours.reaches("Active", within=DOWN + SLACK)
    assert ours.show()["primary"] == "198.51.100.7"
    assert "198.51.100.1/24" in host.addresses("eth9")
    host.ip("link del eth9")
    ours.reaches("Initialize", within=SLACK)
    network.plug(host, "eth9", "later")
    host.ip("addr add 198.51.100.7/24 dev eth9")
    ours.reaches("Active", within=DOWN + SLACK)
    assert "198.51.100.1/24" in host.addresses("eth9")


@pytest.mark.beside
def test_a_tracked_interface_moves_the_priority_or_is_a_fault(network: Network) -> None:
    host = double(network, "ours", 1)
    text = one(100, "track_interface {\n  eth1 weight -30\n}")
    ours = Lvsd(host, text)
    assert ours.show()["effective_priority"] == 100
    host.ip("link set eth1 down")
    eventually(lambda: ours.show()["effective_priority"] == 70, within=SLACK)
    assert ours.show()["priority"] == 100
    ours.configure(text.replace(" weight -30", ""))
    assert ours.ask("reload")["changes"]["changed"] == ["VI_1"]
    ours.reaches("Initialize", within=SLACK)
    assert ours.show()["faults"] == ["interface eth1 is down"]
    host.ip("link set eth1 up")
    ours.reaches("Backup", within=SLACK)
