# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links, addresses and events <-> the attributes of linux/if_link.h and linux/if_addr.h."""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel import rtnl_messages as messages
from lvsd.kernel import uapi as numbers
from lvsd.kernel.netlink import BadMessage, Request, attribute, encode, string
from lvsd.kernel.rtnetlink import (
    FOREVER,
    AddressAdded,
    AddressFlags,
    AddressKey,
    AddressRemoved,
    Assignment,
    Link,
    LinkChanged,
    LinkFlags,
    LinkRemoved,
    OperState,
    Scope,
    decode_events,
    normal,
    virtual,
)
from lvsd.kernel.rtnl_types import ASKED_IPV4, ASKED_IPV6, Ageing

VIP = AddressKey(3, ip_address("192.0.2.100"), 24)
VIP6 = AddressKey(3, ip_address("2001:db8::100"), 128)
MAC = bytes.fromhex("02000000000a")


def link(index=3, name="eth0", family=0, flags=0x11043):
    """RTM_NEWLINK of an interface that is up and running."""
    return struct.pack("=BxHiII", family, 1, index, flags, 0) + b"".join(
        (
            attribute(numbers.Ifla.IFNAME, string(name)),
            attribute(numbers.Ifla.MTU, struct.pack("=I", 1500)),
            attribute(numbers.Ifla.LINK, struct.pack("=I", 2)),
            attribute(numbers.Ifla.MASTER, struct.pack("=I", 9)),
            attribute(numbers.Ifla.OPERSTATE, b"\6"),
            attribute(numbers.Ifla.CARRIER, b"\1"),
            attribute(numbers.Ifla.ADDRESS, MAC),
            attribute(numbers.Ifla.LINKINFO, attribute(1, string("macvlan"))),
        )
    )


ETH0 = Link(
    index=3,
    name="eth0",
    flags=LinkFlags(0x11043),
    operstate=OperState.UP,
    carrier=True,
    address=MAC,
    mtu=1500,
    master=9,
    parent=2,
    kind="macvlan",
)


def test_a_link_says_what_it_is():
    assert messages.decode_link(link()) == ETH0
    assert ETH0.up
    assert ETH0.running
    assert ETH0.multicast
    assert ETH0.arp


@pytest.mark.parametrize(("flags", "up", "running"), [(0x1003, True, False), (0x1042, False, False), (0, False, False)])
def test_only_a_link_that_is_up_is_running(flags, up, running):
    got = messages.decode_link(link(flags=flags))
    assert (got.up, got.running) == (up, running)


# --- addresses: what is asked for -----------------------------------------------------------------------


def test_an_ipv4_address_with_label_and_broadcast():
    wanted = Assignment(label="eth0:1", broadcast=IPv4Address("192.0.2.255"))
    assert messages.address_message(VIP, wanted).hex() == (
        "021800000300000008000200c000026408000100c000026408000800000000000b000300657468303a31000008000400c00002ff"
    )


def test_a_virtual_ipv6_address_is_deprecated_and_not_probed_for():
    assert messages.address_message(*virtual(VIP6)).hex() == (
        "0a800200030000001400020020010db80000000000000000000001001400010020010db8000000000000000000000100"
        "080008000200000014000600" + "00000000ffffffff0000000000000000"
    )


def test_a_peer_is_the_prefix_and_the_address_is_local():
    found = messages.attributes(messages.address_message(VIP, Assignment(peer=IPv4Address("192.0.2.1"))), 8)
    assert found[numbers.Ifa.LOCAL] == IPv4Address("192.0.2.100").packed
    assert found[numbers.Ifa.ADDRESS] == IPv4Address("192.0.2.1").packed


# --- addresses: what is there ---------------------------------------------------------------------------


@st.composite
def assignments(draw):
    version = draw(st.sampled_from([4, 6]))
    addresses = st.ip_addresses(v=version)
    key = AddressKey(draw(st.integers(1, 2**31)), draw(addresses), draw(st.integers(0, 32 if version == 4 else 128)))
    asked = Assignment(
        scope=draw(st.sampled_from(Scope)),
        label=draw(st.sampled_from(["", "eth0:1"])),
        broadcast=draw(st.one_of(st.none(), st.ip_addresses(v=4))),
        peer=draw(st.one_of(st.none(), addresses.filter(lambda address: address != key.address))),
        flags=AddressFlags(draw(st.integers(0, 0xFFF)) & (ASKED_IPV4 if version == 4 else ASKED_IPV6)),
        preferred_lifetime=draw(st.sampled_from([0, 30, FOREVER])),
    )
    return key, normal(key, asked)


@given(assignments())
def test_an_address_comes_back(pair):
    assert messages.decode_address(messages.address_message(*pair)) == pair


def test_a_label_that_is_the_interface_is_none():
    payload = messages.address_message(VIP, Assignment(label="eth0"))
    assert messages.decode_address(payload, {3: "eth0"}) == (VIP, Assignment())
    assert messages.decode_address(payload, {3: "eth1"}) == (VIP, Assignment(label="eth0"))


def test_what_the_kernel_says_of_an_address_is_not_what_was_asked_of_it():
    flags = AddressFlags.TENTATIVE | AddressFlags.DADFAILED | AddressFlags.SECONDARY | AddressFlags.NODAD
    head = struct.pack("=BBBBI", 10, 64, flags & 0xFF, 0, 3)
    payload = head + attribute(numbers.Ifa.ADDRESS, VIP6.address.packed)
    _, got = messages.decode_address(payload)
    assert got == Assignment(flags=AddressFlags.NODAD)
    assert got.tentative
    assert got.dad_failed
    assert got.secondary


def test_a_deprecated_address_is_deprecated_whatever_its_lifetime_says():
    head = struct.pack("=BBBBI", 2, 24, AddressFlags.DEPRECATED | AddressFlags.PERMANENT, 0, 3)
    forever = attribute(numbers.Ifa.CACHEINFO, struct.pack("=IIII", FOREVER, FOREVER, 1, 1))
    _, got = messages.decode_address(head + attribute(numbers.Ifa.LOCAL, VIP.address.packed) + forever)
    assert got.ageing is Ageing.DEPRECATED


# --- events -----------------------------------------------------------------------------------------------


def event(kind, payload):
    return encode(Request(kind, 0, payload), 0, 0)


def test_events_of_one_datagram_in_order():
    address = messages.address_message(VIP, Assignment())
    data = b"".join(
        (
            event(numbers.RTM_NEWLINK, link()),
            event(numbers.RTM_NEWADDR, address),
            event(numbers.RTM_DELADDR, address),
            event(3, b""),
            event(numbers.RTM_DELLINK, link(7, "veth7")),
        )
    )
    assert decode_events(data) == [
        LinkChanged(ETH0),
        AddressAdded(VIP, Assignment()),
        AddressRemoved(VIP, Assignment()),
        LinkRemoved(7, "veth7"),
    ]


@pytest.mark.parametrize("kind", [numbers.RTM_NEWLINK, numbers.RTM_DELLINK])
def test_a_port_that_leaves_its_bridge_is_not_a_link_that_is_gone(kind):
    assert decode_events(event(kind, link(family=7))) == []


@given(st.binary(max_size=120), st.sampled_from([16, 17, 20, 21]), st.sampled_from([link(), b""]))
def test_noise_is_rejected_with_the_declared_error(noise, kind, before):
    for data in (noise, event(kind, noise), event(kind, before[:40] + noise), event(kind, bytes([2]) + noise)):
        try:
            decode_events(data)
        except BadMessage:
            pass


def test_an_address_of_a_strange_family_is_rejected():
    payload = struct.pack("=BBBBI", 7, 64, 0, 0, 3) + attribute(numbers.Ifa.ADDRESS, IPv6Address(1).packed)
    with pytest.raises(BadMessage, match="family 7"):
        messages.decode_address(payload)
