# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another configuration in place, while the instances go on."""

from __future__ import annotations

import itertools
import signal

import pytest
from network import Host, Network, eventually, lines
from routers import Keepalived, Listener, Lvsd, instance
from scenes import DOWN, SLACK, VIP, one, single, tells, told


def monitored(host: Host, address: str) -> None:
    """Wait until `ip monitor` has shown a change made now, and so everything before it."""

    def seen() -> bool:
        host.ip(f"addr replace {address} dev lo")
        return any(address in line for line in lines(host.folder / "monitor.log"))

    eventually(seen, within=5)


@pytest.mark.beside
def test_a_reload_adds_and_removes_addresses_in_place(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    ours = Lvsd(left, one(255))
    ours.reaches("Active", within=SLACK)
    since = ours.show()["since"]
    ours.configure(one(255, vips=f"{VIP},192.0.2.101/24"))
    assert ours.ask("reload")["changes"] == {"added": [], "deleted": [], "changed": ["VI_1"], "unchanged": []}
    assert {VIP, "192.0.2.101/24"} <= left.addresses()
    eventually(lambda: len(heard.gratuitous_arps(bytes([192, 0, 2, 101]))) == 5, within=SLACK)
    ours.configure(one(255, vips="192.0.2.101/24"))
    assert ours.ask("reload")["ok"]
    assert VIP not in left.addresses()
    assert "192.0.2.101/24" in left.addresses()
    assert ours.ask("reload")["changes"]["unchanged"] == ["VI_1"]
    assert ours.show()["since"] == since
    assert ours.show()["counters"]["become_master"] == 1


@pytest.mark.beside
def test_a_reload_moves_an_address_between_instances_without_losing_it(network: Network) -> None:
    host = single(network)

    def text(first: str, second: str) -> str:
        a = instance("A", 1, 255, virtual_ipaddress=first)
        return a + instance("B", 2, 255, virtual_ipaddress=second)

    ours = Lvsd(host, text("192.0.2.10/32,192.0.2.12/32", "192.0.2.11/32"))
    ours.reaches("Active", "A", within=SLACK)
    ours.reaches("Active", "B", within=SLACK)
    watch = host.start("ip", "monitor", "address", log=host.folder / "monitor.log")
    monitored(host, "198.51.100.1/32")
    ours.configure(text("192.0.2.10/32", "192.0.2.11/32,192.0.2.12/32"))
    assert ours.ask("reload")["ok"]
    ours.configure(text("192.0.2.10/32", "192.0.2.11/32,192.0.2.12/32").replace("vrrp_instance A", "vrrp_instance C"))
    assert ours.ask("reload")["ok"]
    assert ours.state("C") == "Active"
    monitored(host, "198.51.100.2/32")
    assert watch.poll() is None
    assert not any("Deleted" in line for line in lines(host.folder / "monitor.log"))
    assert {"192.0.2.10/32", "192.0.2.11/32", "192.0.2.12/32"} <= host.addresses()


@pytest.mark.beside
def test_a_bad_configuration_is_refused_and_nothing_changes(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    before = ours.ask("show")["instances"][0]
    ours.configure("vrrp_instance VI_1 {\n  interfase eth0\n")
    answer = ours.ask("reload")
    assert answer["ok"] is False
    assert "vrrp.conf:" in answer["error"]
    after = ours.ask("show")["instances"][0]
    for key in ("state", "since", "addresses", "priority", "vrid"):
        assert before[key] == after[key]
    assert VIP in host.addresses()
    ours.process.send_signal(1)
    eventually(lambda: ours.logged("reload refused") >= 2, within=SLACK)
    assert ours.state() == "Active"


@pytest.mark.beside
def test_a_deleted_instance_hands_over(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    script = tells(left)
    other = instance("VI_2", 52, 255, virtual_ipaddress="192.0.2.102/24")
    ours = Lvsd(left, one(150, f"notify {script}") + other)
    theirs = Keepalived(right, one(100))
    ours.reaches("Active", within=DOWN + SLACK)
    ours.configure(other)
    assert ours.ask("reload")["changes"] == {"added": [], "deleted": ["VI_1"], "changed": [], "unchanged": ["VI_2"]}
    theirs.reaches("MASTER", within=SLACK)
    assert VIP not in left.addresses()
    assert "192.0.2.102/24" in left.addresses()
    eventually(lambda: told(left)[-1:] == ["INSTANCE VI_1 DELETED 150"], within=SLACK)


@pytest.mark.beside
def test_a_reload_changes_priority_and_interval_in_place(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, one(150, "version 3"))
    theirs = Keepalived(right, one(100, "version 3"))
    ours.reaches("Active", within=DOWN + SLACK)
    since = ours.show()["since"]
    ours.configure(one(160, "version 3").replace("advert_int 1", "advert_int 0.1"))
    ours.process.send_signal(1)
    eventually(lambda: ours.show()["effective_priority"] == 160, within=SLACK)
    sent = ours.show()["counters"]["advert_sent"]
    eventually(lambda: ours.show()["counters"]["advert_sent"] > sent + 10, within=3)
    assert ours.show()["since"] == since
    ours.configure(one(50, "version 3"))
    ours.ask("reload")
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours.reaches("Backup", within=SLACK)


@pytest.mark.beside
def test_a_long_reload_does_not_hold_up_the_advertisements(network: Network) -> None:
    """The reading of a large configuration takes longer than the peer's patience."""
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(right)
    fast = one(255, "version 3").replace("advert_int 1", "advert_int 0.2")
    many = "".join(
        instance(f"V{n}", n, 10, "version 3", f"mcast_dst_ip 224.0.1.{n}", virtual_ipaddress=f"10.0.0.{n}/32")
        for n in range(1, 200)
    )
    ours = Lvsd(left, f"global_defs {{\n  vrrp_rt_priority 50\n}}\n{fast}{many}")
    ours.reaches("Active", within=SLACK)
    before = len(heard.advertisements())
    own: list[float] = []
    for _ in range(100):  # one reload after the other, until enough was heard meanwhile
        assert len(ours.ask("reload")["changes"]["unchanged"]) == 200
        own = [when for when, packet in heard.advertisements()[before:] if packet[21] == 51]
        if len(own) > 6:
            break
    assert len(own) > 6
    gaps = [later - earlier for earlier, later in itertools.pairwise(own)]
    assert max(gaps) < 0.6  # three intervals: a peer would have taken over


@pytest.mark.beside
def test_requests_for_a_reload_wait_for_a_reading_that_is_theirs(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    ours.process.send_signal(signal.SIGHUP)
    ours.configure(one(255, vips="192.0.2.77/24"))
    assert ours.ask("reload")["ok"]
    assert "192.0.2.77/24" in host.addresses()
    ours.config.unlink()
    assert "No such file" in ours.ask("reload")["error"]
    assert ours.state() == "Active"
