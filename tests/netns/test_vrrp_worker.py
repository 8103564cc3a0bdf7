# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one worker does on its host: sync groups, faults, hand-over, reload, addresses, scripts."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from network import Host, Network, always, eventually, ip, lines
from routers import RUNTIME, Keepalived, Listener, Lvsd, instance

DOWN = 3 + 156 / 256  # Active_Down_Interval of priority 100 at one second
SLACK = 1.5
VIP = "192.0.2.100/24"


def single(network: Network, name: str = "ours", number: int = 1) -> Host:
    host = network.host(name, eth0="lan")
    host.ip(f"addr add 192.0.2.{number}/24 dev eth0")
    return host


def double(network: Network, name: str, number: int) -> Host:
    host = network.host(name, eth0="lan", eth1="back")
    host.ip(f"addr add 192.0.2.{number}/24 dev eth0", f"addr add 10.0.0.{number}/24 dev eth1")
    return host


def one(priority: int = 100, *words: str, vips: str = VIP) -> str:
    return instance("VI_1", 51, priority, *words, virtual_ipaddress=vips)


def group(priority: int, *words: str) -> str:
    front = instance("front", 51, priority, "interface eth0", *words, virtual_ipaddress=VIP)
    back = instance("back", 52, priority, "interface eth1", *words, virtual_ipaddress="10.0.0.100/24")
    return f"vrrp_sync_group VG {{\n  group {{\n    front\n    back\n  }}\n}}\n{front}{back}"


def tells(folder: Host) -> str:
    """A notify script that appends its arguments to a file."""
    script = folder.folder / "notify.sh"
    script.write_text(f'#!/bin/sh\nsleep 0.05\necho "$@" >> {folder.folder}/told\n')
    script.chmod(0o755)
    return str(script)


def told(host: Host) -> list[str]:
    return list(lines(host.folder / "told"))


def monitored(host: Host, address: str) -> None:
    """Wait until `ip monitor` has shown a change made now, and so everything before it."""

    def seen() -> bool:
        host.ip(f"addr replace {address} dev lo")
        return any(address in line for line in lines(host.folder / "monitor.log"))

    eventually(seen, within=5)


# --- sync groups --------------------------------------------------------------------------------


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


@pytest.mark.beside
def test_unicast_and_multicast_with_the_same_vrid_do_not_mix(network: Network) -> None:
    def text(mine: int, peer: int, priority: int) -> str:
        unicast = (f"unicast_src_ip 192.0.2.{mine}", f"unicast_peer {{\n  192.0.2.{peer}\n}}")
        one_by_one = instance("U", 51, priority, *unicast, virtual_ipaddress="192.0.2.101/24")
        return one(priority) + one_by_one

    left, right = single(network), single(network, "theirs", 2)
    ours, theirs = Lvsd(left, text(1, 2, 100)), Lvsd(right, text(2, 1, 255))
    for name in ("VI_1", "U"):
        theirs.reaches("Active", name, within=SLACK)
    both = ("VI_1", "U")
    eventually(lambda: all(ours.show(name)["counters"].get("advert_rcvd", 0) >= 3 for name in both), within=5)
    for name in both:
        assert set(ours.show(name)["counters"]) == {"advert_rcvd"}
    assert ours.ask("show")["counters"] == {}


@pytest.mark.beside
@pytest.mark.parametrize("priority", [150, 100])
def test_a_split_heals(network: Network, priority: int) -> None:
    """Both are Active while they cannot hear each other; afterwards the better one is, and says where it lives."""
    left, right = single(network), single(network, "theirs", 2)
    heard = Listener(left)
    for host in (left, right):
        network.part(host, "eth0", apart=True)
    words = (f'notify_master_rx_lower_pri "{tells(left)} lower"', "garp_master_delay 0", "version 3")
    ours = Lvsd(left, one(priority, *words).replace("advert_int 1", "advert_int 2"))
    theirs = Keepalived(right, one(125, "version 3").replace("advert_int 1", "advert_int 0.2"))
    ours.reaches("Active", within=2 * DOWN + SLACK)
    theirs.reaches("MASTER", within=DOWN + SLACK)
    eventually(lambda: ours.show()["timer"] > 1.5, within=3)  # they will be heard before we speak again
    announced = len(heard.gratuitous_arps(bytes([192, 0, 2, 100])))
    for host in (left, right):
        network.part(host, "eth0", apart=False)
    if priority < 125:
        ours.reaches("Backup", within=1 + SLACK)
        eventually(lambda: VIP not in left.addresses(), within=SLACK)
        assert theirs.last() == "MASTER"
        return
    theirs.reaches("BACKUP", within=1 + SLACK)
    eventually(lambda: "lower" in told(left), within=SLACK)
    assert ours.state() == "Active"
    assert ours.logged("192.0.2.2 is Active too, with priority 125; asserting ours") == 1
    eventually(lambda: len(heard.gratuitous_arps(bytes([192, 0, 2, 100]))) >= announced + 5, within=SLACK)


# --- faults -------------------------------------------------------------------------------------


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


# --- the operator -------------------------------------------------------------------------------


@pytest.mark.beside
def test_a_planned_hand_over_stays_where_it_went(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, one(150))
    theirs = Keepalived(right, one(100))
    ours.reaches("Active", within=DOWN + SLACK)
    assert ours.ask("failover", name="VI_1")["released"] == ["VI_1"]
    theirs.reaches("MASTER", within=SLACK)
    eventually(lambda: VIP in right.addresses() and VIP not in left.addresses(), within=SLACK)
    always(lambda: ours.state() == "Backup" and theirs.last() == "MASTER", during=DOWN + 1)
    assert ours.show()["yielding"] is True
    refused = ours.ask("failover")
    assert refused["ok"] is False
    assert refused["error"] == "nothing is Active here"
    assert "no instance" in ours.ask("failover", name="VI_9")["error"]
    theirs.crash()
    ours.reaches("Active", within=DOWN + SLACK)
    assert ours.show()["yielding"] is False


@pytest.mark.beside
def test_a_hand_over_that_nobody_takes_comes_back(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(100))
    ours.reaches("Active", within=DOWN + SLACK)
    ours.ask("failover")
    assert ours.state() == "Backup"
    assert VIP not in host.addresses()
    ours.reaches("Active", within=DOWN + SLACK)
    assert VIP in host.addresses()


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


# --- addresses ----------------------------------------------------------------------------------


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
    assert ours.logged("was removed by somebody else, put back") == 1
    assert ours.state() == "Active"


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


# --- scripts ------------------------------------------------------------------------------------


@pytest.mark.beside
def test_scripts_are_told_in_order(network: Network) -> None:
    host = double(network, "ours", 1)
    script = tells(host)
    text = group(255, f"notify {script}").replace(
        "vrrp_sync_group VG {", f'vrrp_sync_group VG {{\n  notify {script}\n  notify_master "{script} group is master"'
    )
    ours = Lvsd(host, text)
    ours.reaches("Active", "back", within=SLACK)
    host.ip("link set eth1 down")
    ours.reaches("Initialize", "front", within=SLACK)
    host.ip("link set eth1 up")
    ours.reaches("Active", "front", within=SLACK)
    began = time.monotonic()
    ours.stop()
    assert time.monotonic() - began < 1.5
    said = told(host)
    for name in ("front", "back"):
        words = [line.split()[2] for line in said if line.startswith(f"INSTANCE {name} ")]
        assert words == ["MASTER", "FAULT", "MASTER", "STOP"]
    assert [line.split()[2] for line in said if line.startswith("GROUP VG ")] == ["MASTER", "FAULT", "MASTER", "STOP"]
    assert all(line.endswith(" 0") for line in said if line.startswith("GROUP"))
    assert said.count("group is master") == 2
    assert ours.logged("exit code 0") == len(said)


@pytest.mark.beside
def test_the_control_socket_tells_everything(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.reaches("Active", within=SLACK)
    shown = ours.show()
    told = {
        "state": "Active", "vrid": 51, "interface": "eth0", "family": 4, "version": 2, "priority": 255,
        "faults": [], "group": None,
    }  # fmt: skip
    assert {key: shown[key] for key in told} == told
    messages = [e["message"] for e in ours.ask("events")["events"] if e["what"] == "state"]
    assert messages == ["VI_1: Initialize -> Active (startup)"]
    assert ours.logged("VI_1: Initialize -> Active (startup)") == 1


@pytest.mark.beside
def test_a_script_that_hangs_does_not_hold_up_the_stop(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255, 'notify_stop "/bin/sleep 3"'))
    ours.reaches("Active", within=SLACK)
    began = time.monotonic()
    assert ours.stop() == 0
    assert time.monotonic() - began < 2
    assert VIP not in host.addresses()


# --- the process --------------------------------------------------------------------------------


@pytest.mark.beside
def test_a_router_that_was_paused_hears_before_it_concludes(network: Network) -> None:
    """Eight seconds without the processor: what arrived meanwhile counts."""
    left, right = single(network), single(network, "theirs", 2)
    theirs = Keepalived(right, one(150))
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours = Lvsd(left, one(100))
    eventually(lambda: ours.show()["active_router"] == "192.0.2.2", within=SLACK)
    ours.process.send_signal(signal.SIGSTOP)
    time.sleep(8)  # the length of the pause is the subject of the test
    ours.process.send_signal(signal.SIGCONT)
    always(lambda: ours.state() == "Backup", during=1)
    assert ours.show()["counters"].get("become_master", 0) == 0


@pytest.mark.beside
def test_noise_is_counted_and_harms_nothing(network: Network) -> None:
    left, right = single(network), single(network, "theirs", 2)
    ours = Lvsd(left, one(255, "version 3"))
    ours.reaches("Active", within=SLACK)
    noise = Path(__file__).with_name("noise.py")
    sender = right.start(sys.executable, str(noise), "eth0", "51", "300", log=right.folder / "noise.log")
    assert sender.wait(20) == 0, (right.folder / "noise.log").read_text()
    refused = {"packet_len_err", "version_err", "invalid_type_rcvd", "chksum_err", "ip_ttl_err"}
    eventually(lambda: refused <= set(ours.show()["counters"]), within=SLACK)
    shown = ours.show()
    assert shown["state"] == "Active"
    assert sum(shown["counters"].get(name, 0) for name in refused) >= 250
    assert ours.logged("discarded packet") <= 2 * len(refused)
    assert ours.ask("show")["counters"]["unknown_vrid"] >= 1


@pytest.mark.beside
def test_real_time_priority_and_locked_memory_when_asked(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, f"global_defs {{\n  vrrp_rt_priority 50\n  vrrp_no_swap\n}}\n{one(255, f'notify {tells(host)}')}")
    ours.reaches("Active", within=SLACK)
    assert os.sched_getscheduler(ours.process.pid) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR
    assert os.sched_getparam(ours.process.pid).sched_priority == 50
    status = Path(f"/proc/{ours.process.pid}/status").read_text()
    assert int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmLck"))) > 1000


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


@pytest.mark.beside
def test_a_wrong_configuration_ends_the_start_with_its_exit_code(network: Network) -> None:
    host = single(network)
    ours = Lvsd(host, one(255))
    ours.stop()
    ours.configure("vrrp_instance VI_1 {\n  interfase eth0\n}\n")
    words = ("-m", "lvsd", "--worker", "vrrp", "--use-file", str(ours.config), "--runtime-dir", str(host.folder))
    for expected, change in ((5, lambda: None), (4, ours.config.unlink)):
        change()
        process = host.start(sys.executable, *words, log=host.folder / "refused.log", PYTHONPATH=str(RUNTIME))
        assert process.wait(10) == expected
