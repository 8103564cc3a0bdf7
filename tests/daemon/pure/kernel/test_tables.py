# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which changes are carried out, and what refusals say: the tables over a transport that only listens."""

from errno import EADDRNOTAVAIL, EEXIST, EINVAL, ENOENT, ESRCH
from ipaddress import ip_address

import pytest
from lvsd.kernel import uapi as numbers
from lvsd.kernel.ipvs import Destination, DestinationKey, Ipvs, Service, ServiceKey
from lvsd.kernel.netlink import NetlinkError, Refusal, Request, Torn, attribute, generic, string
from lvsd.kernel.netlink_socket import BATCH, portions
from lvsd.kernel.rtnetlink import Route
from lvsd.kernel.rtnl_messages import IFADDRMSG, IFINFOMSG
from lvsd.kernel.rtnl_types import AddressFlags, AddressKey, Assignment
from lvsd.reconcile import Changes

OLD, NEW, KEPT = (ServiceKey.at(ip_address(f"192.0.2.{last}"), 80) for last in (1, 2, 3))


class NetlinkTransport:
    """Notes what it is asked for; refuses what it is told to refuse."""

    def __init__(self, refusals=()):
        self.requests = []
        self.refusals = list(refusals)

    def batch(self, requests):
        self.requests += requests
        return self.refusals

    def ask(self, request):
        return generic(1, 2, attribute(numbers.CTRL_ATTR_FAMILY_ID, b"\x1d\x00"))

    def dump(self, request):
        return []


def at(service, last):
    return DestinationKey(service, ip_address(f"10.0.0.{last}"), 80)


SERVICES = Changes({OLD: Service()}, {NEW: Service()}, {KEPT: Service("rr")})
DESTINATIONS = Changes(
    {at(OLD, 1): Destination(), at(KEPT, 1): Destination()},
    {at(NEW, 1): Destination(), at(KEPT, 2): Destination()},
    {at(KEPT, 3): Destination()},
)


def test_services_come_before_and_go_after_their_destinations_and_no_service_is_empty_in_between():
    transport = NetlinkTransport()
    Ipvs(transport).apply(SERVICES, DESTINATIONS)
    assert [numbers.IpvsCmd(request.payload[0]).name for request in transport.requests] == [
        "NEW_SERVICE",
        "SET_SERVICE",
        "NEW_DEST",
        "NEW_DEST",
        "SET_DEST",
        "DEL_DEST",  # of the service that stays: the other goes with its service
        "DEL_SERVICE",
    ]
    assert {request.type for request in transport.requests} == {0x1D}


def test_nothing_to_change_is_no_system_call():
    transport = NetlinkTransport([Refusal(0, EINVAL, "asked for nothing")])
    Ipvs(transport).apply(Changes(), Changes())
    Route(transport).apply(Changes())
    assert transport.requests == []


@pytest.mark.parametrize("code", [ENOENT, ESRCH])
def test_what_is_gone_already_is_removed(code):
    transport = NetlinkTransport([Refusal(5, code, "gone"), Refusal(6, code, "gone")])
    Ipvs(transport).apply(SERVICES, DESTINATIONS)


def test_every_refusal_is_named_but_not_its_consequences():
    refusals = [Refusal(0, ENOENT, "x"), Refusal(2, ESRCH, "x"), Refusal(3, EEXIST, "x"), Refusal(4, EINVAL, "Invalid")]
    with pytest.raises(NetlinkError) as raised:
        Ipvs(NetlinkTransport(refusals)).apply(SERVICES, DESTINATIONS)
    assert str(raised.value) == (
        "service 192.0.2.2:80/TCP: scheduler 'wlc' unknown to the kernel: module ip_vs_wlc; "
        "destination 10.0.0.2:80 of 192.0.2.3:80/TCP: exists already; "
        "destination 10.0.0.3:80 of 192.0.2.3:80/TCP: Invalid"
    )


# --- addresses ----------------------------------------------------------------------------------------------

VIP, VIP6 = AddressKey(3, ip_address("192.0.2.100"), 24), AddressKey(3, ip_address("2001:db8::100"), 64)
ADD = (numbers.RTM_NEWADDR, 0x600)
REPLACE = (numbers.RTM_NEWADDR, 0x500)
REMOVE = (numbers.RTM_DELADDR, 0)


@pytest.mark.parametrize(
    ("changes", "requests"),
    [
        (Changes(remove={VIP: Assignment()}, add={VIP6: Assignment()}), [REMOVE, ADD]),
        (Changes(update={VIP: Assignment()}), [REMOVE, ADD]),
        (Changes(update={VIP6: Assignment()}), [REPLACE]),
    ],
)
def test_addresses_are_removed_changed_and_added_in_this_order(changes, requests):
    transport = NetlinkTransport()
    Route(transport).apply(changes)
    assert [(request.type, request.flags) for request in transport.requests] == requests


def test_an_address_that_is_so_already_is_no_error_and_any_other_refusal_is():
    changes = Changes(remove={VIP: Assignment()}, add={VIP6: Assignment()})
    Route(NetlinkTransport([Refusal(0, EADDRNOTAVAIL, "gone"), Refusal(1, EEXIST, "there")])).apply(changes)
    with pytest.raises(NetlinkError, match=r"^address 2001:db8::100/64 on interface 3: Invalid prefix length$"):
        Route(NetlinkTransport([Refusal(1, EINVAL, "Invalid prefix length")])).apply(changes)


# --- the portions of a batch ----------------------------------------------------------------------------------


def test_portions_cover_every_request_once_and_stay_small():
    requests = [Request(1, 0, bytes(200))] * 1000
    found = list(portions(requests))
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == 1000
    assert all((end - start) * 216 < BATCH + 216 for start, end in found)
    assert list(portions([])) == []


def test_what_was_prepared_is_asked_for_as_if_it_had_not_been_and_only_as_long_as_it_is_wanted_so():
    """A label is changed: the request that was made for the old one must not be sent."""
    key, before, after = (
        AddressKey(2, ip_address("192.0.2.1"), 24),
        Assignment(label="eth0:a"),
        Assignment(label="eth0:b"),
    )
    prepared, plain = NetlinkTransport(), NetlinkTransport()
    route = Route(prepared)
    route.prepare({key: before})
    for wanted in (before, after):
        route.apply(Changes(add={key: wanted}))
        Route(plain).apply(Changes(add={key: wanted}))
    assert prepared.requests == plain.requests


# --- a table that never stands still ------------------------------------------------------------------------------


class Restless(NetlinkTransport):
    """Every dump was torn: these are what its attempts saw, the oldest first."""

    def __init__(self, *attempts):
        super().__init__()
        self.attempts = attempts

    def dump(self, request):
        kind = request.type + numbers.RTM_NEWADDR - numbers.RTM_GETADDR
        raise Torn([[payload for made, payload in attempt if made == kind] for attempt in self.attempts])


def link(index, name):
    return numbers.RTM_NEWLINK, IFINFOMSG.pack(0, 1, index, 1, 0) + attribute(numbers.Ifla.IFNAME, string(name))


def address(last, state=0):
    value = ip_address(f"192.0.2.{last}").packed
    head = IFADDRMSG.pack(numbers.AF_INET, 24, state, 0, 3)
    return numbers.RTM_NEWADDR, head + attribute(numbers.Ifa.LOCAL, value) + attribute(numbers.Ifa.ADDRESS, value)


def test_of_a_table_that_changes_all_the_time_everything_counts_that_was_seen_as_it_was_seen_last():
    before = [link(3, "eth0"), link(4, "eth1"), address(1), address(2, AddressFlags.SECONDARY)]
    after = [link(3, "lan0"), address(2), address(3)]
    seen = Route(Restless(before, after)).snapshot()
    assert not seen.whole
    assert {index: found.name for index, found in seen.links.items()} == {3: "lan0", 4: "eth1"}
    assert [str(key) for key in seen.addresses] == [f"192.0.2.{last}/24 on interface 3" for last in (2, 3, 1)]
    assert not any(found.state & AddressFlags.SECONDARY for found in seen.addresses.values())


def test_a_table_that_stands_still_is_read_whole():
    assert Route(NetlinkTransport()).snapshot() == ({}, {}, True)
