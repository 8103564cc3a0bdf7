# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that ask for nothing, and signals that come in storms."""

import os
import signal
from collections.abc import Iterator
from functools import partial

import pytest
from lvsd import signals
from lvsd.loop import Loop
from lvsd.signals import USELESS, Coalesced, IgnoredSignals


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    loop.call_later(10, loop.stop)  # no test hangs
    yield loop
    loop.close()


def test_the_names_are_those_of_signal_7() -> None:
    names = {signal.SIGUSR1: "SIGUSR1", 34: "SIGRTMIN", 36: "SIGRTMIN+2", 63: "SIGRTMIN+29", 64: "SIGRTMAX"}
    assert {number: signals.name(number) for number in names} == names
    assert signals.name(32) == "signal 32"


def test_those_of_keepalived_s_tools_are_among_the_useless_and_errors_are_not() -> None:
    assert {signal.SIGUSR1, signal.SIGUSR2, signal.SIGRTMIN + 2, 63, signal.SIGALRM} <= USELESS
    assert not {signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL} & USELESS


def test_each_useless_signal_is_said_once_a_minute(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    IgnoredSignals(loop, said.append)
    for round_ in range(3):
        for number in USELESS:
            loop.call_later(0.01 * round_, partial(os.kill, os.getpid(), number))
    loop.call_later(0.1, loop.stop)
    loop.run()
    assert sorted(line.split()[0] for line in said) == sorted(signals.name(number) for number in USELESS)
    said.clear()
    monkeypatch.setattr(signals, "SAY_EVERY", 0.0)
    loop.call_later(0, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert said == ["SIGUSR1 ignored: it asks for nothing here; what runs is shown by lvsctl"]


def test_a_storm_of_one_signal_loses_no_other(loop: Loop) -> None:
    """More than the socket that wakes the loop has room for."""
    storm: list[int] = []
    loop.on_signal(signal.SIGUSR1, lambda: storm.append(1))
    stopped: list[str] = []
    loop.on_signal(signal.SIGUSR2, lambda: (stopped.append("in order"), loop.stop()))
    for _ in range(5000):
        signal.raise_signal(signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR2)
    loop.run()
    assert stopped == ["in order"]
    assert storm == [1]


def test_what_is_asked_for_again_and_again_is_done_at_once_and_once_more(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "RELOAD_EVERY", 0.05)
    done: list[int] = []
    asked: list[int] = []
    reload = Coalesced(loop, lambda: done.append(len(asked)))

    def ask() -> None:
        asked.append(1)
        reload()

    for _ in range(100):
        ask()
    assert done == [1]
    loop.call_later(0.3, loop.stop)
    loop.run()
    assert done == [1, 100]  # the last request is answered by what begins after it
    ask()
    assert done == [1, 100, 101]
