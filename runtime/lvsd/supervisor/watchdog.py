# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a worker alive?  It is asked over its control socket; silence for too long ends it.  Pure.

Silence is counted in the parent's own wake-ups, each worth its nominal length, never by the clock: while the
machine is paused, or the parent gets no processor, no time passes here, and no worker is blamed for it.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from lvsd.record import record

PING_EVERY = 3.0  # awake seconds
SILENCE = 10.0
FIRST_SILENCE = 60.0  # a large configuration may be read before the first answer


class Verdict(Enum):
    """What the parent does about a worker now."""

    WAIT = "wait"
    PING = "ping"
    KILL = "kill"


@record(frozen=True, slots=True)
class Watch:
    """What is known of a worker that is asked again and again."""

    answered: bool = False  # ever
    asked: bool = False  # and not answered yet
    silent: float = 0.0  # seconds awake since the last answer, or since the start

    def tick(self, length: float) -> tuple[Watch, Verdict]:
        """Another wake-up, worth `length` seconds."""
        silent = self.silent + length
        if silent >= (PING_EVERY + SILENCE if self.answered else FIRST_SILENCE):
            return replace(self, silent=silent), Verdict.KILL
        if not self.asked and (silent >= PING_EVERY or not self.answered):
            return replace(self, silent=silent, asked=True), Verdict.PING
        return replace(self, silent=silent), Verdict.WAIT

    def answer(self) -> Watch:
        """It answered."""
        return Watch(answered=True)

    def unreachable(self) -> Watch:
        """The worker did not listen: ask again at the next wake-up; the silence goes on."""
        return replace(self, asked=False)
