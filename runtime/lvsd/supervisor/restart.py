# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a worker that ended is started again: at once, then after 1, 2, 4, 8, 16, then 30 seconds.  Pure.

What a worker set stays in the kernel, so a restart drops nothing, but no process speaks VRRP or watches the servers
until it is there: the first one does not wait.  A worker that ran for some seconds has shown that it can, and begins
anew.
"""

from __future__ import annotations

from lvsd.record import record

FIRST = 1.0  # the delay before the second restart in a row
LONGEST = 30.0
STABLE = 2.0


@record(frozen=True, slots=True)
class Restarts:
    """How often a worker had to be started again."""

    count: int = 0  # since the parent started
    in_a_row: int = 0  # of workers that did not run for STABLE seconds
    delay: float = 0.0  # before the last restart

    def after(self, ran: float) -> Restarts:
        """The next restart, of a worker that ended after `ran` useful seconds; wait for its `delay`."""
        in_a_row = self.in_a_row + 1 if ran < STABLE else 1
        delay = min(FIRST * 2 ** min(in_a_row - 2, 16), LONGEST) if in_a_row > 1 else 0.0
        return Restarts(self.count + 1, in_a_row, delay)
