# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a process speaks about what others make happen: once a minute for each subject and kind.

limit = RateLimit(loop, events.add)
limit.say("packet", "VI_1", "chksum_err", lambda: ("discarded packet from 192.0.2.9", {"reason": "chksum_err"}))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .loop import Loop

PERIOD = 60.0  # seconds

Say = Callable[..., object]
Text = Callable[[], tuple[str, Mapping[str, object]]]
"""Makes the message without its subject, and the details of the event; called for what is said, not for what is not."""


@dataclass(slots=True)
class _Spoken:
    """What was said of a subject and a kind: `until` then it is counted only; `last` is the last that was counted."""

    until: float
    more: int = 0
    last: Text | None = None


class RateLimit:
    """The first is said at once, with `say(what, subject, message, **details)`, as `EventLog.add`.

    Those of the minute after it are counted, and the count is said when that minute ends, which begins the next one.
    After a minute without any, the next one is a first one again.
    """

    def __init__(self, loop: Loop, say: Say) -> None:
        self.loop = loop
        self._say = say
        self._spoken: dict[tuple[str, str, str], _Spoken] = {}

    def say(self, what: str, subject: str, kind: str, text: Text) -> None:
        """`kind` is a word from the code, never one from the wire: the table holds one entry for each."""
        key = what, subject, kind
        spoken = self._spoken.get(key)
        if spoken is None or (self.loop.now >= spoken.until and not spoken.more):
            self._spoken[key] = _Spoken(self.loop.now + PERIOD)
            message, details = text()
            self._say(what, subject, f"{subject}: {message}", **details)
            return
        spoken.more += 1
        spoken.last = text
        if spoken.more == 1:
            self.loop.call_at(spoken.until, lambda: self._count(key, spoken))

    def _count(self, key: tuple[str, str, str], spoken: _Spoken) -> None:
        """The minute is over, and something was left out in it."""
        what, subject, _kind = key
        more, last = spoken.more, spoken.last
        spoken.until, spoken.more, spoken.last = self.loop.now + PERIOD, 0, None
        if last is not None:
            message, details = last()
            summary = f"{subject}: {more:,} more in the last minute, the last one: {message}"
            self._say(what, subject, summary, **details, more=more)
