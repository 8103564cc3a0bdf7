# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows a wake-up and may wait: the log, and the scripts, which take a millisecond each to start.

Meanwhile another instance may be due.  So they come one by one when the loop has leisure, which is mostly at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from lvsd.loop import Loop, Timer

WITHIN = 0.005  # seconds: a line of the log and a script do not wait longer


class Deferred:
    """In the order of `add`; `finish` leaves nothing undone."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self._pieces: deque[Callable[[], object]] = deque()
        self._timer: Timer | None = None

    def add(self, piece: Callable[[], object]) -> None:
        """Do `piece` when the loop has leisure, behind those that were added before."""
        self._pieces.append(piece)
        if self._timer is None:
            self._timer = self.loop.call_at_leisure(self._go_on, WITHIN)

    def finish(self) -> None:
        """At once."""
        while self._pieces:
            self._pieces.popleft()()

    def _go_on(self) -> None:
        if self._pieces:
            self._pieces.popleft()()
        self._timer = self.loop.call_at_leisure(self._go_on, WITHIN) if self._pieces else None
