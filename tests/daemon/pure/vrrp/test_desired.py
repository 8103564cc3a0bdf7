# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Active instances to addresses."""

from dataclasses import replace
from ipaddress import IPv4Address, ip_address

import pytest
from lvsd.kernel.rtnl_types import FOREVER, AddressFlags, AddressKey, Assignment, Link, LinkFlags, Scope
from lvsd.model import GlobalDefs, UnicastPeer, VirtualAddress, VirtualRouter
from lvsd.reconcile import changes
from lvsd.vrrp.desired import ALMOST_FOREVER, assignment, desired, table_of, text

DEFS = GlobalDefs()
LINKS = {"eth0": Link(2, "eth0", LinkFlags.UP), "eth1": Link(3, "eth1", LinkFlags.UP)}


def vip(address, prefix_length=24, **words):
    return VirtualAddress(address=ip_address(address), prefix_length=prefix_length, **words)


def key(index, address, prefix_length=24):
    return AddressKey(index, ip_address(address), prefix_length)


VI = VirtualRouter(
    name="VI_1", vrid=51, interface="eth0", addresses=(vip("192.0.2.100"), vip("10.0.0.1", dev="eth1")),
    excluded_addresses=(vip("192.0.2.200", 32),),
)  # fmt: skip


def test_addresses_go_to_their_interface_in_order():
    assert list(table_of(VI, DEFS, LINKS)) == [key(2, "192.0.2.100"), key(3, "10.0.0.1"), key(2, "192.0.2.200", 32)]


def test_an_interface_that_does_not_exist_gets_none():
    assert list(table_of(VI, DEFS, {"eth0": LINKS["eth0"]})) == [key(2, "192.0.2.100"), key(2, "192.0.2.200", 32)]


def test_only_active_instances_have_addresses():
    other = replace(VI, addresses=(vip("192.0.2.100"), vip("192.0.2.7")), excluded_addresses=())
    assert desired([], DEFS, LINKS) == {}
    assert set(desired([VI, other], DEFS, LINKS)) == {*table_of(VI, DEFS, LINKS), key(2, "192.0.2.7")}


def test_an_address_that_moves_between_active_instances_does_not_change():
    a, b = replace(VI, addresses=(vip("192.0.2.7"),)), replace(VI, addresses=(), excluded_addresses=())
    before = desired([a, b], DEFS, LINKS)
    after = desired(
        [replace(b, excluded_addresses=a.excluded_addresses), replace(b, addresses=a.addresses)], DEFS, LINKS
    )
    assert not changes(before, after)


@pytest.mark.parametrize(("address", "expected"), [
    (vip("192.0.2.1"), Assignment()),
    (vip("192.0.2.1", label="eth0:1"), Assignment(label="eth0:1")),
    (vip("192.0.2.1", scope="link"), Assignment(scope=Scope.LINK)),
    (vip("192.0.2.1", scope="17"), Assignment(scope=17)),
    (vip("192.0.2.1", broadcast="+"), Assignment(broadcast=IPv4Address("192.0.2.255"))),
    (vip("192.0.2.1", broadcast="192.0.2.63"), Assignment(broadcast=IPv4Address("192.0.2.63"))),
    (vip("192.0.2.1", broadcast="-"), Assignment()),
    (vip("192.0.2.1", 31, broadcast="+"), Assignment()),
    (vip("192.0.2.1", 30, broadcast="+"), Assignment(broadcast=IPv4Address("192.0.2.3"))),
    (vip("192.0.2.1", peer="192.0.2.2/32"), Assignment(peer=ip_address("192.0.2.2"))),
    (vip("192.0.2.1", peer="192.0.2.1"), Assignment()),
    (vip("2001:db8::1", peer="2001:db8::2"), Assignment(peer=ip_address("2001:db8::2"))),
    (vip("192.0.2.1", noprefixroute=True), Assignment(flags=AddressFlags.NOPREFIXROUTE)),
    (vip("2001:db8::1", home=True), Assignment(flags=AddressFlags.HOMEADDRESS)),
])  # fmt: skip
def test_how_an_address_is_set(address, expected):
    assert assignment(address) == expected


@pytest.mark.parametrize(("prefix_length", "preferred", "lifetime"), [
    (64, None, FOREVER), (128, None, 0), (128, "forever", ALMOST_FOREVER), (64, "0", 0), (128, "600", 600),
])  # fmt: skip
def test_an_ipv6_address_is_usable_at_once_and_a_single_one_never_a_source(prefix_length, preferred, lifetime):
    router = replace(VI, addresses=(vip("2001:db8::1", prefix_length, preferred_lft=preferred),), excluded_addresses=())
    (found,) = table_of(router, DEFS, LINKS).values()
    assert found.preferred_lifetime == lifetime
    assert found.flags & AddressFlags.NODAD


def test_text():
    assert text(VI.addresses[0], VI, DEFS) == "192.0.2.100/24 dev eth0"
    bare = replace(VI, interface=None, unicast_peers=(UnicastPeer(ip_address("192.0.2.1")),))
    assert text(VI.addresses[0], bare, DEFS) == "192.0.2.100/24"
