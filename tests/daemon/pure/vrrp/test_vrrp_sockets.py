# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a raw socket gives and takes: headers, control messages, the age of a datagram, the limit of one wake-up."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address
from math import inf
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.vrrp import sockets
from lvsd.vrrp.packet import GROUP, TTL
from lvsd.vrrp.sockets import (
    IP_PKTINFO,
    MOST_PER_WAKE,
    SO_TIMESTAMPNS,
    WAITED,
    Port,
    VrrpSocket,
    age,
    arrival,
    forwards,
    ipv4,
    ipv6,
    parcel,
    source_towards,
)
from lvsd.vrrp.validate import Datagram

PEER, OWN, PEER6, OWN6 = map(ip_address, ("192.0.2.1", "192.0.2.2", "fe80::1", "2001:db8::2"))
STAMP = (socket.SOL_SOCKET, SO_TIMESTAMPNS)


def header(*, target: Any = OWN, options: bytes = b"", ttl: int = 255) -> bytes:
    return (
        pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0xC0, 0, 0, 0, ttl, 112, 0, PEER.packed, target.packed)
        + options
    )


def to6(target: Any = OWN6, hops: int = 255) -> list[tuple[int, int, bytes]]:
    return [
        (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, target.packed + pack("=I", 7)),
        (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, pack("=i", hops)),
    ]


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (header() + b"payload", Datagram(PEER, OWN, 255, b"payload", 1.0)),
        (header(ttl=1), Datagram(PEER, OWN, 1, b"", 1.0)),
        (header(options=bytes(8)) + b"payload", Datagram(PEER, OWN, 255, b"payload", 1.0)),
        (header()[:19], None),
        (b"", None),
    ],
    ids=["plain", "no payload", "with options", "too short for a header", "nothing"],
)
def test_an_ipv4_datagram_is_what_stands_behind_its_header(packet: bytes, expected: Datagram | None) -> None:
    assert ipv4(packet, 1.0) == expected


@given(st.binary(max_size=100))
def test_whatever_arrives_is_a_datagram_or_nothing(packet: bytes) -> None:
    assert (ipv4(packet, 0.0) is None) == (len(packet) < 20)


@pytest.mark.parametrize(
    ("control", "sender", "expected"),
    [
        (to6(), "fe80::1", Datagram(PEER6, OWN6, 255, b"x", 1.0)),
        (to6(), "fe80::1%eth0", Datagram(PEER6, OWN6, 255, b"x", 1.0)),
        (to6(hops=64)[::-1], "fe80::1", Datagram(PEER6, OWN6, 64, b"x", 1.0)),
        (to6()[:1], "fe80::1", Datagram(PEER6, OWN6, 0, b"x", 1.0)),
        (to6()[1:], "fe80::1", None),
        ([], "fe80::1", None),
    ],
    ids=["plain", "with a zone", "another order", "no hop limit", "no destination", "no control messages"],
)
def test_an_ipv6_datagram_is_put_together_from_control_messages(
    control: Any, sender: str, expected: Datagram | None
) -> None:
    assert ipv6(b"x", control, sender, 1.0) == expected


def test_the_age_of_a_datagram_is_that_of_its_stamp() -> None:
    taken = time.time_ns() - 100 * 10**9
    stamp = (*STAMP, pack("@ll", *divmod(taken, 10**9)))
    found = age([(1, 2, b"x"), stamp])
    assert 100 - 1e-3 <= found <= (time.time_ns() - taken) / 1e9 + 1e-3
    assert age([]) == 0.0
    assert age([(*STAMP, b"short")]) == 0.0
    assert age([(*STAMP, pack("@ll", int(time.time()) + 100, 0))]) < 0


@pytest.mark.parametrize(
    ("waited", "heard"),
    [
        (0.0, 50.0),
        (WAITED / 2, 50.0 - WAITED / 2),
        (WAITED, 50.0 - WAITED),
        (WAITED * 1.01, 50.0),
        (9.0, 50.0),
        (-9.0, 50.0),
    ],
    ids=["now", "a moment ago", "just in time", "just too old", "old", "the clock was set"],
)
def test_what_has_waited_too_long_counts_from_now(waited: float, heard: float) -> None:
    assert arrival(waited, 50.0) == heard


@pytest.mark.parametrize(
    ("index", "hop_limit", "ttl"), [(0, 255, 255), (3, None, TTL), (0, 64, 64)], ids=["unicast", "the usual", "a TTL"]
)
def test_an_ipv4_message_leaves_with_its_source_and_ttl(index: int, hop_limit: int | None, ttl: int) -> None:
    message, control, destination = parcel(b"m", OWN, PEER, index, hop_limit)
    assert (message, destination) == (b"m", ("192.0.2.1", 0))
    assert control == [
        (socket.IPPROTO_IP, IP_PKTINFO, pack("=I", index) + OWN.packed + bytes(4)),
        (socket.IPPROTO_IP, socket.IP_TTL, pack("=i", ttl)),
    ]


@pytest.mark.parametrize("hop_limit", [None, 255])
def test_an_ipv6_message_leaves_from_its_interface_with_its_source(hop_limit: int | None) -> None:
    message, control, destination = parcel(b"m", OWN6, GROUP[6], 3, hop_limit)
    assert (message, destination) == (b"m", (str(GROUP[6]), 0, 0, 3))
    limit = [(socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, pack("=i", 255))] if hop_limit else []
    assert control == [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, OWN6.packed + pack("=I", 3)), *limit]


class Paired(VrrpSocket):
    """The end of a socket pair in the place of a raw socket."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.read_until = inf
        self._socket, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.far.setblocking(False)


MULTICAST, UNICAST = Port(4, 2, "eth0", GROUP[4]), Port(4, 0, "", None)


@pytest.mark.parametrize(
    ("port", "target", "ours"),
    [
        (MULTICAST, GROUP[4], True),
        (MULTICAST, OWN, False),
        (MULTICAST, ip_address("224.0.0.19"), False),
        (UNICAST, OWN, True),
        (UNICAST, GROUP[4], False),
    ],
    ids=["its group", "unicast on a multicast socket", "another group", "unicast", "a group on a unicast socket"],
)
def test_each_socket_discards_what_is_the_other_s(port: Port, target: Any, ours: bool) -> None:
    paired = Paired(port)
    paired.far.send(header(target=target) + b"x")
    paired.far.send(b"short")
    assert [datagram.payload for datagram in paired.receive()] == [b"x"] * ours
    assert paired.read_until == inf
    paired.far.close()
    paired.close()


def test_a_flood_is_left_for_the_next_wake_up_and_what_was_read_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_PER_WAKE < 100_000
    monkeypatch.setattr(sockets, "MOST_PER_WAKE", 3)
    paired = Paired(UNICAST)
    for number in range(4):
        paired.far.send(header() + bytes([number]))
    before = time.monotonic()
    assert [datagram.payload[0] for datagram in paired.receive()] == [0, 1, 2]
    assert before <= paired.read_until <= time.monotonic()
    assert [datagram.payload[0] for datagram in paired.receive()] == [3]
    assert paired.read_until == inf
    paired.far.close()
    paired.close()


def test_the_source_towards_a_peer_is_what_the_routing_table_says() -> None:
    assert source_towards(ip_address("127.0.0.1")) == ip_address("127.0.0.1")
    assert source_towards(ip_address("255.255.255.255")) is None  # a broadcast address has no route for us


def test_a_host_forwards_as_its_setting_says() -> None:
    setting = Path("/proc/sys/net/ipv6/conf/lo/forwarding")
    assert forwards("lo") is (setting.exists() and setting.read_text() == "1\n")
    assert not forwards("no-such-interface")
