# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last events of a process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from heapq import merge
from operator import itemgetter
from typing import Any

EVENTS_KEPT = 1000  # of each kind


class EventLog:
    """The last events of one worker, numbered from 1; `add` also tells the clients that follow.

    Each kind (`what`) has a ring of its own: packets, scripts or a server that flaps cannot push out what an operator
    looks for later, as transitions, orders and reloads.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.rings: dict[str, deque[dict[str, Any]]] = {}
        self.followers: list[Callable[[dict[str, Any]], None]] = []
        self._seq = 0

    @staticmethod
    def wall_clock() -> float:
        """Seconds since 1970, for what people read and what outlives a boot."""
        return time.time()

    def add(self, what: str, subject: str, message: str, **details: Any) -> dict[str, Any]:
        """Keep an event among the last of its kind and hand it to each follower. Returns the event."""
        self._seq += 1
        event = {
            "seq": self._seq,
            "time": self.wall_clock(),
            "source": self.source,
            "what": what,
            "subject": subject,
            "message": message,
            **details,
        }
        if what not in self.rings:
            self.rings[what] = deque(maxlen=EVENTS_KEPT)
        self.rings[what].append(event)
        for follower in list(self.followers):
            follower(event)
        return event

    def since(self, seq: int) -> list[dict[str, Any]]:
        """Those with a higher number, of every kind, in the order in which they happened."""
        newer = ((event for event in ring if event["seq"] > seq) for ring in self.rings.values())
        return list(merge(*newer, key=itemgetter("seq")))
