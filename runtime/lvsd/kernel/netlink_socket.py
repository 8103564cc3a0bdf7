# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The netlink sockets to the kernel: requests and their answers, and the events of links and addresses.

Everything that blocks has a limit; everything that fails says what and why.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from errno import ENOBUFS
from struct import Struct

from .netlink import (
    HEADER,
    NLM_F_ACK,
    NLM_F_DUMP_INTR,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
    Message,
    NetlinkError,
    Refusal,
    Request,
    Torn,
    decode,
    encode,
    refusal,
)
from .uapi import RTM_NEWADDR, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_LINK

NETLINK_ROUTE, NETLINK_GENERIC = 0, 16  # linux/netlink.h
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 1, 10, 11
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33  # asm-generic/socket.h
SO_RCVTIMEO = 20
TIMEVAL = Struct("@ll")

BUFFER = 4 << 20
BATCH = 64 << 10
"""Bytes per sendmsg: the acknowledgements of a whole batch of refusals fit into the receive buffer."""
DATAGRAM = 1 << 16
"""No larger than what the kernel puts into one datagram of a dump (32 KiB) or of acknowledgements."""
ANSWER_WITHIN = 10
"""Seconds: the kernel answers at once, unless it loads a module."""
READ_AT_ONCE = 1000
"""Datagrams of events: half of them would be news of 500 addresses, in some 10 ms."""
ATTEMPTS = 8
"""How often a dump is asked for again because the table changed in between."""


LAST_SEQUENCE = 1 << 31
"""Numbers start again before they would outgrow their 32 bits within a batch."""


class Overrun(Exception):
    """Events were lost: the reader has to dump the tables again."""


class NetlinkSocket:
    """Requests and their answers, one at a time; an lvsd.kernel.netlink.NetlinkTransport.

    Belongs to the network namespace it was opened in. Raises OSError; TimeoutError when the kernel does not answer.
    """

    def __init__(self, protocol: int) -> None:
        self._socket = netlink_socket(protocol)
        self._socket.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self._socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVTIMEO, TIMEVAL.pack(ANSWER_WITHIN, 0))
        self._sequence = 0

    @property
    def port(self) -> int:
        """Which the kernel names in its events as the author of a change (nlmsg_pid)."""
        number: int = self._socket.getsockname()[0]
        return number

    def close(self) -> None:
        """Close the socket; no request can be sent any more."""
        self._socket.close()

    def batch(self, requests: Sequence[Request]) -> list[Refusal]:
        """Many requests in few system calls; only the last of each call is acknowledged, errors always are."""
        refusals: list[Refusal] = []
        for start, end in portions(requests):
            flags = [NLM_F_REQUEST] * (end - start - 1) + [NLM_F_REQUEST | NLM_F_ACK]
            first = self._send(requests[start:end], flags)
            for message in self._acknowledgements(first):
                position = start + message.sequence - first
                if refusal := refused(position, message):
                    refusals.append(refusal)
        return refusals

    def ask(self, request: Request) -> bytes:
        """Send one request and return the payload of its answer. Raises `NetlinkError` for a refusal."""
        message = next(self._request(request))
        raise_if_refused("request", message)
        return message.payload

    def dump(self, request: Request) -> list[bytes]:
        """Return the payloads of all objects that a request asks for.

        A dump that the kernel marks as torn is read again. Raises `Torn`, with what was read, where that does not help.
        """
        torn = []
        for _unused in range(ATTEMPTS):
            payloads, whole = self._dump(request)
            if whole:
                return payloads
            torn.append(payloads)
        raise Torn(torn)

    def _dump(self, request: Request) -> tuple[list[bytes], bool]:
        """The payloads, and whether the table stayed as it was meanwhile."""
        asked = self._send([request], [NLM_F_REQUEST])
        payloads: list[bytes] = []
        torn = 0
        while True:
            for datagram in self._receive_all():
                for kind, flags, sequence, payload in decode(datagram):
                    if sequence != asked:
                        continue
                    torn |= flags & NLM_F_DUMP_INTR
                    if kind in (NLMSG_ERROR, NLMSG_DONE):
                        raise_if_refused("dump", Message(kind, flags, sequence, payload))
                        return payloads, not torn
                    payloads.append(payload)

    def _request(self, request: Request) -> Iterator[Message]:
        return self._answers(self._send([request], [NLM_F_REQUEST]))

    def _send(self, requests: Sequence[Request], flags: Sequence[int]) -> int:
        """The sequence number of the first."""
        if self._sequence > LAST_SEQUENCE:
            self._sequence = 0
        numbers = range(self._sequence + 1, self._sequence + 1 + len(requests))
        self._sequence = numbers[-1]
        self._socket.send(b"".join(map(encode, requests, flags, numbers)))
        return numbers[0]

    def _acknowledgements(self, first: int) -> Iterator[Message]:
        """Of the messages from sequence `first` to the last one sent."""
        while True:
            for message in decode(self._receive()):
                if message.type == NLMSG_ERROR and first <= message.sequence:
                    yield message
                    if message.sequence == self._sequence:
                        return

    def _answers(self, sequence: int) -> Iterator[Message]:
        """Without an end; what an earlier request left unread is passed over."""
        while True:
            for message in decode(self._receive()):
                if message.sequence == sequence:
                    yield message

    def _receive_all(self) -> list[bytes]:
        """Every datagram that is there: reading a piece of a dump makes the kernel write the next, so none waits."""
        datagrams = [self._receive()]
        while True:
            try:
                datagrams.append(self._socket.recv(DATAGRAM, socket.MSG_DONTWAIT))
            except BlockingIOError:
                return datagrams

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(DATAGRAM)
        except BlockingIOError as reason:
            raise TimeoutError(f"no answer from the kernel within {ANSWER_WITHIN} s") from reason


class EventSocket:
    """Changes of links and addresses, as they happen: never blocks, is watched through `fileno`.

    IPv4 addresses that the socket with the port `besides` has added are no news (of IPv6 the kernel does not say who).
    """

    def __init__(
        self,
        groups: Sequence[int] = (RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR),
        *,
        besides: int = 0,
    ) -> None:
        self._besides = besides
        self._socket = netlink_socket(NETLINK_ROUTE)
        self._socket.setblocking(False)
        for group in groups:
            self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)

    def fileno(self) -> int:
        """The descriptor, for the loop."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket; the kernel keeps no more events for it."""
        self._socket.close()

    def read(self) -> list[bytes]:
        """The datagrams that are there, for `route.decode_events`. Raises Overrun when some were lost.

        Then nothing is left to read, and the tables are to be read now: what changes from here on is told again.
        At most `READ_AT_ONCE`: who changes addresses faster than they are read does not keep the reader from all else.
        """
        datagrams: list[bytes] = []
        for _unused in range(READ_AT_ONCE):
            try:
                datagram = self._socket.recv(DATAGRAM)
                if not self._known(datagram):
                    datagrams.append(datagram)
            except BlockingIOError:
                return datagrams
            except OSError as reason:
                if reason.errno == ENOBUFS:
                    self._discard()
                    raise Overrun("link and address events were lost") from reason
                raise
        return datagrams

    def _discard(self) -> None:
        """What is left: until the buffer is empty the kernel drops more without a word (af_netlink.c, CONGESTED)."""
        for _unused in range(BUFFER):
            try:
                self._socket.recv(1)
            except BlockingIOError:
                return
            except OSError as reason:
                if reason.errno != ENOBUFS:
                    raise

    def _known(self, datagram: bytes) -> bool:
        if not self._besides or len(datagram) < HEADER.size:
            return False
        _unused, kind, _unused, _unused, port = HEADER.unpack_from(datagram)
        return bool(kind == RTM_NEWADDR and port == self._besides)


def route_netlink() -> NetlinkSocket:
    """For lvsd.kernel.rtnetlink.Route."""
    return NetlinkSocket(NETLINK_ROUTE)


def generic_netlink() -> NetlinkSocket:
    """For lvsd.kernel.ipvs.Ipvs."""
    return NetlinkSocket(NETLINK_GENERIC)


def netlink_socket(protocol: int) -> socket.socket:
    """With large buffers, where we may (CAP_NET_ADMIN)."""
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    for forced, asked in ((SO_SNDBUFFORCE, socket.SO_SNDBUF), (SO_RCVBUFFORCE, socket.SO_RCVBUF)):
        try:
            opened.setsockopt(socket.SOL_SOCKET, forced, BUFFER)
        except PermissionError:
            opened.setsockopt(socket.SOL_SOCKET, asked, BUFFER)
    opened.bind((0, 0))
    return opened


def portions(requests: Sequence[Request]) -> Iterator[tuple[int, int]]:
    """(start, end) of what goes into one system call."""
    start = size = 0
    for end, request in enumerate(requests, 1):
        size += len(request.payload) + HEADER.size + 3
        if size >= BATCH:
            yield start, end
            start, size = end, 0
    if start < len(requests):
        yield start, len(requests)


def refused(position: int, message: Message) -> Refusal | None:
    """None for an acknowledgement; otherwise the kernel's own words, or those of the errno."""
    code, words = refusal(message)
    return Refusal(position, code, words or os.strerror(code)) if code else None


def raise_if_refused(subject: str, message: Message) -> None:
    """An NLMSG_ERROR, or the end of a dump, that carries an errno."""
    if message.type in (NLMSG_ERROR, NLMSG_DONE) and (said := refused(0, message)):
        raise NetlinkError([(subject, said)])
