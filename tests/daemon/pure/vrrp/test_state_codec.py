# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that a worker leaves: what was stored is read again, and anything else is refused with ValueError alone."""

import json
from ipaddress import ip_address
from math import inf, nan
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel.rtnl_types import AddressKey
from lvsd.vrrp.fsm import Active, Backup, Initialize
from lvsd.vrrp.parameters import Identity
from lvsd.vrrp.state_codec import (
    FLAGS,
    INTERVAL,
    KIND,
    LAST,
    LONGEST,
    PRIORITY,
    ROUTER,
    SLOT,
    Remembered,
    Slot,
    Subject,
    decode,
    encode,
    numbers,
)

BOOT = "6d0e1cd1-6a5f-4d43-a8d5-3a1f0a7a2f36"
PEER, PEER6 = ip_address("192.0.2.2"), ip_address("fe80::2")
FRONT = Subject("front", Identity(51, 4, "eth0", ip_address("224.0.0.18"), None),
                (AddressKey(2, ip_address("192.0.2.100"), 24),))  # fmt: skip
BACK = Subject("back", Identity(52, 6, None, None, ip_address("2001:db8::1")), ())
LISTENING = Backup(103.5, 0.02, 109.0, ready=True, yielding=True)
TOLD = [
    Remembered(FRONT, Active(101.0), 100.0, 1.0, 1.7e9, 150),
    Remembered(BACK, LISTENING, 100.0, 0.02, 1.7e9, 100, PEER6),
]


def stored(told):
    return numbers(told.state, told.last, told.interval, told.since, told.priority, told.active_router)


WHOLE = encode(BOOT, [t.subject for t in TOLD], map(stored, TOLD))


def test_what_was_stored_is_read_again():
    assert list(decode(WHOLE, BOOT)) == TOLD
    told = Remembered(FRONT, Backup(5.0, 1.0), 2.0, 1.0, 3.0, 254, PEER)
    assert list(decode(encode(BOOT, [FRONT], [stored(told)]), BOOT)) == [told]


def test_the_numbers_are_aligned():
    assert WHOLE.index(b"\n") % 8 == 7


def test_of_an_instance_in_initialize_nothing_is_known():
    nothing = numbers(Initialize(), 1.0, 1.0, 1.0, 100, None)
    assert decode(encode(BOOT, [FRONT, BACK], [nothing, stored(TOLD[1])]), BOOT) == (TOLD[1],)


def test_a_slot_that_was_being_written_says_nothing():
    """The worker was killed after any of the stores: before or after is true, or nothing is known."""

    class Killed(Exception):
        pass

    class Interrupted(list[float]):
        left = 0

        def __setitem__(self, at, value):
            if not self.left:
                raise Killed
            self.left -= 1
            super().__setitem__(at, value)

    before, after = stored(TOLD[0]), numbers(LISTENING, 7.0, 1.0, 8.0, 9, PEER)
    expected = {decode(encode(BOOT, [FRONT], [those]), BOOT) for those in (before, after)} | {()}
    seen = set()
    for stores in range(len(before) + 2):
        stopped: Any = Interrupted(before)
        stopped.left = stores
        try:
            Slot(stopped).write(after)
        except Killed:
            pass
        seen.add(decode(encode(BOOT, [FRONT], [stopped]), BOOT))
    assert seen == expected


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "line"),
    (WHOLE[: len(WHOLE) // 2], "line|bytes|instances"),
    (WHOLE[:-1], "bytes for 2 instances"),
    (WHOLE + b"\0", "bytes for 2 instances"),
    (WHOLE.replace(BOOT.encode(), BOOT[::-1].encode()), "another boot"),
    (WHOLE.replace(b'"version":1', b'"version":2'), "not of version 1"),
    (b"[]\n", "not of version 1"),
    (b"[" * 100_000 + b"\n", "too deep"),
    (b"\x80\n", "utf-8|Expecting"),
    (bytes(LONGEST + 1), "more than"),
    (json.dumps({"version": 1, "boot": BOOT}).encode() + b"\n", "does not name"),
    (json.dumps({"version": 1, "boot": BOOT, "instances": [7]}).encode() + b"\n", "does not name"),
    (WHOLE.replace(b'"eth0"', b'["e"]'), "no virtual router"),
    (WHOLE.replace(b"192.0.2.100", b"192.0.2.x00"), "does not appear"),
], ids=lambda value: len(value) if isinstance(value, bytes) else value)  # fmt: skip
def test_what_is_not_such_a_file(content, reason):
    with pytest.raises(ValueError, match=reason):
        decode(content, BOOT)


@pytest.mark.parametrize(("at", "number"), [
    (KIND, 3.0), (KIND, nan), (LAST, nan), (LAST, -1.0), (LAST, inf), (INTERVAL, 0.0), (INTERVAL, 1e9), (FLAGS, 4.0),
    (FLAGS, 0.5), (PRIORITY, 0.0), (PRIORITY, 256.0), (PRIORITY, nan), (ROUTER, -1.0), (ROUTER, inf),
])  # fmt: skip
def test_numbers_that_no_worker_writes(at, number):
    broken = list(stored(TOLD[1]))
    broken[at] = number
    with pytest.raises(ValueError, match="mean nothing"):
        decode(encode(BOOT, [BACK], [tuple(broken)]), BOOT)


@given(st.binary(max_size=SLOT.size * 2))
def test_random_numbers_are_refused_or_sound(noise):
    line = encode(BOOT, [FRONT, BACK], [])
    try:
        for told in decode(line + noise.ljust(SLOT.size * 2, b"\0"), BOOT):
            assert told.last >= 0
    except ValueError:
        pass


def test_damaged_bytes_are_refused_or_sound():
    luck = Random(7)
    for _ in range(2000):
        damaged = bytearray(WHOLE)
        for _ in range(luck.randrange(1, 5)):
            damaged[luck.randrange(len(damaged))] = luck.randrange(256)
        try:
            decode(bytes(damaged), BOOT)
        except ValueError:
            pass
