# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IPVS table over a transport that only listens: the order of changes, what refusals say, what is read."""

from errno import EEXIST, EINVAL, ENOENT, EPERM, ESRCH
from ipaddress import ip_address

import pytest
from lvsd.kernel import uapi as numbers
from lvsd.kernel.ipvs import (
    Connections,
    Destination,
    DestinationKey,
    Ipvs,
    IpvsUnavailable,
    Service,
    ServiceKey,
)
from lvsd.kernel.ipvs_encode import destination_head, destination_message, service_message
from lvsd.kernel.netlink import (
    NLM_F_DUMP,
    BadMessage,
    NetlinkError,
    Refusal,
    attribute,
    attributes,
    generic,
    nested,
)
from lvsd.kernel.uapi import DestAttr, IpvsAttr, IpvsCmd
from lvsd.reconcile import Changes, changes

OLD, NEW, KEPT = (ServiceKey.at(ip_address(f"192.0.2.{last}"), 80) for last in (1, 2, 3))


class Listener:
    """A kernel that notes what it is asked, answers dumps with what it is given, and refuses what it is told to."""

    def __init__(self, refusals=(), family=b"\x1d\x00", held=None):
        self.requests = []
        self.refusals = list(refusals)
        self.family = family
        self.held = held or {}  # by the request's payload

    def batch(self, requests):
        self.requests += requests
        return self.refusals

    def ask(self, request):
        if isinstance(self.family, Exception):
            raise self.family
        if request.type == numbers.GENL_ID_CTRL:
            return generic(1, 2, attribute(numbers.CTRL_ATTR_FAMILY_ID, self.family))
        return self.held[request.payload]

    def dump(self, request):
        assert request.flags == NLM_F_DUMP
        return self.held.get(request.payload, [])


def at(service, last):
    return DestinationKey(service, ip_address(f"10.0.0.{last}"), 80)


SERVICES = Changes({OLD: Service()}, {NEW: Service()}, {KEPT: Service("rr")})
DESTINATIONS = Changes(
    {at(OLD, 1): Destination(), at(KEPT, 1): Destination()},
    {at(NEW, 1): Destination(), at(KEPT, 2): Destination()},
    {at(KEPT, 3): Destination()},
)


def test_nothing_to_change_is_no_system_call():
    transport = Listener([Refusal(0, EINVAL, "asked for nothing")])
    Ipvs(transport).apply(Changes(), Changes())
    assert transport.requests == []


def test_services_come_before_and_go_after_their_destinations_and_no_service_is_empty_in_between():
    transport = Listener()
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


@pytest.mark.parametrize("code", [ENOENT, ESRCH])
def test_what_is_gone_already_is_removed(code):
    transport = Listener([Refusal(5, code, "gone"), Refusal(6, code, "gone")])
    Ipvs(transport).apply(SERVICES, DESTINATIONS)


def test_every_refusal_is_named_but_not_its_consequences():
    refusals = [Refusal(0, ENOENT, "x"), Refusal(2, ESRCH, "x"), Refusal(3, EEXIST, "x"), Refusal(4, EINVAL, "Invalid")]
    with pytest.raises(NetlinkError) as raised:
        Ipvs(Listener(refusals)).apply(SERVICES, DESTINATIONS)
    assert str(raised.value) == (
        "service 192.0.2.2:80/TCP: scheduler 'wlc' unknown to the kernel: module ip_vs_wlc; "
        "destination 10.0.0.2:80 of 192.0.2.3:80/TCP: exists already; "
        "destination 10.0.0.3:80 of 192.0.2.3:80/TCP: Invalid"
    )


@pytest.mark.parametrize(
    ("position", "code", "words"),
    [
        pytest.param(0, EEXIST, "service 192.0.2.2:80/TCP: exists already", id="a service that another made"),
        pytest.param(1, ESRCH, "service 192.0.2.3:80/TCP: no such service", id="a service that another removed"),
        pytest.param(4, ENOENT, "destination 10.0.0.3:80 of 192.0.2.3:80/TCP: no such destination", id="a destination"),
        pytest.param(2, ESRCH, "destination 10.0.0.1:80 of 192.0.2.2:80/TCP: no such service", id="its service"),
        pytest.param(5, EPERM, "destination 10.0.0.1:80 of 192.0.2.3:80/TCP: as the kernel says", id="another errno"),
        pytest.param(6, EPERM, "service 192.0.2.1:80/TCP: as the kernel says", id="of a service"),
    ],
)
def test_an_errno_is_told_in_the_words_of_ipvs(position, code, words):
    with pytest.raises(NetlinkError) as raised:
        Ipvs(Listener([Refusal(position, code, "as the kernel says")])).apply(SERVICES, DESTINATIONS)
    assert str(raised.value) == words


def test_an_unknown_persistence_engine_may_be_what_is_missing():
    wanted = Changes(add={NEW: Service("mh", 60, persistence_engine="sip")})
    with pytest.raises(NetlinkError, match=r"module ip_vs_mh; or persistence engine 'sip': module ip_vs_pe_sip$"):
        Ipvs(Listener([Refusal(0, ENOENT, "x")])).apply(wanted)


def test_a_service_that_is_there_already_does_not_silence_its_destinations():
    refusals = [Refusal(0, EEXIST, "x"), Refusal(2, EINVAL, "Invalid")]
    with pytest.raises(NetlinkError) as raised:
        Ipvs(Listener(refusals)).apply(SERVICES, DESTINATIONS)
    assert [subject for subject, _ in raised.value.refusals] == [
        "service 192.0.2.2:80/TCP",
        "destination 10.0.0.1:80 of 192.0.2.2:80/TCP",
    ]


# --- what cannot be said ------------------------------------------------------------------------------------


def test_what_has_no_place_in_a_message_is_refused_and_the_rest_is_done():
    kernel = Listener()
    bad, good = ServiceKey.marked(7), ServiceKey.marked(8)
    there, heavy = (DestinationKey(good, ip_address(f"10.0.0.{n}"), 80) for n in (11, 12))
    services = {bad: Service("rr", 60, 64), good: Service("rr")}
    destinations = {DestinationKey(bad, ip_address("10.0.0.11"), 80): Destination(), there: Destination()}
    with pytest.raises(NetlinkError) as raised:
        Ipvs(kernel).apply(changes({}, services), changes({}, {**destinations, heavy: Destination(weight=1 << 40)}))
    assert [subject for subject, _ in raised.value.refusals] == [
        "service fwmark 7/IPv4",
        "destination 10.0.0.12:80 of fwmark 8/IPv4",
    ]
    assert "a mask of 64 bits for IPv4 clients" in str(raised.value)
    assert len(kernel.requests) == 3


# --- a kernel without IPVS ------------------------------------------------------------------------------------


def test_a_kernel_without_ipvs_is_told_with_what_would_help():
    with pytest.raises(IpvsUnavailable, match=r"^the kernel has no IPVS: modprobe ip_vs$"):
        Ipvs(Listener(family=NetlinkError([("request", Refusal(0, ENOENT, "no such family"))])))


def test_any_other_refusal_is_not_a_kernel_without_ipvs():
    with pytest.raises(NetlinkError, match="not permitted"):
        Ipvs(Listener(family=NetlinkError([("request", Refusal(0, EPERM, "not permitted"))])))


@pytest.mark.parametrize("family", [b"", b"\x1d", b"\x1d\0\0\0"], ids=["none", "one byte", "four bytes"])
def test_a_family_without_a_number_is_rejected(family):
    with pytest.raises(BadMessage, match="the number of IPVS"):
        Ipvs(Listener(family=family))


# --- reading ----------------------------------------------------------------------------------------------------


def told(key, destination, *counts):
    """A destination as the kernel tells it, with its connections."""
    request = destination_message(destination_head(IpvsCmd.NEW_DEST, key.service), key, destination)
    found = attributes(attributes(request, 4)[IpvsAttr.DEST])
    found |= {DestAttr.ACTIVE_CONNS + n: count.to_bytes(4, "little") for n, count in enumerate(counts)}
    return generic(IpvsCmd.NEW_DEST, 1, nested(IpvsAttr.DEST, [attribute(*pair) for pair in found.items()]))


HELD = {
    generic(IpvsCmd.GET_SERVICE, 1): [service_message(IpvsCmd.NEW_SERVICE, key, Service("rr")) for key in (OLD, KEPT)],
    destination_head(IpvsCmd.GET_DEST, OLD): [told(at(OLD, 1), Destination(weight=3), 7, 8, 9)],
    destination_head(IpvsCmd.GET_DEST, KEPT): [told(at(KEPT, 2), Destination()), told(at(KEPT, 3), Destination(), 1)],
}


def test_the_whole_table_is_read_service_by_service():
    table = Ipvs(Listener(held=HELD)).dump()
    assert table.services == {OLD: Service("rr"), KEPT: Service("rr")}
    assert table.destinations == {
        at(OLD, 1): Destination(weight=3),
        at(KEPT, 2): Destination(),
        at(KEPT, 3): Destination(),
    }


def test_only_those_that_carry_something_are_counted():
    _, counts = Ipvs(Listener(held=HELD)).counted()
    assert counts == {at(OLD, 1): Connections(7, 8, 9), at(KEPT, 3): Connections(1)}


def test_of_one_service_no_other_is_read():
    table, counts = Ipvs(Listener(held=HELD)).counted(OLD)
    assert (set(table.services), set(table.destinations), set(counts)) == ({OLD}, {at(OLD, 1)}, {at(OLD, 1)})
    assert Ipvs(Listener(held=HELD)).counted(NEW)[0].services == {}


def test_a_service_that_is_not_there_has_no_destinations():
    assert Ipvs(Listener(held=HELD)).destinations(NEW) == {}


def test_connections_can_be_asked_for_by_service():
    ipvs = Ipvs(Listener(held=HELD))
    assert ipvs.connections([KEPT]) == {at(KEPT, 2): Connections(), at(KEPT, 3): Connections(1)}
    assert set(ipvs.connections()) == {at(OLD, 1), at(KEPT, 2), at(KEPT, 3)}
