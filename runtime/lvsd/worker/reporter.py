# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker says of itself: an event for those that follow it, and a line of its log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lvsd.control.events import EventLog
from lvsd.log import log as log_line
from lvsd.severity import INFO


class Reporter:
    """The events and the log of the worker `source`; `write` gets each line and its priority (syslog(3))."""

    def __init__(self, source: str, write: Callable[[str, int], None] = log_line) -> None:
        self.events = EventLog(source)
        self.write = write

    def say(self, what: str, subject: str, message: str, priority: int = INFO, /, **details: Any) -> None:
        """Add an event of the kind `what` about `subject`, and write its message to the log.

        `priority` is that of the line; one among the `details` is the event's own, as a router has one, too.
        """
        self.events.add(what, subject, message, **details)
        self.write(message, priority)

    def log(self, message: str, priority: int = INFO) -> None:
        """Write a line that is no event."""
        self.write(message, priority)
