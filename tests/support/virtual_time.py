# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop in virtual time for what only waits: hours of it take no time."""

from __future__ import annotations

from tests.daemon.simulation.clock import Clock, VirtualLoop


class VirtualTime:
    """`loop` is given to what is tested; `run` lets so many seconds pass on it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.loop = VirtualLoop(self.clock, self._wake)

    def run(self, seconds: float) -> None:
        """Let time pass; what is due at its end has happened, too."""
        self._wake()
        self.clock.run(self.clock.now + seconds)
        self._wake()

    def turn(self) -> None:
        """One wake-up of the loop, without time."""
        self._wake()

    def _wake(self) -> None:
        self.loop.turn(lambda: None)
