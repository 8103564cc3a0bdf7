# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker and every signal that asks it for nothing, and a storm of those that ask for a reload."""

from __future__ import annotations

import signal

from checkers import Checker, real, service, table
from inside import eventually
from lvsd import signals
from lvsd.signals import USELESS


def reloads(checker: Checker) -> int:
    return sum(event["what"] == "reload" for event in checker.ask("events")["events"])


def test_it_ignores_useless_signals_with_one_line_each_and_reloads_a_few_times_in_a_storm(checker: Checker) -> None:
    checker.start(service(real(11)))
    held = table()
    assert checker.process is not None
    for number in sorted(USELESS):
        for _ in range(20):
            checker.process.send_signal(number)
    for _ in range(60):
        checker.process.send_signal(signal.SIGHUP)
        checker.ask("ping")
    eventually(lambda: "SIGRTMAX ignored" in checker.log, within=10)
    assert all(checker.log.count(f"checker: {signals.name(number)} ignored") == 1 for number in USELESS)
    eventually(lambda: reloads(checker), within=10)
    assert reloads(checker) < 10
    checker.process.send_signal(signal.SIGUSR1)
    assert table() == held
    assert checker.end(signal.SIGTERM) == 0
