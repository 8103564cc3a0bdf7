# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that are discarded, in virtual time: counted by reason, said once in a burst."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import pytest
from lvsd.model import Authentication, GlobalDefs, VirtualAddress, VirtualRouter
from lvsd.vrrp.fsm import Backup
from lvsd.vrrp.inlet import BURST, Inlet
from lvsd.vrrp.instance import Instance
from lvsd.vrrp.packet import GROUP, Advertisement, encode
from lvsd.vrrp.receiving import Datagram
from lvsd.vrrp.sockets import Port

OWN, PEER, VIP = map(ip_address, ("192.0.2.2", "192.0.2.1", "192.0.2.100"))
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


@dataclass
class Clock:
    now: float = 1000.0


@dataclass
class Election:
    """Only what the inlet needs: the clock, and somebody who takes the events."""

    loop: Clock = field(default_factory=Clock)
    fed: list = field(default_factory=list)
    at: float = 0.0

    def feed(self, instance, event, why, at):
        self.fed.append(event)
        self.at = at


class Scene:
    def __init__(self):
        self.election = Election()
        self.said = []
        self.inlet = Inlet(self.election, lambda what, subject, message, **_: self.said.append(message))
        self.instance = Instance(VI, GlobalDefs(), None, 0.0)
        self.instance.assess({}, OWN)
        self.instance.state = Backup(2000.0, 1.0)
        self.inlet.by_port = {(PORT, 51): [self.instance]}

    def hear(self, datagram, at=None):
        self.election.loop.now = self.election.loop.now if at is None else 1000.0 + at
        self.inlet.hear(PORT, datagram)


@pytest.mark.parametrize(
    ("arrived", "counts"),
    [
        (None, 1000.0),
        (999.9995, 999.9995),
        (1000.0005, 1000.0005),  # while the socket was drained
        (999.0, 1000.0),  # we were held up: later ones may not have found room
        (1001.0, 1000.0),  # the clock was set
    ],
)
def test_a_timer_starts_anew_at_the_arrival(arrived, counts):
    scene = Scene()
    scene.hear(replace(GOOD, arrived=arrived))
    assert scene.election.at == counts


@every_reason
def test_a_burst_is_counted_and_said_once(reason):
    scene = Scene()
    for second in range(100):
        scene.hear(BAD[reason], at=second)
    assert scene.instance.counters == {reason: 100}
    assert len(scene.said) == 1
    assert scene.said[0].startswith("VI_1: discarded packet from 192.0.2.1: ")
    assert scene.election.fed == []


@every_reason
def test_good_packets_in_between_do_not_make_it_another_burst(reason):
    scene = Scene()
    for second in range(100):
        scene.hear(BAD[reason], at=second)
        scene.hear(GOOD)
    assert len(scene.said) == 1
    assert len(scene.election.fed) == 100


def test_a_minute_without_one_ends_the_burst():
    scene = Scene()
    for at, said in ((0, 1), (BURST, 1), (2 * BURST, 1), (3 * BURST + 0.1, 2), (3 * BURST + 1, 2)):
        scene.hear(BAD["ip_ttl_err"], at)
        assert len(scene.said) == said


def test_each_reason_is_a_burst_of_its_own():
    scene = Scene()
    for _ in range(3):
        for datagram in BAD.values():
            scene.hear(datagram)
    assert scene.instance.counters == dict.fromkeys(BAD, 3)
    assert len(scene.said) == len(BAD)


@pytest.mark.parametrize("length", range(8))
@pytest.mark.parametrize("vrid", [51, 52])
def test_truncated_anywhere(vrid, length):
    """To 0 or 1 byte it names nobody; from the second byte on it may be ours."""
    scene = Scene()
    scene.hear(replace(GOOD, payload=bytes([0x21, vrid, 150, 1, 1, 1, 0, 0])[:length]))
    ours = vrid == 51 and length > 1
    assert scene.instance.counters == ({"packet_len_err": 1} if ours else {})
    assert scene.inlet.counters == ({} if ours else {"packet_len_err": 1})
    assert len(scene.said) == ours


def test_whole_for_another_virtual_router():
    scene = Scene()
    scene.hear(Datagram(PEER, GROUP[4], 255, encode(replace(ADVERT, vrid=52), PEER, GROUP[4])))
    assert scene.inlet.counters == {"unknown_vrid": 1}
