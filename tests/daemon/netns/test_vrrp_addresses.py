# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses in the kernel: ours alone, as asked, and announced."""

from __future__ import annotations

import pytest
from network import Network, eventually
from routers import Listener, Lvsd, instance
from scenes import DOWN, SLACK, VIP, double, one, single


@pytest.mark.beside
def test_an_address_that_somebody_removes_comes_back(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    ours = Lvsd(left, one(255, "garp_master_delay 0"))
    ours.reaches("Active", within=SLACK)
    eventually(lambda: len(heard.gratuitous_arps(bytes([192, 0, 2, 100]))) == 5, within=SLACK)
    left.ip(f"addr del {VIP} dev eth0")
    eventually(lambda: VIP in left.addresses(), within=SLACK)
    eventually(lambda: len(heard.gratuitous_arps(bytes([192, 0, 2, 100]))) == 10, within=SLACK)
    assert ours.logged("another program has removed") == 1
    assert ours.state() == "Active"


@pytest.mark.beside
def test_an_instance_that_hands_over_takes_no_address_of_another_along(network: Network) -> None:
    """The first address of a network takes the others with it, unless the kernel promotes secondaries."""
    host = network.host("ours", eth0="lan")
    host.ip("addr add 10.0.0.1/24 dev eth0")
    setting = "echo 0 > /proc/sys/net/ipv4/conf/eth0/promote_secondaries"
    assert host.start("sh", "-c", setting, log=host.folder / "setting.log").wait(5) == 0
    text = instance("A", 1, 255, virtual_ipaddress="192.0.2.100/24")
    ours = Lvsd(host, text + instance("B", 2, 255, virtual_ipaddress="192.0.2.101/24"))
    ours.reaches("Active", "A", within=SLACK)
    ours.reaches("Active", "B", within=SLACK)
    assert ours.ask("failover", name="A")["released"] == ["A"]
    assert "192.0.2.101/24" in host.addresses()
    ours.configure(instance("B", 2, 255, virtual_ipaddress="192.0.2.101/24"))
    assert ours.ask("reload")["ok"]
    assert "192.0.2.101/24" in host.addresses()
    assert not ours.logged("another program has removed")


@pytest.mark.beside
def test_unicast_leaves_from_the_first_address_of_the_interface_whatever_the_peers(network: Network) -> None:
    """As keepalived; peers behind another interface: test_a_group_that_speaks_over_a_third_interface."""
    host = network.host("ours", eth0="lan")
    host.ip("addr add 192.0.2.1/24 dev eth0", "addr add 198.51.100.1/24 dev eth0")
    ours = Lvsd(host, one(100, "unicast_peer {\n  198.51.100.2\n}"))
    ours.reaches("Backup", within=SLACK)
    assert ours.show()["primary"] == "192.0.2.1"


@pytest.mark.beside
def test_only_addresses_of_the_configuration_are_touched(network: Network) -> None:
    host = single(network)
    host.ip(f"addr add {VIP} dev eth0", "addr add 192.0.2.50/24 dev eth0", "addr add 198.51.100.9/32 dev eth0")
    ours = Lvsd(host, one(100, vips=f"{VIP},198.51.100.1/32"))
    eventually(lambda: VIP not in host.addresses(), within=SLACK)  # a leftover, as far as we know
    assert {"192.0.2.1/24", "192.0.2.50/24", "198.51.100.9/32"} <= host.addresses()
    ours.reaches("Active", within=DOWN + SLACK)
    assert ours.stop() == 0
    assert not {VIP, "198.51.100.1/32"} & host.addresses()
    assert {"192.0.2.1/24", "192.0.2.50/24", "198.51.100.9/32"} <= host.addresses()


@pytest.mark.beside
def test_addresses_are_set_as_asked(network: Network) -> None:
    host = double(network, "ours", 1)
    text = instance(
        "VI_1", 51, 255,
        virtual_ipaddress="192.0.2.100/24 label eth0:vip brd +,172.16.0.100/24 dev eth1 scope link,192.0.2.7",
        virtual_ipaddress_excluded="2001:db8::9/128,192.0.2.200/32",
    )  # fmt: skip
    ours = Lvsd(host, text)
    ours.reaches("Active", within=SLACK)
    details = {a["local"]: a for a in (*host.address_details("eth0"), *host.address_details("eth1"))}
    assert details["192.0.2.100"]["label"] == "eth0:vip"
    assert details["192.0.2.100"]["broadcast"] == "192.0.2.255"
    assert details["172.16.0.100"]["scope"] == "link"
    assert details["192.0.2.7"]["prefixlen"] == 32
    assert details["192.0.2.200"]["prefixlen"] == 32
    assert details["2001:db8::9"]["deprecated"] is True
    assert "192.0.2.100/24 dev eth0" in ours.show()["addresses"]
    before = ours.logged("addresses:")
    assert ours.ask("reload")["ok"]  # what the kernel gives back is what was wanted
    assert ours.logged("addresses:") == before


@pytest.mark.beside
def test_announcements_keep_the_pace_that_was_asked_for(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    pace = "global_defs {\n  vrrp_garp_interval 0.2\n  vrrp_garp_master_repeat 2\n  vrrp_garp_master_delay 0\n}\n"
    Lvsd(left, pace + one(255, vips=f"{VIP},192.0.2.101/24"))

    def announced() -> list[float]:
        return sorted(when for last in (100, 101) for when in heard.gratuitous_arps(bytes([192, 0, 2, last])))

    eventually(lambda: len(announced()) == 4, within=3)
    assert announced()[-1] - announced()[0] > 0.55  # three pauses, the first of which may begin late


@pytest.mark.beside
def test_an_address_that_a_reload_removes_is_announced_no_more(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    pace = "global_defs {\n  vrrp_garp_interval 0.1\n  vrrp_garp_master_delay 0\n}\n"
    ours = Lvsd(left, pace + one(255, vips=f"{VIP},192.0.2.101/24"))

    def announced(last: int) -> int:
        return len(heard.gratuitous_arps(bytes([192, 0, 2, last])))

    eventually(lambda: announced(101) == 2, within=3)
    ours.configure(pace + one(255))
    assert ours.ask("reload")["ok"]
    removed = announced(101)
    eventually(lambda: announced(100) == 5, within=3)
    assert announced(101) <= removed + 1 < 5  # one may have been on its way


@pytest.mark.beside
def test_addresses_stay_at_the_stop_when_asked(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255), "--dont-release-vrrp")
    ours.reaches("Active", within=SLACK)
    assert ours.stop() == 0
    assert VIP in host.addresses()
    ours.start()
    ours.reaches("Active", within=SLACK)
    assert ours.logged("addresses:") == 1  # the second start found everything as it should be
