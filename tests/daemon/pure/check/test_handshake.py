# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which group a server wants, from the bytes of its handshake, however they are cut."""

from random import Random

import pytest
from lvsd.check.probe.handshake import GroupTooLarge, Handshake

DHE = frozenset({0x0033, 0x009F})
ALERT, HANDSHAKE, CHANGE = 21, 22, 20


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def record(kind: int, fragment: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(fragment).to_bytes(2, "big") + fragment


def hello(suite: int, session: bytes = b"", share: int | None = None) -> bytes:
    extensions = b"\0\x17\0\0" + (b"" if share is None else b"\0\x33\0\x02" + share.to_bytes(2, "big"))
    tail = suite.to_bytes(2, "big") + b"\0" + len(extensions).to_bytes(2, "big") + extensions
    return message(2, b"\3\3" + bytes(32) + bytes([len(session)]) + session + tail)


def key_exchange(bits: int) -> bytes:
    prime = b"\xff" * (bits // 8)
    return message(12, len(prime).to_bytes(2, "big") + prime + b"\0\1\2" + len(prime).to_bytes(2, "big") + prime)


def flight(*messages: bytes, cut: int = 1 << 14) -> bytes:
    """In records of at most so many bytes."""
    data = b"".join(messages)
    return b"".join(record(HANDSHAKE, data[at : at + cut]) for at in range(0, len(data), cut))


def fed(data: bytes, piece: int) -> None:
    handshake = Handshake(DHE)
    for at in range(0, len(data), piece):
        handshake.feed(data[at : at + piece])


CERTIFICATE = message(11, bytes(3000))


@pytest.mark.parametrize("cut", [1, 3, 4, 5, 100, 1 << 14])
@pytest.mark.parametrize("piece", [1, 7, 1000, 1 << 20])
def test_too_large_a_group_is_refused_however_it_is_cut(cut: int, piece: int) -> None:
    data = record(ALERT, b"\1\x70") + flight(message(0, b""), hello(0x009F), CERTIFICATE, key_exchange(4104), cut=cut)
    with pytest.raises(GroupTooLarge, match="wants a dh group of 4104 bits; a check computes with 4096 at most"):
        fed(data, piece)


def test_a_group_is_refused_before_all_of_what_came_is_read() -> None:
    with pytest.raises(GroupTooLarge):
        Handshake(DHE).feed(flight(hello(0x0033, bytes(32)), CERTIFICATE, key_exchange(10_000)) + record(CHANGE, b"\1"))


def test_a_group_of_4096_bits_and_other_key_exchanges_pass() -> None:
    Handshake(DHE).feed(flight(hello(0x0033), CERTIFICATE, key_exchange(4096)))
    Handshake(DHE).feed(flight(hello(0xC02F), CERTIFICATE, message(12, b"\3\0\x17\x41" + bytes(400))))
    Handshake(DHE).feed(flight(hello(0x1301, bytes(32), 0x001D)))


def test_a_named_group_is_refused_where_it_is_asked_for() -> None:
    with pytest.raises(GroupTooLarge, match="8192 bits"):
        Handshake(DHE).feed(flight(hello(0x1301, bytes(32), 0x0104)))


def test_what_is_encrypted_is_not_looked_at() -> None:
    handshake = Handshake(DHE)
    handshake.feed(flight(hello(0x0033)) + record(CHANGE, b"\1"))
    handshake.feed(flight(key_exchange(10_000)))


def test_any_bytes_are_no_error_but_that_one() -> None:
    luck = Random(5)
    whole = flight(hello(0x0033), CERTIFICATE, key_exchange(10_000))
    for _ in range(3000):
        data = bytearray(whole[: luck.randrange(len(whole))])
        for _ in range(luck.randrange(5)):
            if data:
                data[luck.randrange(min(len(data), 120))] = luck.randrange(256)
        try:
            Handshake(DHE).feed(bytes(data))
        except GroupTooLarge:
            pass
