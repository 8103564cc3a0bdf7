# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarm clock of a loop, on the real clock."""

import select
import time
from collections.abc import Iterator
from math import inf

import pytest
from lvsd.timerfd import TimerFd


@pytest.fixture
def alarm() -> Iterator[TimerFd]:
    made = TimerFd()
    yield made
    made.close()


def rings(alarm: TimerFd, within: float) -> bool:
    return bool(select.select([alarm.fd], [], [], within)[0])


@pytest.mark.parametrize("ago", [-0.01, 1.0])
def test_it_rings_at_the_deadline_or_at_once_when_that_has_passed(alarm: TimerFd, ago: float) -> None:
    deadline = time.monotonic() - ago
    alarm.arm(deadline)
    assert rings(alarm, 10)
    assert time.monotonic() >= deadline


def test_it_rings_until_it_is_read_and_can_be_armed_again(alarm: TimerFd) -> None:
    past = time.monotonic()
    for _unused in range(2):
        alarm.arm(past)
        assert rings(alarm, 10)
        alarm.read()
        assert not rings(alarm, 0)


def test_never(alarm: TimerFd) -> None:
    alarm.arm(time.monotonic())
    alarm.arm(inf)
    assert not rings(alarm, 0)
    alarm.read()  # there is nothing to take note of
