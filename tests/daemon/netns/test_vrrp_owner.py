# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual addresses that the host had before: an address owner's (RFC 9568 §6.4.1), and what a crash has left."""

from __future__ import annotations

import subprocess

import pytest
from network import Host, Network, eventually
from routers import Keepalived, Lvsd, instance
from scenes import DOWN, SLACK, VIP, one, single

ROUTE = "default via 192.0.2.254 dev eth0"


def routes(host: Host) -> str:
    command = ["ip", "-n", host.namespace, "route", "show"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout


def broadcast(host: Host, address: str) -> object:
    return next((a.get("broadcast") for a in host.address_details() if a["local"] == address), "gone")


@pytest.mark.beside
def test_an_owners_address_stays_as_it_is_and_goes_by_name(network: Network) -> None:
    host = single(network)
    host.ip(f"addr add {VIP} brd + dev eth0", f"route add {ROUTE} src 192.0.2.100")
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    assert broadcast(host, "192.0.2.100") == "192.0.2.255"  # not set anew: its routes would go
    assert ROUTE in routes(host)
    assert ours.logged(f"VI_1: {VIP} dev eth0 was there before: it stays as it is, and goes with the role") == 1
    ours.configure(one(255, "garp_master_delay 1"))
    assert ours.ask("reload")["ok"]
    assert ours.replace() == 0
    assert ours.state() == "Active"
    assert broadcast(host, "192.0.2.100") == "192.0.2.255"
    assert ours.stop() == 0
    assert VIP not in host.addresses()
    assert ours.logged(f"{VIP} dev eth0 was there before lvsd set it: removed") == 1


@pytest.mark.beside
@pytest.mark.parametrize("priority", [255, 100])
def test_the_only_address_of_an_interface_is_left_alone(network: Network, priority: int) -> None:
    """keepalived removes it, and the host is out of reach."""
    host = network.host("ours", eth0="lan")
    host.ip(f"addr add {VIP} dev eth0", f"route add {ROUTE}")
    ours = Lvsd(host, one(priority))
    eventually(lambda: ours.show()["faults"], within=SLACK)
    assert ours.state() == "Initialize"
    assert any("192.0.2.100/24 dev eth0 is the only address there" in fault for fault in ours.show()["faults"])
    assert ours.ask("reload")["ok"]
    assert VIP in host.addresses()
    assert ours.stop() == 0
    assert VIP in host.addresses()
    assert ROUTE in routes(host)
    ours.start()
    host.ip("addr add 192.0.2.1/24 dev eth0")
    ours.reaches("Active", within=DOWN + SLACK)


@pytest.mark.beside
def test_a_leftover_is_removed_by_name_at_the_start(network: Network) -> None:
    host = single(network)
    host.ip(f"addr add {VIP} dev eth0")
    ours = Lvsd(host, one(100))
    eventually(lambda: VIP not in host.addresses(), within=SLACK)
    assert ours.logged(f"{VIP} dev eth0 was there before lvsd set it: removed") == 1
    ours.reaches("Active", within=DOWN + SLACK)
    assert ours.stop() == 0
    assert ours.logged("was there before") == 1  # what it set itself goes without a word


@pytest.mark.beside
def test_of_two_owners_one_yields_and_both_say_it(network: Network) -> None:
    """RFC 9568 erratum 8298: not discarded, but judged by the address of the sender."""
    left, right = single(network), single(network, "theirs", 2)
    ours, theirs = Lvsd(left, one(255)), Lvsd(right, one(255))
    theirs.reaches("Active", within=SLACK)
    ours.reaches("Backup", within=DOWN + SLACK)
    message = "says that it is the owner of the addresses, as we do: give one of the two a priority below 255"
    assert ours.logged(f"192.0.2.2 {message}") == 1
    assert VIP in right.addresses()
    assert VIP not in left.addresses()
    eventually(lambda: ours.show()["counters"]["advert_rcvd"] >= 4, within=8)
    assert (ours.state(), theirs.state()) == ("Backup", "Active")


@pytest.mark.beside
def test_an_address_that_the_kernel_refuses_is_missing_with_the_reason_until_it_takes_it(network: Network) -> None:
    host = single(network)
    setting = "/proc/sys/net/ipv6/conf/eth0/disable_ipv6"
    turn = ["ip", "netns", "exec", host.namespace, "sh", "-c"]
    subprocess.run([*turn, f"echo 1 > {setting}"], check=True, timeout=20)
    text = instance(
        "VI_1",
        51,
        255,
        virtual_ipaddress=VIP,
        virtual_ipaddress_excluded="2001:db8::9/64,198.51.100.7/32 dev eth7 no_track",
    )
    ours = Lvsd(host, text)
    ours.reaches("Active", within=SLACK)
    missing = {entry["address"]: entry["reason"] for entry in ours.show()["missing"]}
    assert set(missing) == {"2001:db8::9/64 dev eth0", "198.51.100.7/32 dev eth7"}
    assert "sysctl net.ipv6.conf.eth0.disable_ipv6=0" in missing["2001:db8::9/64 dev eth0"]
    assert missing["198.51.100.7/32 dev eth7"] == "there is no interface eth7"
    assert VIP in host.addresses()
    eventually(lambda: ours.logged("addresses refused: 2001:db8::9/64 dev eth0: ") == 1, within=SLACK)
    subprocess.run([*turn, f"echo 0 > {setting}"], check=True, timeout=20)
    eventually(lambda: "2001:db8::9/64" in host.addresses(), within=SLACK + 2)
    eventually(lambda: [e["address"] for e in ours.show()["missing"]] == ["198.51.100.7/32 dev eth7"], within=SLACK)
    assert ours.logged("addresses refused") == 1  # tried again every second, said once
    network.plug(host, "eth7", "lan")
    eventually(lambda: ours.show()["missing"] == [], within=SLACK)


@pytest.mark.beside
def test_an_owner_and_keepalived_as_its_backup(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    left.ip(f"addr add {VIP} dev eth0")
    theirs = Keepalived(right, one(100))
    ours = Lvsd(left, one(255))
    ours.reaches("Active", within=SLACK)
    theirs.reaches("BACKUP", within=DOWN + SLACK)
    ours.stop()
    theirs.reaches("MASTER", within=SLACK + 1)
    eventually(lambda: VIP in right.addresses(), within=SLACK)
    assert VIP not in left.addresses()
