# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fork keeps of descriptors and of the terminal, in a child of the test."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from lvsd import forked


def in_a_child(work: Callable[[], bool]) -> bool:
    """Whether `work` returned True there."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_one_descriptor_stays_beside_the_standard_streams(kept: int) -> None:
    given = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]

    def work() -> bool:
        forked.keep_only(given[kept])
        return [is_open(each) for each in (0, 1, 2, *given)] == [True] * 3 + [number == kept for number in range(3)]

    assert in_a_child(work)
    for each in given:
        os.close(each)


def test_without_one_none_stays() -> None:
    given = os.open(os.devnull, os.O_RDONLY)

    def work() -> bool:
        forked.keep_only()
        return not is_open(given) and is_open(2)

    assert in_a_child(work)
    os.close(given)


def test_the_terminal_and_its_signals_are_left() -> None:
    def work() -> bool:
        forked.leave_the_terminal()
        null = os.stat(os.devnull)
        return os.getpgid(0) == os.getpid() and all(os.path.samestat(os.fstat(each), null) for each in range(3))

    assert in_a_child(work)
