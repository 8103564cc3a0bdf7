# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A child that works something out: its answer, whole, none where it ends early, and none after a cancel."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable

import pytest
from lvsd.forked_answer import ForkedAnswer
from lvsd.loop import Loop


def answer(work: Callable[[], object]) -> bytes:
    loop, found = Loop(), list[bytes]()

    def done(received: bytes) -> None:
        found.append(received)
        loop.stop()

    ForkedAnswer(loop, work, done)
    loop.run()
    loop.close()
    (received,) = found
    return received


@pytest.mark.parametrize("said", [None, "a word", "x" * (3 << 20)], ids=["none", "a word", "more than a pipe holds"])
def test_it_is_what_the_work_returns(said: str | None) -> None:
    assert pickle.loads(answer(lambda: said)) == said


def test_the_work_is_done_in_another_process() -> None:
    assert pickle.loads(answer(os.getpid)) != os.getpid()


def test_it_has_no_descriptor_of_ours() -> None:
    read, write = os.pipe()
    loop = Loop()
    child = ForkedAnswer(loop, signal.pause, lambda _: None)
    os.close(write)
    assert os.read(read, 1) == b""  # else the child would hold the other end
    os.close(read)
    child.cancel()
    loop.close()


def failing() -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    "work", [failing, lambda: os._exit(3), lambda: lambda: None], ids=["fails", "ends", "cannot be pickled"]
)
def test_a_child_that_ends_early_has_said_nothing(work: Callable[[], object]) -> None:
    assert answer(work) == b""


def test_a_cancelled_one_is_not_heard_and_ends() -> None:
    loop, found = Loop(), list[bytes]()
    reading = ForkedAnswer(loop, signal.pause, found.append)
    ended = loop.watch_process(reading._child.pid, lambda _: loop.stop())
    reading.cancel()
    loop.run()
    loop.close()
    assert (found, ended.pid) == ([], reading._child.pid)
