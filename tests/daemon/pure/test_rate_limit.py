# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others make happen is said once a minute, with the count of what was left out; in virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.rate_limit import PERIOD, RateLimit

from tests.daemon.simulation.clock import Clock, VirtualLoop


class Speaker:
    def __init__(self) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, lambda: self.loop.turn(lambda: None))
        self.said: list[tuple[float, str]] = []
        self.details: list[dict[str, Any]] = []
        self.limit = RateLimit(self.loop, self.add)

    def add(self, what: str, subject: str, message: str, **details: Any) -> None:
        self.said.append((self.clock.now, message))
        self.details.append(details)

    def say(self, at: float, text: str, subject: str = "VI_1", kind: str = "chksum_err") -> None:
        self.clock.run(at)
        self.loop.turn(lambda: self.limit.say("packet", subject, kind, lambda: (text, {"source": text})))


@pytest.fixture
def speaker() -> Speaker:
    return Speaker()


def test_the_first_at_once_and_the_others_as_a_count_when_the_minute_ends(speaker: Speaker) -> None:
    for number in range(1241):
        speaker.say(number / 100, f"from {number}")
    assert speaker.said == [(0.0, "VI_1: from 0")]
    speaker.clock.run(10 * PERIOD)
    assert speaker.said[1:] == [(PERIOD, "VI_1: 1,240 more in the last minute, the last one: from 1240")]
    assert speaker.details[1] == {"source": "from 1240", "more": 1240}


def test_a_flood_that_does_not_end_is_one_line_a_minute(speaker: Speaker) -> None:
    for tenth in range(int(100 * PERIOD)):
        speaker.say(tenth / 10, "x")
    assert [at for at, _unused in speaker.said] == [PERIOD * minute for minute in range(10)]


def test_after_a_quiet_minute_the_next_one_is_said_at_once(speaker: Speaker) -> None:
    speaker.say(0, "a")
    speaker.say(PERIOD, "b")
    speaker.say(PERIOD + 1, "c")
    speaker.say(5 * PERIOD, "d")
    more = "VI_1: 1 more in the last minute, the last one: c"
    assert speaker.said == [(0, "VI_1: a"), (PERIOD, "VI_1: b"), (2 * PERIOD, more), (5 * PERIOD, "VI_1: d")]


def test_subjects_and_kinds_do_not_silence_each_other(speaker: Speaker) -> None:
    for subject in ("VI_1", "VI_2"):
        for kind in ("chksum_err", "ip_ttl_err"):
            speaker.say(1, "x", subject, kind)
    assert len(speaker.said) == 4


def test_without_anything_left_out_no_timer_runs(speaker: Speaker) -> None:
    speaker.say(0, "x")
    assert speaker.loop.next_deadline() == float("inf")
    speaker.say(1, "x")
    assert speaker.loop.next_deadline() == PERIOD
