# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that are discarded, in virtual time: counted by reason, said once a minute."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.model import Address, Authentication, GlobalDefs, VirtualAddress, VirtualRouter
from lvsd.rate_limit import PERIOD
from lvsd.vrrp.election import Election
from lvsd.vrrp.fsm import Active, Backup, Event
from lvsd.vrrp.instance import Instance, Todo
from lvsd.vrrp.packet import GROUP, Advertisement, encode
from lvsd.vrrp.pending import Pending
from lvsd.vrrp.rx import Receiver
from lvsd.vrrp.sockets import Port
from lvsd.vrrp.timers import ElectionTimers
from lvsd.vrrp.validate import Datagram, Own

from tests.daemon.simulation.clock import Clock, VirtualLoop

OWN, PEER, VIP = map(ip_address, ("192.0.2.2", "192.0.2.1", "192.0.2.100"))
OTHER_OWN, BROADCAST = map(ip_address, ("198.51.100.7", "192.0.2.255"))
PORT = Port(4, 2, "eth0", GROUP[4])
VI = VirtualRouter(
    name="VI_1", vrid=51, interface="eth0", addresses=(VirtualAddress(address=VIP, prefix_length=24),),
    authentication=Authentication("PASS", "secret12"),
)  # fmt: skip
ADVERT = Advertisement(2, 51, 150, 1.0, (VIP,), b"secret12")
GOOD = Datagram(PEER, GROUP[4], 255, encode(ADVERT, PEER, GROUP[4]))
BAD = {
    "packet_len_err": replace(GOOD, payload=GOOD.payload + bytes(100)),
    "chksum_err": replace(GOOD, payload=GOOD.payload[:6] + b"\x12\x34" + GOOD.payload[8:]),
    "ip_ttl_err": replace(GOOD, ttl=254),
    "auth_failure": replace(GOOD, payload=encode(replace(ADVERT, password=b"wrong"), PEER, GROUP[4])),
}
every_reason = pytest.mark.parametrize("reason", BAD)


class ListeningElection(Election):
    """Takes the events, and decides nothing."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(ElectionTimers(loop, lambda _: None, lambda _: None, lambda _: True), lambda: 0.0)
        self.fed: list[Event] = []
        self.at: float | None = None

    def feed(self, instance: Instance, event: Event, why: str, now: float, word: str = "") -> Todo:
        self.fed.append(event)
        self.at = now
        return []


class Scene:
    def __init__(self, router: VirtualRouter = VI) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, lambda: self.loop.turn(lambda: None))
        self.election = ListeningElection(self.loop)
        self.said: list[str] = []
        pending = Pending(self.loop, lambda effects: None)
        self.rx = Receiver(self.loop, self.election, pending, self.say)
        self.instance = Instance(router, GlobalDefs(), None, 0.0)
        self.instance.assess({}, {}, OWN, Own(frozenset({OTHER_OWN}), frozenset({int(BROADCAST)})))
        self.instance.state = Backup(2000.0, 1.0)
        self.rx.by_port = {(PORT, 51): [self.instance]}

    def say(self, what: str, subject: str, message: str, **_details: object) -> None:
        self.said.append(message)

    def hear(self, datagram: Datagram, at: float | None = None) -> None:
        if at is not None:
            self.clock.run(at)
        self.loop.turn(lambda: self.rx.hear(PORT, datagram))


def test_a_timer_starts_anew_at_the_arrival() -> None:
    scene = Scene()
    scene.hear(replace(GOOD, arrived=999.9995))
    assert scene.election.at == 999.9995


@every_reason
def test_a_burst_is_counted_and_said_once_a_minute(reason: str) -> None:
    scene = Scene()
    for second in range(100):
        scene.hear(BAD[reason], at=second)
        scene.hear(GOOD)  # good ones in between do not make it another burst
    assert scene.instance.counters[reason] == 100
    assert scene.said[0].startswith("VI_1: discarded packet from 192.0.2.1: ")
    assert scene.said[1:] == [f"VI_1: 59 more in the last minute, the last one: {scene.said[0][6:]}"]
    assert len(scene.election.fed) == 100


def test_a_minute_without_one_ends_the_burst() -> None:
    scene = Scene()
    for at, said in ((0, 1), (PERIOD + 0.1, 2), (PERIOD + 1, 2), (5 * PERIOD, 4)):
        scene.hear(BAD["ip_ttl_err"], at)
        assert len(scene.said) == said, at


NOT_UNICAST = ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.18", "239.1.1.1", "255.255.255.255", "192.0.2.255")


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        *((source, "invalid_src_err") for source in NOT_UNICAST),
        (str(OWN), "own_address_err"),
        ("198.51.100.7", "own_address_err"),
    ],
)
def test_a_source_that_no_other_host_can_have_is_discarded(named: str, reason: str) -> None:
    scene, source = Scene(), ip_address(named)
    scene.hear(Datagram(source, GROUP[4], 255, encode(replace(ADVERT, priority=254), source, GROUP[4])))
    assert scene.instance.counters == {reason: 1}
    assert scene.election.fed == []
    assert len(scene.said) == 1


@pytest.mark.parametrize("named", ["::", "::1", "ff02::12", "ff0e::1"])
def test_neither_is_one_of_ipv6(named: str) -> None:
    scene = Scene(
        replace(VI, authentication=None, addresses=(VirtualAddress(address=ip_address("fe80::100"), prefix_length=64),))
    )
    source, advert = ip_address(named), Advertisement(3, 51, 254, 1.0, (ip_address("fe80::100"),))
    scene.hear(Datagram(source, GROUP[6], 255, encode(advert, source, GROUP[6])))
    assert scene.instance.counters == {"invalid_src_err": 1}
    assert scene.election.fed == []


@pytest.mark.parametrize(("skip", "counted"), [(False, [0, 1, 2, 3]), (True, [0, 0, 1, 2])])
def test_skip_check_adv_addr_looks_at_the_list_of_another_router_only(skip: bool, counted: list[int]) -> None:
    """The same router: a list that was good stays good, and one that was not stays so."""
    scene = Scene(replace(VI, skip_check_adv_addr=skip))
    other, third = (ip_address("192.0.2.101"),), (ip_address("192.0.2.102"),)
    heard: list[tuple[Address, tuple[Address, ...]]] = [
        (PEER, (VIP,)),
        (PEER, other),
        (ip_address("192.0.2.7"), other),
        (ip_address("192.0.2.7"), third),
    ]
    found = []
    for source, addresses in heard:
        advert = encode(replace(ADVERT, addresses=addresses), source, GROUP[4])
        scene.hear(Datagram(source, GROUP[4], 255, advert))
        found.append(scene.instance.counters["addr_list_err"])
    assert found == counted


def test_lists_that_differ_each_time_are_counted_and_cut() -> None:
    scene = Scene()
    for number in range(300):
        other = tuple(ip_address(f"10.{number // 100}.{number % 100}.{k}") for k in range(250))
        scene.hear(Datagram(PEER, GROUP[4], 255, encode(replace(ADVERT, addresses=other), PEER, GROUP[4])))
    assert scene.instance.counters["addr_list_err"] == 300
    assert scene.said == [
        "VI_1: 192.0.2.1 advertises other addresses than ours: they have 10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3 and 246"
        " more; they lack 192.0.2.100"
    ]
    scene.clock.run(PERIOD)
    assert scene.said[1].startswith("VI_1: 299 more in the last minute, the last one: 192.0.2.1 advertises other")
    assert max(map(len, scene.said)) < 250


def test_one_list_that_differs_is_said_once() -> None:
    scene = Scene()
    other = replace(ADVERT, addresses=(OTHER_OWN,))
    for second in range(100):
        scene.hear(Datagram(PEER, GROUP[4], 255, encode(other, PEER, GROUP[4])), at=second)
    assert scene.instance.counters["addr_list_err"] == 100
    assert len(scene.said) == 1


def test_many_that_are_active_too_are_said_once_a_minute() -> None:
    scene = Scene()
    scene.instance.state = Active(2000.0)
    for number in range(1, 200):
        source = ip_address(f"198.51.100.{number}") if number != 7 else PEER
        scene.hear(Datagram(source, GROUP[4], 255, encode(replace(ADVERT, priority=50), source, GROUP[4])))
    scene.clock.run(3 * PERIOD)
    assert scene.said == [
        "VI_1: 198.51.100.1 is Active too, with priority 50; asserting ours",
        "VI_1: 198 more in the last minute, the last one: 198.51.100.199 is Active too, with priority 50; asserting"
        " ours",
    ]


def test_each_reason_is_a_burst_of_its_own() -> None:
    scene = Scene()
    for _ in range(3):
        for datagram in BAD.values():
            scene.hear(datagram)
    assert scene.instance.counters == dict.fromkeys(BAD, 3)
    assert len(scene.said) == len(BAD)


@pytest.mark.parametrize("length", range(8))
@pytest.mark.parametrize("vrid", [51, 52])
def test_truncated_anywhere(vrid: int, length: int) -> None:
    """To 0 or 1 byte it names nobody; from the second byte on it may be ours."""
    scene = Scene()
    scene.hear(replace(GOOD, payload=bytes([0x21, vrid, 150, 1, 1, 1, 0, 0])[:length]))
    ours = vrid == 51 and length > 1
    assert scene.instance.counters == ({"packet_len_err": 1} if ours else {})
    assert scene.rx.counters == ({} if ours else {"packet_len_err": 1})
    assert len(scene.said) == ours


def test_whole_for_another_virtual_router() -> None:
    scene = Scene()
    scene.hear(Datagram(PEER, GROUP[4], 255, encode(replace(ADVERT, vrid=52), PEER, GROUP[4])))
    assert scene.rx.counters == {"unknown_vrid": 1}
