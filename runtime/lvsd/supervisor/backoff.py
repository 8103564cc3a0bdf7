# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a worker that ended is started again: after 1, 2, 4, 8, 16, then 30 seconds.  Pure.

A worker that ran for a minute has shown that it can: its next failure begins at one second again.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 1.0
LONGEST = 30.0
STABLE = 60.0


@dataclass(frozen=True, slots=True)
class Restarts:
    count: int = 0  # since the parent started
    delay: float = 0.0  # before the last restart

    def after(self, ran: float) -> Restarts:
        """The next restart, of a worker that ended after `ran` seconds; wait for its `delay`."""
        again = self.delay and ran < STABLE
        return Restarts(self.count + 1, min(self.delay * 2, LONGEST) if again else FIRST)
