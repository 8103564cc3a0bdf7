# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log and the scripts follow one by one: whoever is due does not wait for them."""

from collections.abc import Iterator
from functools import partial

import pytest
from lvsd.loop import Loop
from lvsd.vrrp.deferred import WITHIN, Deferred

PIECES = 20


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    made.call_later(10, made.stop)
    yield made
    made.close()


def test_everything_is_told_in_order_and_not_at_once(loop: Loop) -> None:
    told: list[int] = []
    aftermath = Deferred(loop)
    for number in range(PIECES):
        aftermath.add(partial(told.append, number))
    assert told == []
    aftermath.add(loop.stop)
    loop.run()
    assert told == [*range(PIECES)]


def test_who_is_due_is_served_between_two_pieces(loop: Loop) -> None:
    told: list[int] = []
    served: list[int] = []
    aftermath = Deferred(loop)

    def due() -> None:
        served.append(len(told))
        if len(told) < PIECES:
            loop.call_later(0, due)
        else:
            loop.stop()

    for number in range(PIECES):
        aftermath.add(partial(told.append, number))
    loop.call_later(0, due)
    loop.run()
    assert {*range(1, PIECES)} <= {*served}


def test_what_a_piece_adds_comes_last(loop: Loop) -> None:
    told: list[str] = []
    aftermath = Deferred(loop)
    aftermath.add(lambda: (told.append("first"), aftermath.add(lambda: (told.append("third"), loop.stop()))))
    aftermath.add(lambda: told.append("second"))
    loop.run()
    assert told == ["first", "second", "third"]


def test_finish_leaves_nothing_undone_and_nothing_twice(loop: Loop) -> None:
    told: list[int] = []
    aftermath = Deferred(loop)
    for number in range(PIECES):
        aftermath.add(partial(told.append, number))
    aftermath.finish()
    assert told == [*range(PIECES)]
    loop.call_later(2 * WITHIN, loop.stop)
    loop.run()
    assert told == [*range(PIECES)]


def test_while_somebody_is_about_to_take_over_it_waits_but_not_for_ever(loop: Loop) -> None:
    told: list[float] = []
    loop.stay_awake(loop.now + 1)
    began = loop.now
    Deferred(loop).add(lambda: (told.append(loop.now - began), loop.stop()))
    loop.run()
    assert WITHIN <= told[0] < 1
