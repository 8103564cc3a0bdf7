# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of `unicast_peer`: an address of a host, with bounds for the TTL of what it sends."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd.conf.grammar.entry import Ignored
from lvsd.conf.grammar.unicast_peer import PEER, read_peer, unicast, write_peer
from lvsd.model import UnicastPeer, VirtualRouter

from tests.support.language import refused

FOUR = ip_address("192.0.2.1")


@pytest.mark.parametrize(
    ("line", "peer"),
    [
        ("192.0.2.1", UnicastPeer(FOUR)),
        ("2001:db8::1", UnicastPeer(ip_address("2001:db8::1"))),
        ("192.0.2.1 min_ttl 0", UnicastPeer(FOUR, 0)),
        ("192.0.2.1 max_ttl 255", UnicastPeer(FOUR, None, 255)),
        ("192.0.2.1 min_ttl 254 max_ttl 254", UnicastPeer(FOUR, 254, 254)),
    ],
)
def test_a_peer_is_read_and_written(line: str, peer: UnicastPeer) -> None:
    assert read_peer(tuple(line.split())) == peer
    assert " ".join(write_peer(peer)) == line


def test_a_length_behind_the_address_is_left_out() -> None:
    assert read_peer(("192.0.2.1/24",)) == UnicastPeer(FOUR)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x", "ignored: 'x' is not an IP address"),
        ("0.0.0.0", "fatal: '0.0.0.0' is not the address of a host"),
        ("224.0.0.18", "fatal: '224.0.0.18' is not the address of a host"),
        ("255.255.255.255", "fatal: '255.255.255.255' is not the address of a host"),
        ("fe80::1%eth0", "fatal: 'fe80::1%eth0': an address is given without an interface here"),
        ("192.0.2.1 min_ttl 9 max_ttl 8", "fatal: min_ttl 9 is above max_ttl 8"),
        ("192.0.2.1 min_ttl 1x", "fatal: min_ttl '1x' is not a whole number from 0 to 255"),
    ],
)
def test_a_peer_that_is_refused(line: str, message: str) -> None:
    assert refused(read_peer, line) == message


@pytest.mark.parametrize(
    ("line", "left", "message"),
    [
        ("192.0.2.1 min_ttl 256", UnicastPeer(FOUR), "min_ttl '256' is outside 0 to 255"),
        ("192.0.2.1 max_ttl -1 min_ttl 3", UnicastPeer(FOUR, 3), "max_ttl '-1' is outside 0 to 255"),
        ("192.0.2.1 max_ttl 256", UnicastPeer(FOUR), "max_ttl '256' is outside 0 to 255"),
        ("192.0.2.1 ttl", UnicastPeer(FOUR), "'ttl' is not known here; known are min_ttl, max_ttl"),
    ],
)
def test_a_bound_that_is_refused_leaves_the_peer(line: str, left: UnicastPeer, message: str) -> None:
    with pytest.raises(Ignored) as error:
        read_peer(tuple(line.split()))
    assert (error.value.value, str(error.value)) == (left, message)


def test_the_words_of_a_line() -> None:
    assert [word.name for word in PEER] == ["address", "min_ttl", "max_ttl"]


def test_an_instance_with_peers_is_a_unicast_one() -> None:
    router = VirtualRouter(name="V", vrid=1)
    assert not unicast(router)
    assert unicast(VirtualRouter(name="V", vrid=1, unicast_peers=(UnicastPeer(FOUR),)))
