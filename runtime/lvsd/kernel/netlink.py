# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlink on the wire: messages, attributes, generic netlink; and what a user of a netlink socket sees.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                       Length, header included                 |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |              Type             |             Flags             |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                            Sequence                           |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |                              Port                             |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

In the host's byte order, each message and each attribute aligned to four bytes (linux/netlink.h, RFC 3549 §2.3.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from errno import EINTR
from struct import Struct
from typing import NamedTuple, Protocol

HEADER = Struct("=IHHII")
ATTRIBUTE = Struct("=HH")
GENERIC = Struct("=BBxx")  # linux/genetlink.h: command, version
ERROR = Struct("=i")

# linux/netlink.h: types
NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, NLMSG_OVERRUN = 1, 2, 3, 4

# linux/netlink.h: flags of a request, of a dump, of a creation, of an answer
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP_INTR = 0x001, 0x002, 0x004, 0x010
NLM_F_DUMP = 0x300
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE = 0x100, 0x200, 0x400
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSGERR_ATTR_MSG = 1

NLA_F_NESTED = 0x8000
NLA_TYPE_MASK = 0x3FFF  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER

PAD = (b"", b"\0\0\0", b"\0\0", b"\0")


class BadMessage(Exception):
    """Bytes that are not netlink, or not what the kernel's headers say about them."""


class NetlinkError(Exception):
    """The kernel refused something: every refusal of one `apply`, each naming its object and the reason."""

    def __init__(self, refusals: Sequence[tuple[str, Refusal]]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(f"{subject}: {refusal.reason}" for subject, refusal in refusals))


class Torn(NetlinkError):
    """The table changed during every attempt to read it.

    `dumps` are the payloads of each attempt, the oldest first: each may lack an object that did not change, and have
    one twice (linux/netlink.h, NLM_F_DUMP_INTR).
    """

    def __init__(self, dumps: Sequence[Sequence[bytes]]) -> None:
        self.dumps = tuple(dumps)
        super().__init__([("dump", Refusal(0, EINTR, "the table kept changing while it was read"))])


class Message(NamedTuple):
    """One message that was received."""

    type: int
    flags: int
    sequence: int
    payload: bytes


class Request(NamedTuple):
    """One message to send: NLM_F_REQUEST, the acknowledgement and the sequence are the socket's business."""

    type: int
    flags: int
    payload: bytes


class Refusal(NamedTuple):
    """The kernel's answer to the request at `position` in a batch: an errno, and why in words."""

    position: int
    code: int
    reason: str


class NetlinkTransport(Protocol):
    """What the tables need of a socket; `socket.NetlinkSocket` is one."""

    def batch(self, requests: Sequence[Request]) -> list[Refusal]:
        """Carry out all requests, in order, whatever becomes of each; the refused ones."""

    def ask(self, request: Request) -> bytes:
        """The payload of the one message that answers. Raises NetlinkError when refused."""

    def dump(self, request: Request) -> list[bytes]:
        """The payloads of every message of the answer. Raises NetlinkError when refused, Torn when never whole."""


def encode(request: Request, flags: int, sequence: int) -> bytes:
    """Return a request as bytes: the header of linux/netlink.h, the payload, zeros up to a multiple of four."""
    length = HEADER.size + len(request.payload)
    head = HEADER.pack(length, request.type, request.flags | flags, sequence, 0)
    return head + request.payload + PAD[length % 4]


def decode(data: bytes) -> Iterator[Message]:
    """The messages of one datagram. Raises BadMessage."""
    at, end = 0, len(data)
    while at < end:
        if end - at < HEADER.size:
            raise BadMessage(f"{end - at} bytes are shorter than a header")
        length, kind, flags, sequence, _unused = HEADER.unpack_from(data, at)
        if not HEADER.size <= length <= end - at:
            raise BadMessage(f"length {length} of a message in {end - at} bytes")
        yield Message(kind, flags, sequence, data[at + 16 : at + length])
        at += (length + 3) & ~3


def attribute(kind: int, value: bytes) -> bytes:
    """Return one attribute: length, type and value, padded to a multiple of four (linux/netlink.h)."""
    length = ATTRIBUTE.size + len(value)
    return ATTRIBUTE.pack(length, kind) + value + PAD[length % 4]


def nested(kind: int, attributes: Iterable[bytes]) -> bytes:
    """Return an attribute that holds other attributes, with the flag that says so."""
    return attribute(kind | NLA_F_NESTED, b"".join(attributes))


def attributes(data: bytes, at: int = 0) -> dict[int, bytes]:
    """The attributes from offset `at`; of one that repeats, the last. Raises BadMessage."""
    found: dict[int, bytes] = {}
    end = len(data)
    while end - at >= ATTRIBUTE.size:
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if not ATTRIBUTE.size <= length <= end - at:
            raise BadMessage(f"length {length} of an attribute in {end - at} bytes")
        found[kind & NLA_TYPE_MASK] = data[at + ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found


def generic(command: int, version: int, payload: bytes = b"") -> bytes:
    """Return the payload of a generic netlink request: command, version, reserved, attributes (linux/genetlink.h)."""
    return GENERIC.pack(command, version) + payload


def text(value: bytes) -> str:
    """A NUL-terminated string."""
    return value.split(b"\0", 1)[0].decode("utf-8", "replace")


def string(value: str) -> bytes:
    """Return a text as the kernel takes it: UTF-8, closed by a zero."""
    return value.encode() + b"\0"


def refusal(message: Message) -> tuple[int, str]:
    """The errno of an NLMSG_ERROR or NLMSG_DONE (0: all well) and the kernel's extended message, "" without one."""
    payload = message.payload
    if len(payload) < ERROR.size:
        raise BadMessage(f"acknowledgement of {len(payload)} bytes")
    (code,) = ERROR.unpack_from(payload)
    if not message.flags & NLM_F_ACK_TLVS:
        return -code, ""
    at: int = ERROR.size
    if message.type == NLMSG_ERROR:  # the request comes first: its header, or all of it
        at += HEADER.size
        if code and not message.flags & NLM_F_CAPPED and len(payload) >= at:
            at = ERROR.size + ((HEADER.unpack_from(payload, ERROR.size)[0] + 3) & ~3)
    return -code, text(attributes(payload, at).get(NLMSGERR_ATTR_MSG, b""))
