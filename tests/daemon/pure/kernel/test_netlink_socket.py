# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The netlink sockets: against a kernel that is a pair of sockets and says what it shall, and against the kernel."""

import errno
import os
import socket
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel import netlink, uapi
from lvsd.kernel.netlink import Message, NetlinkError, Refusal, Request, Torn
from lvsd.kernel.netlink_socket import (
    ATTEMPTS,
    BATCH,
    LAST_SEQUENCE,
    READ_AT_ONCE,
    SO_RCVTIMEO,
    TIMEVAL,
    EventSocket,
    NetlinkSocket,
    Overrun,
    portions,
    raise_if_refused,
    refused,
    route_netlink,
)
from lvsd.kernel.rtnetlink import Route
from lvsd.kernel.rtnl_messages import IFADDRMSG, links_message
from lvsd.kernel.rtnl_types import LinkFlags

ASK = Request(30, 0, b"")
NEWS = 50  # a type of messages


@pytest.fixture
def pair():
    """A socket of requests, and the end of it where the kernel would be."""
    ours, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    made = NetlinkSocket.__new__(NetlinkSocket)
    made._socket, made._sequence = ours, 0
    ours.setsockopt(socket.SOL_SOCKET, SO_RCVTIMEO, TIMEVAL.pack(5, 0))
    with kernel:
        yield made, kernel
    made.close()


def message(kind, sequence, payload=b"", flags=0):
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, sequence, 0) + payload


def acknowledged(sequence, code=0):
    """An NLMSG_ERROR as the kernel sends it with NETLINK_CAP_ACK: the errno and the header of the request."""
    return message(netlink.NLMSG_ERROR, sequence, struct.pack("=iIHHII", -code, 16, 30, 5, sequence, 0), 0x100)


def done(sequence, code=0, flags=0):
    return message(netlink.NLMSG_DONE, sequence, struct.pack("=i", -code), flags)


# --- one answer -------------------------------------------------------------------------------------------


def test_an_answer_is_that_to_the_present_request_whatever_an_earlier_one_left(pair):
    requests, kernel = pair
    requests._sequence = 6
    for datagram in (message(NEWS, 5, b"late"), message(NEWS, 6, b"late") + message(NEWS, 7, b"now!")):
        kernel.send(datagram)
    assert requests.ask(ASK) == b"now!"
    (sent,) = netlink.decode(kernel.recv(1 << 16))
    assert sent == Message(30, netlink.NLM_F_REQUEST, 7, b"")


def test_a_refusal_is_an_error_with_the_words_of_the_errno(pair):
    requests, kernel = pair
    kernel.send(acknowledged(1, errno.EPERM))
    with pytest.raises(NetlinkError, match=f"^request: {os.strerror(errno.EPERM)}$"):
        requests.ask(ASK)


def test_a_kernel_that_does_not_answer_is_not_waited_for_without_end(pair):
    requests, _ = pair
    requests._socket.setblocking(False)  # as if its time were over
    with pytest.raises(TimeoutError, match="no answer from the kernel within 10 s"):
        requests.ask(ASK)


# --- many requests ------------------------------------------------------------------------------------------


def test_only_the_last_of_a_batch_is_acknowledged_and_errors_say_their_place(pair):
    requests, kernel = pair
    requests._sequence = 40
    kernel.send(acknowledged(39, errno.EPERM))  # of an earlier batch
    kernel.send(acknowledged(42, errno.EEXIST) + acknowledged(43))
    assert requests.batch([ASK] * 3) == [Refusal(1, errno.EEXIST, os.strerror(errno.EEXIST))]
    sent = list(netlink.decode(kernel.recv(1 << 16)))
    assert [(found.sequence, found.flags) for found in sent] == [(41, 0x1), (42, 0x1), (43, 0x5)]


def test_a_batch_of_two_portions_counts_places_through_both(pair):
    requests, kernel = pair
    large = [Request(30, 0, bytes(BATCH // 2))] * 3
    assert list(portions(large)) == [(0, 2), (2, 3)]
    kernel.send(acknowledged(1, errno.EINVAL) + acknowledged(2))
    kernel.send(acknowledged(3, errno.EPERM))
    requests._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    assert [(refusal.position, refusal.code) for refusal in requests.batch(large)] == [
        (0, errno.EINVAL),
        (2, errno.EPERM),
    ]


def test_nothing_asked_for_is_nothing_sent(pair):
    requests, kernel = pair
    assert requests.batch([]) == []
    kernel.setblocking(False)
    with pytest.raises(BlockingIOError):
        kernel.recv(1)


def test_sequence_numbers_begin_again_before_they_outgrow_their_bits(pair):
    requests, kernel = pair
    requests._sequence = LAST_SEQUENCE + 1
    kernel.send(acknowledged(1))
    assert requests.batch([ASK]) == []
    assert struct.unpack_from("=IHHI", kernel.recv(100))[3] == 1


# --- a dump -------------------------------------------------------------------------------------------------


class Answering:
    """In the place of the socket: each request is answered with the next of these lists of datagrams."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.ready = []

    def send(self, _request):
        self.ready += self.answers.pop(0)

    def recv(self, _size, _flags=0):
        if not self.ready:
            raise BlockingIOError
        return self.ready.pop(0)


def answered(*answers):
    """What a dump gives when it is answered so."""
    requests: Any = NetlinkSocket.__new__(NetlinkSocket)
    requests._socket, requests._sequence = Answering(*answers), 0
    return requests.dump(ASK)


def test_a_dump_is_read_over_many_datagrams_until_it_says_that_it_is_done():
    odd = message(NEWS, 9, b"odd.")
    assert answered([message(NEWS, 1, b"one.") + odd, odd, message(NEWS, 1, b"two."), done(1)]) == [b"one.", b"two."]


def test_a_dump_that_does_not_come_to_its_end_is_not_waited_for_without_end():
    with pytest.raises(TimeoutError, match="no answer from the kernel"):
        answered([message(NEWS, 1, b"one.")])


@pytest.mark.parametrize("place", ["in the middle", "at its end"])
def test_a_dump_that_is_torn_is_read_again(place):
    middle, end = (netlink.NLM_F_DUMP_INTR * (place == where) for where in ("in the middle", "at its end"))
    torn = message(NEWS, 1, b"torn", middle) + done(1, flags=end)
    assert answered([torn], [message(NEWS, 2, b"good") + done(2)]) == [b"good"]


def test_a_table_that_never_stands_still_is_given_as_each_attempt_saw_it():
    seen = [(number, b"%04d" % number) for number in range(1, ATTEMPTS + 1)]
    with pytest.raises(Torn) as raised:
        answered(*([message(NEWS, number, found, netlink.NLM_F_DUMP_INTR), done(number)] for number, found in seen))
    assert raised.value.dumps == tuple([found] for _, found in seen)


@pytest.mark.parametrize("refusal", [acknowledged, done])
def test_a_dump_that_is_refused_is_an_error_at_its_beginning_and_at_its_end(refusal):
    with pytest.raises(NetlinkError, match=r"^dump: "):
        answered([refusal(1, errno.EOPNOTSUPP)])


# --- refusals -------------------------------------------------------------------------------------------------


def test_an_acknowledgement_is_no_refusal_and_data_never_is():
    assert refused(3, Message(netlink.NLMSG_ERROR, 0, 1, bytes(20))) is None
    raise_if_refused("dump", Message(NEWS, 0, 1, b"\xff" * 20))


def test_the_words_of_the_kernel_come_before_those_of_the_errno():
    words = netlink.attribute(netlink.NLMSGERR_ATTR_MSG, b"Invalid prefix length\0")
    said = Message(netlink.NLMSG_ERROR, 0x300, 1, struct.pack("=i16x", -errno.EINVAL) + words)
    assert refused(4, said) == Refusal(4, errno.EINVAL, "Invalid prefix length")


# --- the portions of a batch ------------------------------------------------------------------------------------


def test_portions_cover_every_request_once_and_stay_small():
    requests = [Request(1, 0, bytes(200))] * 1000
    found = list(portions(requests))
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == 1000
    assert all((end - start) * 216 < BATCH + 216 for start, end in found)
    assert list(portions([])) == []


@given(st.lists(st.integers(0, 2 * BATCH), max_size=20))
def test_portions_cover_requests_of_any_size_in_their_order(sizes):
    found = list(portions([Request(1, 0, bytes(size)) for size in sizes]))
    assert [place for start, end in found for place in range(start, end)] == list(range(len(sizes)))
    assert all(sum(sizes[start : end - 1]) < BATCH for start, end in found)


# --- events -----------------------------------------------------------------------------------------------------


@pytest.fixture
def events():
    """A socket of events, besides those that port 77 caused, and the end where the kernel would be."""
    ours, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.setblocking(False)
    kernel.setblocking(False)
    made = EventSocket.__new__(EventSocket)
    made._socket, made._besides = ours, 77
    with kernel:
        yield made, kernel
    made.close()


def event(kind, port):
    return struct.pack("=IHHII", 16, kind, 0, 0, port)


def test_what_is_there_is_read_and_no_more_is_waited_for(events):
    reader, kernel = events
    assert reader.read() == []
    kernel.send(event(uapi.RTM_NEWLINK, 0))
    kernel.send(b"short")
    assert reader.read() == [event(uapi.RTM_NEWLINK, 0), b"short"]


@pytest.mark.parametrize(
    ("kind", "port", "news"),
    [
        pytest.param(uapi.RTM_NEWADDR, 77, False, id="what we have added ourselves"),
        pytest.param(uapi.RTM_NEWADDR, 78, True, id="what another has added"),
        pytest.param(uapi.RTM_NEWADDR, 0, True, id="what the kernel has added, or an IPv6 address"),
        pytest.param(uapi.RTM_DELADDR, 77, True, id="what went"),
        pytest.param(uapi.RTM_NEWLINK, 77, True, id="a link"),
    ],
)
def test_only_addresses_that_we_have_added_are_no_news(events, kind, port, news):
    reader, kernel = events
    kernel.send(event(kind, port))
    assert bool(reader.read()) is news


def test_without_a_port_of_ours_everything_is_news(events):
    reader, kernel = events
    reader._besides = 0
    kernel.send(event(uapi.RTM_NEWADDR, 0))
    assert reader.read()


def test_a_flood_of_events_does_not_hold_the_reader():
    """More wait than are read at once."""
    reader: Any = EventSocket.__new__(EventSocket)
    reader._besides, reader._socket = 0, Flood()
    assert len(reader.read()) == READ_AT_ONCE


class Flood:
    """Always one more; after `lost`, nothing is left."""

    def __init__(self, *says):
        self.says = list(says)

    def recv(self, _size):
        said = self.says.pop(0) if self.says else event(uapi.RTM_NEWLINK, 0)
        if isinstance(said, Exception):
            raise said
        return said


def test_lost_events_are_told_once_all_that_is_left_has_been_thrown_away():
    lost, nothing = OSError(errno.ENOBUFS, "lost"), BlockingIOError()
    reader: Any = EventSocket.__new__(EventSocket)
    reader._besides, reader._socket = 0, Flood(b"x", lost, b"y", lost, b"z", nothing, b"afterwards", nothing)
    with pytest.raises(Overrun):
        reader.read()
    assert reader.read() == [b"afterwards"]


def test_any_other_error_is_not_taken_for_lost_events():
    reader: Any = EventSocket.__new__(EventSocket)
    reader._besides, reader._socket = 0, Flood(OSError(errno.EBADF, "closed"))
    with pytest.raises(OSError, match="closed"):
        reader.read()


# --- the kernel ---------------------------------------------------------------------------------------------------


@pytest.fixture
def route():
    opened = route_netlink()
    yield opened
    opened.close()


def test_the_kernel_tells_its_links_and_addresses_to_who_asks(route):
    """Every network namespace has a loopback interface, with index 1."""
    snapshot = Route(route).snapshot()
    assert (snapshot.links[1].name, snapshot.whole) == ("lo", True)
    assert LinkFlags.LOOPBACK in snapshot.links[1].flags
    assert all(key.index in snapshot.links for key in snapshot.addresses)


def test_the_kernel_refuses_what_it_does_not_know_and_the_next_answer_is_not_mixed_up(route):
    unknown = Request(uapi.RTM_GETLINK, 0, struct.pack("=BxHiII", 0, 0, 0x7FFFFFF0, 0, 0))
    with pytest.raises(NetlinkError) as raised:
        route.ask(unknown)
    assert [refusal.code for _, refusal in raised.value.refusals] == [errno.ENODEV]
    assert route.dump(Request(uapi.RTM_GETLINK, netlink.NLM_F_DUMP, links_message()))


def test_a_batch_that_the_kernel_refuses_is_refused_one_by_one(route):
    """An address of no interface: refused for that, or to one who may not change addresses."""
    nowhere = Request(uapi.RTM_DELADDR, 0, IFADDRMSG.pack(uapi.AF_INET, 32, 0, 0, 0x7FFFFFF0))
    refusals = route.batch([nowhere] * 3)
    assert [refusal.position for refusal in refusals] == [0, 1, 2]
    assert {refusal.code for refusal in refusals} <= {errno.ENODEV, errno.EPERM, errno.EADDRNOTAVAIL}


def test_each_socket_has_a_port_of_its_own_and_none_is_inherited(route):
    other = route_netlink()
    try:
        assert route.port > 0
        assert route.port != other.port
        assert not os.get_inheritable(route._socket.fileno())
    finally:
        other.close()


def test_a_socket_of_events_can_be_watched_and_has_nothing_to_say_at_first():
    reader = EventSocket([uapi.RTNLGRP_LINK])
    try:
        assert reader.fileno() >= 0
        assert reader.read() == []
    finally:
        reader.close()
