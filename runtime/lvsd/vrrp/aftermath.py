# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows a wake-up and may wait: the scripts.

Each takes a millisecond to start, and meanwhile another instance may be due.  So they come a little later and one by
one, a turn of the loop for each: whoever is due is served in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ..loop import Loop, Timer

LATER = 0.005  # seconds: those that take over together do so within that time


class Aftermath:
    """In the order of `add`; `finish` leaves nothing undone."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self._pieces: deque[Callable[[], object]] = deque()
        self._timer: Timer | None = None

    def add(self, piece: Callable[[], object]) -> None:
        self._pieces.append(piece)
        if self._timer is None:
            self._timer = self.loop.call_later(LATER, self._go_on)

    def finish(self) -> None:
        """At once."""
        while self._pieces:
            self._pieces.popleft()()

    def _go_on(self) -> None:
        if self._pieces:
            self._pieces.popleft()()
        self._timer = self.loop.call_later(0, self._go_on) if self._pieces else None
