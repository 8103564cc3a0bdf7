# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order announcements leave: whoever becomes Active first, nobody waits for the repeats of others."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from lvsd.kernel.rtnl_types import AddressKey
from lvsd.loop import Loop
from lvsd.model import GlobalDefs
from lvsd.vrrp.tx import AT_ONCE, Transmitter

REPEAT = 3
LINK = SimpleNamespace(name="eth0", index=2, arp=True, address=bytes(6))
INTERFACES: Any = SimpleNamespace(links={"eth0": LINK}, names={2: "eth0"})


class Recording(Transmitter):
    """Keeps the last byte of each announced address instead of sending."""

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop, lambda *_: None, lambda *_: None)
        self.sent: list[int] = []

    def _frame(self, where: tuple[str, int], frame: bytes) -> bool:
        self.sent.append(frame[31])
        return True


def keys(numbers: range) -> list[AddressKey]:
    return [AddressKey(2, IPv4Address(f"192.0.2.{number}"), 32) for number in numbers]


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


def test_first_frames_go_at_once_and_before_the_repeats_of_others(loop: Loop) -> None:
    outlet = Recording(loop)
    early, late = range(100), range(100, 200)
    outlet.announce([(keys(early), REPEAT)], INTERFACES)
    outlet.announce([(keys(late), REPEAT)], INTERFACES)
    assert outlet.sent == [*early, *late]


def test_repeats_follow_by_and_by_and_all_of_them(loop: Loop) -> None:
    outlet = Recording(loop)
    every = range(200)
    outlet.announce([(keys(every), REPEAT)], INTERFACES)
    sizes: list[int] = []

    def watch() -> None:
        sizes.append(len(outlet.sent))
        if sizes[-1] == len(every) * REPEAT:
            loop.stop()
        else:
            loop.call_later(0, watch)

    loop.call_later(5, loop.stop)
    watch()
    loop.run()
    assert outlet.sent == [*every] * REPEAT
    assert max(later - earlier for earlier, later in pairwise(sizes)) <= AT_ONCE


def test_a_pace_holds_for_first_frames_too(loop: Loop) -> None:
    outlet = Recording(loop)
    outlet.defs = GlobalDefs(vrrp_garp_interval=0.01)
    outlet.announce([(keys(range(2)), 1)], INTERFACES)
    outlet.announce([(keys(range(2, 3)), 1)], INTERFACES)
    assert outlet.sent == [0]
    loop.call_later(0.2, loop.stop)
    loop.run()
    assert sorted(outlet.sent) == [0, 1, 2]


@pytest.mark.parametrize("pace", [None, 0.001])
def test_of_addresses_that_have_left_nothing_more_is_told(loop: Loop, pace: Any) -> None:
    outlet = Recording(loop)
    outlet.defs = GlobalDefs(vrrp_garp_interval=pace)
    staying, leaving = keys(range(2)), keys(range(2, 4))
    outlet.announce([(staying, REPEAT), (leaving, REPEAT)], INTERFACES)
    before = outlet.sent.copy()
    outlet.withdraw(leaving)
    loop.call_later(0.2, loop.stop)
    loop.run()
    assert not {2, 3} & {*outlet.sent[len(before) :]}
    assert [outlet.sent.count(number) for number in range(2)] == [REPEAT, REPEAT]
