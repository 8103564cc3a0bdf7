# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Those who watch over the promise: each notices what it is there for."""

from __future__ import annotations

import hashlib
import socket
import struct

import pytest

from tests.promise.guest.watch import addresses_in, hexadecimal
from tests.promise.server import block
from tests.promise.tally import Handover, Row, handovers, promises
from tests.promise.transfer import Broken, compared
from tests.promise.witness import handed_over

BODY = block(0) + block(1)
KEPT = Row("a reload", 10, 200, 0, 31.0, 0, 0, "alive", 80.0)


def end(length: int, body: bytes) -> bytes:
    return f"end {length} {hashlib.sha256(body).hexdigest()}\n".encode()


def test_a_whole_download_is_right():
    outcome = compared(BODY + end(len(BODY), BODY))
    assert outcome is not None
    assert (outcome.right, outcome.received) == (True, 2048)


@pytest.mark.parametrize(
    "received",
    [BODY[:-1] + b"x" + end(2048, BODY), block(1) + end(1024, block(1)), BODY + end(4096, BODY), BODY + end(2048, b"")],
    ids=["a byte", "the first block", "the length", "the sum"],
)
def test_a_download_with_something_wrong_is_broken(received: bytes):
    with pytest.raises(Broken):
        compared(received)


@pytest.mark.parametrize("received", [b"", BODY, BODY + b"end 2048 0"])
def test_a_download_that_was_cut_off_has_no_end(received: bytes):
    assert compared(received) is None


def notification(kind: int, address: str) -> bytes:
    """struct nlmsghdr, ifaddrmsg, IFA_LABEL and IFA_LOCAL, as the kernel sends them."""
    label = struct.pack("=HH4s", 9, 3, b"eth0") + b"\0" * 4
    attributes = label + struct.pack("=HH4s", 8, 2, socket.inet_aton(address))
    payload = struct.pack("=BBBBI", 2, 24, 0, 0, 2) + attributes
    return struct.pack("=IHHII", 16 + len(payload), kind, 0, 0, 0) + payload


def test_every_change_of_an_address_is_seen():
    data = notification(21, "192.168.122.140") + notification(20, "10.0.0.1")
    assert addresses_in(data) == [("removed", "192.168.122.140"), ("added", "10.0.0.1")]


def test_an_endpoint_as_the_kernel_s_table_writes_it():
    assert hexadecimal("192.168.122.140:80") == "C0A87A8C:0050"


def advertisement(source: str, priority: int) -> tuple[float, bytes]:
    header = bytes(12) + b"\x08\x00" + bytes(9) + bytes([112]) + bytes(2) + socket.inet_aton(source) + bytes(4)
    return 0.0, header + bytes([0x21, 20, priority, 1])


def test_an_advertisement_of_the_peer_or_of_priority_0_is_a_hand_over():
    ours = socket.inet_aton("10.10.10.10")
    assert handed_over([advertisement("10.10.10.10", 100)], ours) == 0
    assert handed_over([advertisement("10.10.10.10", 0), advertisement("10.10.10.11", 50)], ours) == 2


@pytest.mark.parametrize(
    "row",
    [Row("a", 1, 9, 1, 0, 0, 0, "alive", 0), Row("a", 1, 9, 0, 0, 1, 0, "alive", 0),
     Row("a", 1, 9, 0, 0, 0, 1, "alive", 0), Row("a", 1, 9, 0, 0, 0, 0, "timed out", 0)],
    ids=["a request", "an address", "the table", "the transfer"],
)  # fmt: skip
def test_a_promise_is_broken_by_any_one_thing(row: Row):
    assert KEPT.kept
    assert not row.kept


def test_the_tables_are_markdown():
    head, rule, line = promises([KEPT]).splitlines()
    assert head.count("|") == rule.count("|") == line.count("|") == 10
    assert "| 200      | 0      | 0         | no " in line
    stops = handovers([Handover("a", "b", 0.6, 0.65), Handover("a", "b", 0.6, 0.61)], {"b": 0.004})
    assert "| 600 ms    | 610 ms        | 630 ms | 650 ms | 50 ms " in stops
