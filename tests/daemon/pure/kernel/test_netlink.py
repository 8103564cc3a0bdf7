# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink messages and attributes: bytes both ways, and noise."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel import netlink
from lvsd.kernel.netlink import BadMessage, Message, NetlinkError, Refusal, Request

VALUES = st.binary(max_size=40)
KINDS = st.integers(1, 0x3FFF)


def test_a_request_is_a_header_and_its_payload_aligned_to_four_bytes():
    sent = netlink.encode(Request(0x14, netlink.NLM_F_CREATE, b"abcde"), netlink.NLM_F_REQUEST | netlink.NLM_F_ACK, 7)
    assert sent == struct.pack("=IHHII", 21, 0x14, 0x405, 7, 0) + b"abcde\0\0\0"


def test_an_attribute_is_aligned_and_its_length_is_not():
    assert netlink.attribute(3, b"rr\0") == struct.pack("=HH", 7, 3) + b"rr\0\0"


def test_a_nested_attribute_says_so():
    inner = netlink.attribute(1, b"1234")
    assert netlink.nested(2, [inner, inner]) == struct.pack("=HH", 20, 0x8002) + inner + inner


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), VALUES), max_size=5))
def test_messages_come_back_from_one_datagram(contents):
    requests = [Request(kind, 0, payload) for kind, payload in contents]
    data = b"".join(netlink.encode(request, 1, number) for number, request in enumerate(requests))
    expected = [Message(kind, 1, number, payload) for number, (kind, payload) in enumerate(contents)]
    assert list(netlink.decode(data)) == expected


@given(st.dictionaries(KINDS, VALUES, max_size=8))
def test_attributes_come_back(contents):
    data = b"".join(netlink.attribute(kind, value) for kind, value in contents.items())
    assert netlink.attributes(data) == contents
    assert netlink.attributes(netlink.attributes(netlink.nested(1, [data]))[1]) == contents


@given(st.binary(max_size=200))
def test_noise_is_rejected_with_the_declared_error(data):
    for read in (lambda: list(netlink.decode(data)), lambda: netlink.attributes(data)):
        try:
            read()
        except BadMessage:
            pass


@pytest.mark.parametrize("length", [0, 15, 25])
def test_a_message_whose_length_cannot_be_is_rejected(length):
    with pytest.raises(BadMessage, match=f"length {length}"):
        list(netlink.decode(struct.pack("=IHHII", length, 1, 0, 0, 0) + b"12345678"))


def test_the_last_message_may_lack_its_padding():
    data = netlink.encode(Request(5, 0, b"abcde"), 0, 1)[:-3]
    assert list(netlink.decode(data)) == [Message(5, 0, 1, b"abcde")]


# --- acknowledgements -------------------------------------------------------------------------------


def acknowledgement(code: int, flags: int = 0, rest: bytes = b"") -> Message:
    echoed = struct.pack("=IHHII", 16 + 4, 0x14, 5, 9, 0)
    return Message(netlink.NLMSG_ERROR, flags, 9, struct.pack("=i", -code) + echoed + rest)


WORDS = netlink.attribute(netlink.NLMSGERR_ATTR_MSG, b"Invalid prefix length\0")


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (acknowledgement(0), 0, ""),
        (acknowledgement(errno.EEXIST), errno.EEXIST, ""),
        (acknowledgement(errno.EINVAL, 0x300, WORDS), errno.EINVAL, "Invalid prefix length"),
        (acknowledgement(errno.EINVAL, 0x200, b"1234" + WORDS), errno.EINVAL, "Invalid prefix length"),
        (acknowledgement(0, 0x200, WORDS), 0, "Invalid prefix length"),
        (Message(netlink.NLMSG_DONE, 0, 9, struct.pack("=i", -errno.EINVAL)), errno.EINVAL, ""),
        (Message(netlink.NLMSG_DONE, 0x200, 9, struct.pack("=i", 0) + WORDS), 0, "Invalid prefix length"),
    ],
)
def test_an_acknowledgement_holds_an_errno_and_perhaps_words(message, code, words):
    assert netlink.refusal(message) == (code, words)


@given(st.binary(max_size=60), st.integers(0, 0xFFFF), st.sampled_from([netlink.NLMSG_ERROR, netlink.NLMSG_DONE]))
def test_a_strange_acknowledgement_is_rejected(payload, flags, kind):
    try:
        netlink.refusal(Message(kind, flags, 1, payload))
    except BadMessage:
        pass


def test_an_error_names_every_object_with_its_reason():
    reason = NetlinkError(
        [("service a", Refusal(0, errno.EINVAL, "no")), ("service b", Refusal(3, errno.EPERM, "never"))]
    )
    assert str(reason) == "service a: no; service b: never"
    assert [refusal.code for _, refusal in reason.refusals] == [errno.EINVAL, errno.EPERM]
