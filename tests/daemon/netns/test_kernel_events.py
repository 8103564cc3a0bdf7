# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel tells of links and addresses, as it happens."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

import pytest
from lvsd.kernel.netlink_socket import READ_AT_ONCE, EventSocket, Overrun, route_netlink
from lvsd.kernel.rtnetlink import (
    AddressAdded,
    AddressKey,
    AddressRemoved,
    Assignment,
    Event,
    LinkChanged,
    LinkRemoved,
    OperState,
    Route,
    decode_events,
)
from lvsd.reconcile import Changes
from network import eventually
from oracle import OURS, THEIRS, VIP, VIP6, index, inside
from pyroute2 import NetNS


def heard(events: EventSocket, wanted: Callable[[Event], object], within: float = 3) -> Event:
    """The first event that is wanted."""
    found: list[Event] = []

    def look() -> bool:
        for datagram in events.read():
            found.extend(filter(wanted, decode_events(datagram, {})))
        return bool(found)

    eventually(look, within)
    return found[0]


def key(event: Event) -> AddressKey:
    assert isinstance(event, AddressAdded | AddressRemoved)
    return event.key


def test_addresses_are_told_when_they_come_and_go(oracle: NetNS, events: EventSocket) -> None:
    key = AddressKey(index(oracle), VIP, 24)
    oracle.addr("add", index=key.index, address=str(VIP), prefixlen=24)
    assert heard(events, lambda event: isinstance(event, AddressAdded) and event.key == key)
    oracle.addr("del", index=key.index, address=str(VIP), prefixlen=24)
    assert heard(events, lambda event: isinstance(event, AddressRemoved) and event.key == key)


def test_what_we_have_added_ourselves_is_no_news_and_what_we_have_removed_is(oracle: NetNS) -> None:
    """Of the removal of a primary address the kernel's reports name others too; an addition reports itself alone."""
    ours, theirs = AddressKey(index(oracle), VIP, 32), AddressKey(index(oracle), VIP + 1, 32)
    with inside(OURS):
        netlink = route_netlink()
        events = EventSocket(besides=netlink.port)
    try:
        Route(netlink).apply(Changes(add={ours: Assignment()}))
        oracle.addr("add", index=theirs.index, address=str(theirs.address), prefixlen=32)
        assert key(heard(events, lambda event: isinstance(event, AddressAdded))) == theirs
        Route(netlink).apply(Changes(remove={ours: Assignment()}))
        assert key(heard(events, lambda event: isinstance(event, AddressRemoved))) == ours
    finally:
        events.close()
        netlink.close()


def test_an_ipv6_address_is_told_again_when_it_is_no_longer_tentative(oracle: NetNS, events: EventSocket) -> None:
    oracle.addr("add", index=index(oracle), address=str(VIP6), prefixlen=64)

    def settled(event: Event) -> bool:
        return isinstance(event, AddressAdded) and event.key.address == VIP6 and not event.assignment.tentative

    assert heard(events, settled, within=10)


def test_a_lost_carrier_is_told_and_its_return(oracle: NetNS, events: EventSocket) -> None:
    def is_running(wanted: bool) -> Callable[[Event], bool]:
        return lambda event: (
            isinstance(event, LinkChanged) and event.link.name == "eth0" and event.link.running == wanted
        )

    with NetNS(THEIRS) as theirs:
        theirs.link("set", index=index(theirs), state="down")
        lost = heard(events, is_running(False))
        assert isinstance(lost, LinkChanged)
        assert (lost.link.up, lost.link.carrier, lost.link.operstate) == (True, False, OperState.DOWN)
        theirs.link("set", index=index(theirs), state="up")
        heard(events, is_running(True))


def test_a_removed_link_is_told_and_a_port_that_left_its_bridge_is_not_one(oracle: NetNS, events: EventSocket) -> None:
    oracle.link("add", ifname="br0", kind="bridge")
    oracle.link("add", ifname="d0", kind="veth", peer="d1")
    oracle.link("set", index=index(oracle, "d0"), master=index(oracle, "br0"))
    oracle.link("set", index=index(oracle, "d0"), master=0)
    bridge = index(oracle, "br0")
    oracle.link("del", index=bridge)
    assert heard(events, lambda event: isinstance(event, LinkRemoved)) == LinkRemoved(bridge, "br0")


def test_lost_events_are_said_to_be_lost_and_later_ones_come(oracle: NetNS, route: Route, events: EventSocket) -> None:
    table = {AddressKey(index(oracle), IPv4Address(0xC6120000 + n), 32): Assignment() for n in range(1000)}
    for _ in range(20):
        route.apply(Changes(add=table))
        route.apply(Changes(remove=table))
    with pytest.raises(Overrun):
        events.read()  # whoever reads the tables now misses nothing of what comes next
    route.apply(Changes(add={AddressKey(index(oracle), VIP, 32): Assignment()}))
    assert heard(events, lambda event: isinstance(event, AddressAdded) and event.key.address == VIP)


def test_very_many_changes_are_read_in_portions(oracle: NetNS, events: EventSocket) -> None:
    """The reader has something else to do, however fast they come."""
    with inside(OURS):
        netlink = route_netlink()
    keys = {AddressKey(index(oracle), IPv4Address(f"10.0.{n >> 8}.{n & 255}"), 32): Assignment() for n in range(2500)}
    try:
        Route(netlink).apply(Changes(add=keys))
    finally:
        netlink.close()
    portions: list[int] = []
    while datagrams := events.read():
        portions.append(len(datagrams))
    assert max(portions) == READ_AT_ONCE
    assert sum(portions) >= len(keys)
