# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last events of a process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

EVENTS_KEPT = 1000


class EventLog:
    """The last events of one worker, numbered from 1; `add` also tells the clients that follow."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self.followers: list[Callable[[dict[str, Any]], None]] = []
        self._seq = 0

    def add(self, what: str, subject: str, message: str, **details: Any) -> dict[str, Any]:
        self._seq += 1
        event = {
            "seq": self._seq,
            "time": time.time(),
            "source": self.source,
            "what": what,
            "subject": subject,
            "message": message,
            **details,
        }
        self.events.append(event)
        for follower in list(self.followers):
            follower(event)
        return event

    def since(self, seq: int) -> list[dict[str, Any]]:
        return [event for event in self.events if event["seq"] > seq]
