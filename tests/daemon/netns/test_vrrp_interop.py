# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""lvsd and keepalived elect, hand over and fail over with each other, in every transport and in both roles.

keepalived is the host's, and the newer ones that come as packages: `tests.support.keepalived`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from network import Host, Network, eventually
from routers import Keepalived, Listener, Lvsd, instance

from tests.support.keepalived import SUITES

OURS, THEIRS = "ours", "theirs"
PASS = ("authentication {", "  auth_type PASS", "  auth_pass secret12", "}")

# RFC 9568 §6.1 at one second: three intervals and Skew_Time of 100 or 150; a released address after Skew_Time alone
SKEW = 156 / 256
DOWN = 3 + SKEW
SLACK = 1.5  # seconds for the start of a process and a busy machine


@dataclass(frozen=True)
class Transport:
    name: str
    version: int
    words: tuple[str, ...] = ()
    unicast: bool = False
    addresses: tuple[str, ...] = ("192.0.2.100/24",)

    def text(self, host: Host, priority: int) -> str:
        words = [f"version {self.version}", *self.words]
        blocks = {}
        if self.unicast:
            hosts = HOSTS6 if self.addresses == IPV6 else HOSTS
            words.append(f"unicast_src_ip {hosts[host.name]}")
            blocks["unicast_peer"] = next(address for name, address in hosts.items() if name != host.name)
        return instance("VI_1", 51, priority, *words, virtual_ipaddress=",".join(self.addresses), **blocks)


HOSTS = {OURS: "192.0.2.1", THEIRS: "192.0.2.2"}
HOSTS6 = {OURS: "2001:db8::1", THEIRS: "2001:db8::2"}
IPV6 = ("fe80::100/64", "2001:db8::100/64")
TRANSPORTS = [
    Transport("v2-multicast-PASS", 2, PASS),
    Transport("v3-multicast", 3),
    Transport("v3-unicast", 3, unicast=True),
    Transport("v3-ipv6", 3, addresses=IPV6),
    Transport("v3-ipv6-unicast", 3, unicast=True, addresses=IPV6),
]
transports = pytest.mark.parametrize("transport", TRANSPORTS, ids=lambda t: t.name)
suites = pytest.mark.parametrize("suite", SUITES)


def pair(network: Network) -> tuple[Host, Host]:
    hosts = [network.host(name, eth0="lan") for name in (OURS, THEIRS)]
    for host in hosts:
        host.ip(f"addr add {HOSTS[host.name]}/24 dev eth0", f"addr add {HOSTS6[host.name]}/64 dev eth0")
    return hosts[0], hosts[1]


def holds(host: Host, transport: Transport) -> bool:
    return set(transport.addresses) <= host.addresses()


def free(host: Host, transport: Transport) -> bool:
    return not set(transport.addresses) & host.addresses()


@pytest.mark.beside
@suites
@transports
def test_we_are_better(network: Network, transport: Transport, suite: str) -> None:
    left, right = pair(network)
    theirs = Keepalived(right, transport.text(right, 100), suite)
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours = Lvsd(left, transport.text(left, 150))

    ours.reaches("Active", within=DOWN + SLACK)  # we preempt
    theirs.reaches("BACKUP", within=SLACK)
    eventually(lambda: holds(left, transport) and free(right, transport), within=SLACK)

    assert ours.stop() == 0  # we hand over: priority 0
    assert free(left, transport)
    theirs.reaches("MASTER", within=SKEW + SLACK)
    eventually(lambda: holds(right, transport), within=SLACK)

    ours.start()  # we come back
    ours.reaches("Active", within=DOWN + SLACK)
    theirs.reaches("BACKUP", within=SLACK)

    ours.crash()  # we fail, and leave the addresses behind
    theirs.reaches("MASTER", within=DOWN + SLACK)
    eventually(lambda: holds(right, transport), within=SLACK)
    assert holds(left, transport)

    ours.start()  # what was left behind goes at once
    eventually(lambda: free(left, transport) or ours.state() == "Active", within=SLACK)
    ours.reaches("Active", within=DOWN + SLACK)
    theirs.reaches("BACKUP", within=SLACK)
    eventually(lambda: holds(left, transport) and free(right, transport), within=SLACK)


@pytest.mark.beside
@suites
@transports
def test_they_are_better(network: Network, transport: Transport, suite: str) -> None:
    left, right = pair(network)
    ours = Lvsd(left, transport.text(left, 100))
    ours.reaches("Active", within=DOWN + SLACK)
    theirs = Keepalived(right, transport.text(right, 150), suite)

    theirs.reaches("MASTER", within=DOWN + SLACK)  # they preempt
    ours.reaches("Backup", within=SLACK)
    eventually(lambda: holds(right, transport) and free(left, transport), within=SLACK)
    assert ours.show()["active_router"] is not None

    theirs.stop()  # they hand over
    ours.reaches("Active", within=SKEW + SLACK)
    eventually(lambda: holds(left, transport), within=SLACK)

    theirs.start()
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours.reaches("Backup", within=SLACK)

    theirs.crash()
    ours.reaches("Active", within=DOWN + SLACK)
    eventually(lambda: holds(left, transport), within=SLACK)
    shown = ours.show()
    assert shown["counters"]["become_master"] == 3
    assert shown["counters"]["pri_zero_rcvd"] == 1
    assert set(shown["counters"]) <= {
        "advert_rcvd", "advert_sent", "become_master", "release_master", "pri_zero_rcvd",
    }  # fmt: skip


@pytest.mark.beside
@suites
@transports
def test_keepalived_finds_nothing_wrong_with_our_packets(network: Network, transport: Transport, suite: str) -> None:
    left, right = pair(network)
    ours = Lvsd(left, transport.text(left, 150))
    theirs = Keepalived(right, transport.text(right, 100), suite)
    theirs.reaches("BACKUP", within=SLACK)
    ours.reaches("Active", within=DOWN + SLACK)
    eventually(lambda: ours.show()["counters"]["advert_sent"] >= 5, within=8)
    assert theirs.last() == "BACKUP"
    assert theirs.entered("MASTER") == 0
    complaints = [line for line in theirs.log.read_text().splitlines() if "VI_1" in line and "rror" in line]
    assert complaints == []


@pytest.mark.beside
def test_take_over_on_the_wire(network: Network) -> None:
    """Packets as keepalived's golden vectors, the first announcement right after the first advertisement."""
    left, right = pair(network)
    heard = Listener(right)
    ours = Lvsd(left, Transport("", 2, PASS, addresses=("192.0.2.100/24", "192.0.2.101/24")).text(left, 255))
    ours.reaches("Active", within=SLACK)
    vip = bytes([192, 0, 2, 100])
    eventually(lambda: len(heard.gratuitous_arps(vip)) >= 5, within=2)
    first, packet = heard.advertisements()[0]
    assert packet[0] == 0x45
    assert packet[1] == 0xC0  # precedence
    assert packet[8] == 255  # TTL
    assert packet[6:8] == b"\0\0"  # not fragmented, DF clear
    assert packet[12:20] == bytes([192, 0, 2, 1, 224, 0, 0, 18])
    assert packet[20:].hex(" ").startswith("21 33 ff 02 01 01")
    assert packet[-8:] == b"secret12"
    announced = heard.gratuitous_arps(vip)
    other = heard.gratuitous_arps(bytes([192, 0, 2, 101]))
    assert first < announced[0] < first + 0.1
    assert other[0] < announced[1]  # every address once, before any is repeated
    eventually(lambda: len(heard.gratuitous_arps(vip)) >= 10, within=7)
    again = heard.gratuitous_arps(vip)
    assert 4.9 < again[5] - again[0] < 5.5


@pytest.mark.beside
def test_neighbor_advertisements_on_the_wire(network: Network) -> None:
    left, right = pair(network)
    heard = Listener(right)
    transport = Transport("", 3, addresses=IPV6)
    ours = Lvsd(left, transport.text(left, 255))
    ours.reaches("Active", within=SLACK)
    vip = bytes.fromhex("20010db8000000000000000000000100")
    eventually(lambda: len(heard.neighbor_advertisements(vip)) >= 5, within=2)
    details = {a["local"]: a for a in left.address_details()}
    assert details["2001:db8::100"].get("nodad")
    assert "tentative" not in details["2001:db8::100"]


@pytest.mark.beside
@suites
def test_without_preempt_a_better_router_waits(network: Network, suite: str) -> None:
    left, right = pair(network)
    theirs = Keepalived(right, TRANSPORTS[0].text(right, 100), suite)
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours = Lvsd(left, Transport("", 2, (*PASS, "nopreempt")).text(left, 150))
    eventually(lambda: ours.show()["counters"].get("advert_rcvd", 0) >= 5, within=8)
    assert ours.state() == "Backup"
    assert theirs.last() == "MASTER"
    theirs.crash()
    ours.reaches("Active", within=DOWN + SLACK)


@pytest.mark.beside
@suites
def test_a_preempt_delay_is_waited_for(network: Network, suite: str) -> None:
    left, right = pair(network)
    theirs = Keepalived(right, TRANSPORTS[1].text(right, 100), suite)
    theirs.reaches("MASTER", within=DOWN + SLACK)
    ours = Lvsd(left, Transport("", 3, ("preempt_delay 4",)).text(left, 150))
    ours.reaches("Active", within=4 + DOWN + SLACK)
    first = next(e["time"] for e in ours.ask("events")["events"] if "-> Backup" in e["message"])
    taken = next(e["time"] for e in ours.ask("events")["events"] if "-> Active" in e["message"])
    assert taken - first > 4 + 2  # the delay, and most of an Active_Down_Interval
    theirs.reaches("BACKUP", within=SLACK)


@pytest.mark.beside
@suites
def test_other_intervals_are_learned_in_version_3(network: Network, suite: str) -> None:
    left, right = pair(network)
    Keepalived(right, TRANSPORTS[1].text(right, 150).replace("advert_int 1", "advert_int 2"), suite)
    ours = Lvsd(left, TRANSPORTS[1].text(left, 100))
    eventually(lambda: ours.show()["active_router"] == HOSTS[THEIRS], within=8)
    ours.reaches("Backup", within=1)
    assert 2 * 2 < ours.show()["timer"] <= 2 * DOWN


@pytest.mark.beside
def test_a_wrong_password_is_counted_and_said_once(network: Network) -> None:
    left, right = pair(network)
    theirs = Keepalived(right, TRANSPORTS[0].text(right, 150).replace("secret12", "other"))
    # keepalived 2.2.7 puts off its own advertisement whenever it hears one that it discards: we listen for a while
    patient = Transport("", 2, (*PASS, "down_timer_adverts 20"))
    ours = Lvsd(left, patient.text(left, 100))
    theirs.reaches("MASTER", within=DOWN + SLACK)
    eventually(lambda: ours.show()["counters"].get("auth_failure", 0) >= 3, within=6)
    assert ours.state() == "Backup"
    assert ours.logged("wrong password") == 1
    assert ours.logged("secret12") == 0
