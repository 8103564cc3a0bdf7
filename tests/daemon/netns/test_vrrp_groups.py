# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync groups: what happens to one member happens to all."""

from __future__ import annotations

import pytest
from network import Network, always, eventually
from routers import Keepalived, Lvsd, instance
from scenes import DOWN, SLACK, VIP, double, group


@pytest.mark.beside
def test_a_sync_group_moves_as_one(network: Network) -> None:
    left, right = double(network, "ours", 1), double(network, "theirs", 2)
    theirs = Keepalived(right, group(100))
    for name in ("front", "back"):
        theirs.reaches("MASTER", name, within=DOWN + SLACK)
    ours = Lvsd(left, group(150))
    for name in ("front", "back"):
        ours.reaches("Active", name, within=DOWN + SLACK)
        theirs.reaches("BACKUP", name, within=SLACK)
    assert ours.ask("show")["groups"] == [{"name": "VG", "state": "Active", "members": ["front", "back"]}]

    left.ip("link set eth1 down")  # one member fails, both go
    ours.reaches("Initialize", "front", within=SLACK)
    assert ours.show("back")["faults"] == ["interface eth1 is down"]
    for name in ("front", "back"):
        theirs.reaches("MASTER", name, within=DOWN + SLACK)
    eventually(lambda: VIP in right.addresses() and VIP not in left.addresses(), within=SLACK)

    left.ip("link set eth1 up")
    for name in ("front", "back"):
        ours.reaches("Active", name, within=DOWN + SLACK + 1)
        theirs.reaches("BACKUP", name, within=SLACK)

    ours.stop()
    for name in ("front", "back"):
        theirs.reaches("MASTER", name, within=SLACK)


@pytest.mark.beside
def test_their_sync_group_takes_ours_along(network: Network) -> None:
    """They are better, lose one interface and come back: both of ours follow each time."""
    left, right = double(network, "ours", 1), double(network, "theirs", 2)
    ours = Lvsd(left, group(100))
    theirs = Keepalived(right, group(150))
    for name in ("front", "back"):
        theirs.reaches("MASTER", name, within=2 * DOWN)
        ours.reaches("Backup", name, within=SLACK)
    right.ip("link set eth1 down")
    for name in ("front", "back"):
        ours.reaches("Active", name, within=DOWN + SLACK)
    right.ip("link set eth1 up")
    for name in ("front", "back"):
        theirs.reaches("MASTER", name, within=DOWN + SLACK + 1)
        ours.reaches("Backup", name, within=SLACK)


@pytest.mark.beside
def test_a_group_that_speaks_over_a_third_interface(network: Network) -> None:
    """Unicast over a network of its own, addresses on the two others, no preemption, one hand-over."""

    def configuration(mine: int, peer: int, priority: int) -> str:
        source = [f"unicast_src_ip 10.10.10.{mine}"] if mine == 11 else []  # ours asks the routing table
        way = ("nopreempt", *source, f"unicast_peer {{\n  10.10.10.{peer}\n}}")
        secret = "authentication {\n  auth_type PASS\n  auth_pass password\n}"
        public = instance("external", 20, priority, "interface eth0", *way, secret,
                          virtual_ipaddress="192.168.122.140/24 dev eth0")  # fmt: skip
        inner = instance("internal", 30, priority, "interface eth2", *way, secret,
                         virtual_ipaddress="10.0.0.1/24 dev eth2")  # fmt: skip
        return f"vrrp_sync_group gateway {{\n  group {{\n    external\n    internal\n  }}\n}}\n{public}{inner}"

    hosts = []
    for number, name in ((10, "ours"), (11, "theirs")):
        host = network.host(name, eth0="public", eth1="sync", eth2="inner")
        host.ip(
            f"addr add 192.168.122.{131 + number}/24 dev eth0",
            f"addr add 10.10.10.{number}/24 dev eth1",
            f"addr add 10.0.0.{number - 8}/24 dev eth2",
        )
        hosts.append(host)
    left, right = hosts
    ours = Lvsd(left, configuration(10, 11, 100))
    theirs = Keepalived(right, configuration(11, 10, 50))
    for name in ("external", "internal"):
        ours.reaches("Active", name, within=2 * DOWN)
    assert ours.show("external")["primary"] == "10.10.10.10"
    assert "192.168.122.140/24" in left.addresses("eth0")
    assert "10.0.0.1/24" in left.addresses("eth2")
    assert theirs.last("external") == "BACKUP"
    left.ip("link set eth2 down")
    for name in ("external", "internal"):
        theirs.reaches("MASTER", name, within=2 * DOWN)
    eventually(lambda: "10.0.0.1/24" in right.addresses("eth2"), within=SLACK)
    assert "192.168.122.140/24" not in left.addresses("eth0")
    left.ip("link set eth2 up")
    eventually(lambda: ours.state("internal") == "Backup", within=SLACK)
    always(lambda: ours.state("external") == "Backup", during=4.5)  # nopreempt


@pytest.mark.beside
def test_a_reload_that_binds_an_active_and_a_backup_instance_agrees(network: Network) -> None:
    left, right = double(network, "ours", 1), double(network, "theirs", 2)
    theirs = Keepalived(right, instance("back", 52, 200, "interface eth1", virtual_ipaddress="10.0.0.100/24"))
    theirs.reaches("MASTER", "back", within=DOWN + SLACK)
    bound = group(150)
    ours = Lvsd(left, bound[bound.index("vrrp_instance front") :])
    ours.reaches("Active", "front", within=DOWN + SLACK)
    assert ours.state("back") == "Backup"
    ours.configure(bound)
    assert ours.ask("reload")["ok"]
    assert (ours.state("front"), ours.state("back")) == ("Backup", "Backup")
    assert VIP not in left.addresses()
    always(lambda: ours.state("front") == "Backup", during=DOWN + 0.5)  # back is not free
    theirs.stop()
    ours.reaches("Active", "front", within=DOWN + SLACK)
    ours.reaches("Active", "back", within=SLACK)
