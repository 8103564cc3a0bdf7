# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which addresses change, what refusals say, and what a torn table is worth."""

from errno import EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV
from ipaddress import ip_address

import pytest
from lvsd.kernel import uapi as numbers
from lvsd.kernel.netlink import NetlinkError, Refusal, Torn, attribute, string
from lvsd.kernel.rtnetlink import Route
from lvsd.kernel.rtnl_messages import IFADDRMSG, IFINFOMSG
from lvsd.kernel.rtnl_types import AddressFlags, AddressKey, Assignment
from lvsd.reconcile import Changes


class NotedTransport:
    """Notes what it is asked for; refuses what it is told to refuse."""

    def __init__(self, refusals=()):
        self.requests = []
        self.refusals = list(refusals)

    def batch(self, requests):
        self.requests += requests
        return self.refusals

    def dump(self, request):
        return []

    def ask(self, request):
        raise AssertionError(request)


def test_nothing_to_change_is_no_system_call():
    transport = NotedTransport([Refusal(0, EINVAL, "asked for nothing")])
    Route(transport).apply(Changes())
    assert transport.requests == []


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
    transport = NotedTransport()
    Route(transport).apply(changes)
    assert [(request.type, request.flags) for request in transport.requests] == requests


def test_an_address_that_is_so_already_is_no_error_and_any_other_refusal_is():
    changes = Changes(remove={VIP: Assignment()}, add={VIP6: Assignment()})
    Route(NotedTransport([Refusal(0, EADDRNOTAVAIL, "gone"), Refusal(1, EEXIST, "there")])).apply(changes)
    with pytest.raises(NetlinkError, match=r"^address 2001:db8::100/64 on interface 3: Invalid prefix length$"):
        Route(NotedTransport([Refusal(1, EINVAL, "Invalid prefix length")])).apply(changes)


# --- prepared requests ----------------------------------------------------------------------------------------


def test_what_was_prepared_is_asked_for_as_if_it_had_not_been_and_only_as_long_as_it_is_wanted_so():
    """A label is changed: the request that was made for the old one must not be sent."""
    key, before, after = (
        AddressKey(2, ip_address("192.0.2.1"), 24),
        Assignment(label="eth0:a"),
        Assignment(label="eth0:b"),
    )
    prepared, plain = NotedTransport(), NotedTransport()
    route = Route(prepared)
    route.prepare({key: before})
    for wanted in (before, after):
        route.apply(Changes(add={key: wanted}))
        Route(plain).apply(Changes(add={key: wanted}))
    assert prepared.requests == plain.requests


# --- a table that never stands still ------------------------------------------------------------------------------


class Restless(NotedTransport):
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
    assert Route(NotedTransport()).snapshot() == ({}, {}, True)


# --- what comes back when an address goes ------------------------------------------------------------------------

SECOND, THIRD = (AddressKey(3, ip_address(f"192.0.2.{last}"), 24) for last in (101, 102))


def test_what_the_kernel_took_along_is_set_again_behind_the_removal_and_before_what_is_new():
    transport = NotedTransport()
    Route(transport).apply(Changes(remove={VIP: Assignment()}, add={THIRD: Assignment()}), {SECOND: Assignment()})
    said = [(request.type, ip_address(request.payload[12:16])) for request in transport.requests]
    assert said == [
        (numbers.RTM_DELADDR, VIP.address),
        (numbers.RTM_NEWADDR, SECOND.address),
        (numbers.RTM_NEWADDR, THIRD.address),
    ]


def test_a_companion_that_the_kernel_kept_is_no_refusal():
    Route(NotedTransport([Refusal(1, EEXIST, "there")])).apply(
        Changes(remove={VIP: Assignment()}), {SECOND: Assignment()}
    )


@pytest.mark.parametrize(
    ("changes", "position", "code"),
    [
        pytest.param(Changes(remove={VIP: Assignment()}), 0, EEXIST, id="a removal cannot find it there already"),
        pytest.param(Changes(add={VIP: Assignment()}), 0, ENODEV, id="an addition needs the interface"),
        pytest.param(Changes(update={VIP: Assignment()}), 1, EEXIST, id="an update is not done while the old one is"),
        pytest.param(Changes(update={VIP6: Assignment()}), 0, EADDRNOTAVAIL, id="an IPv6 update is one request"),
    ],
)
def test_what_counts_as_done_depends_on_what_was_asked(changes, position, code):
    with pytest.raises(NetlinkError, match=r"on interface 3: no$") as raised:
        Route(NotedTransport([Refusal(position, code, "no")])).apply(changes)
    assert [refusal.code for _, refusal in raised.value.refusals] == [code]


@pytest.mark.parametrize("code", [EADDRNOTAVAIL, ENODEV])
def test_an_address_whose_interface_is_gone_is_gone(code):
    Route(NotedTransport([Refusal(0, code, "gone")])).apply(Changes(remove={VIP: Assignment()}))
