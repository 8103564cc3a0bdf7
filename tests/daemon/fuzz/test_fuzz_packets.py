# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers and the kernel may send: packets, datagrams, netlink messages, under the eyes of their decoders."""

from __future__ import annotations

import struct
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest
from lvsd.kernel import ipvs_decode, ipvs_encode, netlink, rtnl_messages
from lvsd.kernel import uapi as numbers
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey
from lvsd.kernel.netlink import BadMessage, Request, attribute, string
from lvsd.kernel.rtnetlink import decode_events
from lvsd.kernel.rtnl_types import AddressKey, Assignment
from lvsd.vrrp import packet, sockets
from lvsd.vrrp.packet import Advertisement, BadPacket
from lvsd.vrrp.validate import Datagram, Expectation, Own, difference, differs, receive

from tests.daemon.fuzz.box import fuzz
from tests.daemon.fuzz.noise import either

FOUR = ip_address("192.0.2.1"), packet.GROUP[4]
SIX = ip_address("fe80::1"), packet.GROUP[6]
ADDRESSES = {4: (ip_address("192.0.2.100"), ip_address("192.0.2.101")), 6: (ip_address("2001:db8::1"),)}


def advertisements(source: Any, target: Any) -> list[bytes]:
    family = source.version
    found = []
    for version, password in ((2, None), (2, b"secret\0\0"), (3, None)):
        for count in (0, 1, len(ADDRESSES[family])):
            wanted = Advertisement(version, 51, 100, 1.0, ADDRESSES[family][:count], password)
            found.append(packet.encode(wanted, source, target))
    return found


def summed(message: bytes, source: Any, target: Any) -> bytes:
    """With a checksum that is right, so that what is behind it is looked at."""
    if len(message) < packet.HEADER.size:
        return message
    zero = message[:6] + b"\0\0" + message[8:]
    version = zero[0] >> 4
    before = packet.pseudo(source, target, len(zero), version == 3 or source.version == 6)
    return zero[:6] + packet.checksum(before + zero).to_bytes(2, "big") + zero[8:]


@pytest.mark.parametrize(("source", "target"), [FOUR, SIX], ids=["IPv4", "IPv6"])
def test_advertisements(source: Any, target: Any) -> None:
    samples = advertisements(source, target)

    def make(draw: Random) -> bytes:
        message = either(draw, samples, 256)
        return summed(message, source, target) if draw.random() < 0.7 else message

    def target_of(message: bytes) -> None:
        found = packet.decode(message, source, target)
        again = packet.decode(packet.encode(found, source, target), source, target)
        assert again == found

    fuzz(f"advertisement IPv{source.version}", make, target_of, (BadPacket,))


def expectation(version: int, unicast: bool, password: bytes | None) -> Expectation:
    virtual = ADDRESSES[4]
    packed = b"".join(address.packed for address in virtual)
    own = Own(frozenset({ip_address("198.51.100.7")}), frozenset({int(ip_address("192.0.2.255"))}))
    return Expectation(
        version, 1.0, unicast, password, (), unicast, virtual, packed, True, ip_address("192.0.2.9"), own
    )


def test_datagrams_of_the_raw_socket() -> None:
    """From the IPv4 header to the event of the state machine, as every kind of instance hears them."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0xC0, 40, 1, 0, 255, 112, 0, FOUR[0].packed, FOUR[1].packed)
    samples = [header + message for message in advertisements(*FOUR)]
    instances = [
        expectation(v, unicast, word)
        for v, word in ((2, None), (2, b"secret\0\0"), (3, None))
        for unicast in (False, True)
    ]

    def make(draw: Random) -> tuple[bytes, Expectation]:
        return either(draw, samples, 256), draw.choice(instances)

    def hear(given: tuple[bytes, Expectation]) -> None:
        datagram = sockets.ipv4(given[0], 0.0)
        if datagram is not None:
            _event, addresses = receive(datagram, given[1])
            assert differs(addresses, given[1]) == bool(difference(addresses, given[1]))

    fuzz("datagram", make, hear, (BadPacket,))


def test_datagrams_reach_a_router_that_lives_on() -> None:
    """All of the receiving side of a running router, in virtual time: nothing is raised, and it is still Backup."""
    from tests.daemon.simulation.run import World, plan

    world = World(plan(0), False)
    host = world.hosts[0]
    host.start()
    samples = advertisements(*FOUR)
    assert host.process is not None
    port = next(port for port in host.process.outlets.ports.values() if port.family == 4)

    def make(draw: Random) -> Datagram:
        message = either(draw, samples, 256)
        message = summed(message, *FOUR) if draw.random() < 0.7 else message
        return Datagram(FOUR[0], FOUR[1], draw.choice((255, 255, 255, 1)), message)

    inlet = host.process.router.rx
    fuzz("inlet", make, lambda datagram: inlet.hear(port, datagram))
    assert sum(inlet.counters.values()) + sum(host.process.instances[0].counters.values()) > 0


# --- the kernel ----------------------------------------------------------------------------------


def link() -> bytes:
    known = numbers.Ifla
    return struct.pack("=BxHiII", 0, 1, 3, 0x11043, 0) + b"".join(
        attribute(kind, value)
        for kind, value in (
            (known.IFNAME, string("eth0")),
            (known.MTU, struct.pack("=I", 1500)),
            (known.OPERSTATE, b"\6"),
            (known.CARRIER, b"\1"),
            (known.ADDRESS, bytes.fromhex("02000000000a")),
            (known.LINKINFO, attribute(1, string("macvlan"))),
        )
    )


def events() -> list[bytes]:
    keys = AddressKey(3, ADDRESSES[4][0], 24), AddressKey(3, ADDRESSES[6][0], 64)
    payloads = [(kind, link()) for kind in (numbers.RTM_NEWLINK, numbers.RTM_DELLINK)]
    payloads += [
        (kind, rtnl_messages.address_message(key, Assignment()))
        for kind in (numbers.RTM_NEWADDR, numbers.RTM_DELADDR)
        for key in keys
    ]
    return [netlink.encode(Request(kind, 0, payload), 0, 1) for kind, payload in payloads]


def test_events_of_the_kernel() -> None:
    samples = events()
    fuzz("events", lambda draw: either(draw, samples), decode_events, (BadMessage,))


def test_netlink_messages_and_their_acknowledgements() -> None:
    samples = [
        *events(),
        netlink.encode(Request(2, 0x200, struct.pack("=i", -22) + bytes(16) + attribute(1, b"no\0")), 0, 1),
    ]

    def read(data: bytes) -> None:
        for message in netlink.decode(data):
            netlink.attributes(message.payload)
            netlink.refusal(message)

    fuzz("netlink", lambda draw: either(draw, samples), read, (BadMessage,))


def test_answers_of_ipvs() -> None:
    key = ServiceKey.at(ip_address("192.0.2.10"), 80)
    head = ipvs_encode.destination_head(numbers.IpvsCmd.NEW_DEST, key)
    where = DestinationKey(key, ip_address("10.0.0.11"), 80)
    samples = [
        ipvs_encode.service_message(numbers.IpvsCmd.NEW_SERVICE, key, Service("wrr", persistence_timeout=300)),
        ipvs_encode.service_message(numbers.IpvsCmd.NEW_SERVICE, ServiceKey.marked(7, 6), Service("rr")),
        ipvs_encode.destination_message(head, where, Destination(weight=3)),
    ]
    readers = (
        ipvs_decode.decode_service,
        lambda payload: ipvs_decode.decode_destination(key, payload),
    )

    def make(draw: Random) -> tuple[Any, bytes]:
        return draw.choice(readers), either(draw, samples)

    fuzz("IPVS", make, lambda given: given[0](given[1]), (BadMessage,))
