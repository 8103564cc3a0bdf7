# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One attempt of a probe on a real loop: it ends exactly once, later, and leaves nothing registered."""

from __future__ import annotations

from collections.abc import Callable

from lvsd.check.health import Result
from lvsd.check.probe.attempt import RunningProbe
from lvsd.loop import Loop

from tests.support.loops import run_until


def outcome(loop: Loop, begin: Callable[[Callable[[Result], None]], RunningProbe]) -> Result:
    """Begin an attempt, run until it ends, and some turns more: its only result."""
    results: list[Result] = []
    running = begin(results.append)
    assert results == [], "an attempt never ends from within its start"
    run_until(loop, lambda: results, every=0.001)
    running.cancel()  # too late, and harmless
    turns(loop)
    assert len(results) == 1
    return results[0]


def turns(loop: Loop, count: int = 5) -> None:
    """Some turns of the loop, for what must not come."""
    left = count

    def next_turn() -> None:
        nonlocal left
        left -= 1
        if left:
            loop.call_at(loop.now, next_turn)
        else:
            loop.stop()

    loop.call_at(loop.now, next_turn)
    loop.run()
