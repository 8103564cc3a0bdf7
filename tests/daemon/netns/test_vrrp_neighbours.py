# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others on the wire do to us: hand-overs, splits, pauses, noise."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest
from network import Network, always, eventually
from routers import Keepalived, Listener, Lvsd, counters, instance
from scenes import DOWN, SLACK, VIP, one, single, tells, told


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
def test_a_peer_without_a_route_is_told_once_a_minute(network: Network) -> None:
    """The other peer gets each advertisement in between."""
    words = ("unicast_src_ip 192.0.2.1", "unicast_peer {\n  192.0.2.2\n  203.0.113.5\n}")
    ours = Lvsd(single(network), one(255, *words))
    eventually(lambda: counters(ours.show()).get("send_err", 0) >= 3, within=5)
    assert counters(ours.show())["advert_sent"] >= 3
    assert ours.logged("VI_1: advertisement to 203.0.113.5 not sent: Network is unreachable") == 1


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
