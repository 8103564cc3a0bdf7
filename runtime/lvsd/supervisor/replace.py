# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's next process, beside the one that runs, until it has taken over or has failed to.

It prepares, then ends the one before it (worker/handover.py) and answers on the control socket in its place.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from lvsd.control.async_client import ask
from lvsd.control.server import Answer
from lvsd.loop import Loop, Process

ASK_AGAIN = 0.02  # seconds
TAKE_OVER_WITHIN = 60.0  # a large configuration may be read before


class Successor:
    """`done` gets None and the answer to `ping` once `process` has taken over, else the reason and None.

    The owner of the process calls `ended` when it has ended.  Then `done` has been called, whatever happened.
    """

    def __init__(
        self, loop: Loop, process: Process, control: Path, done: Callable[[str | None, Answer | None], None]
    ) -> None:
        self.loop = loop
        self.process = process
        self.control = control
        self._done: Callable[[str | None, Answer | None], None] | None = done
        self._why = ""
        self._deadline = loop.call_later(
            TAKE_OVER_WITHIN, lambda: self.abandon(f"did not take over within {TAKE_OVER_WITHIN:g} s")
        )
        self._ask()

    def ended(self, how: str) -> None:
        """Note that the process ended before it had taken over."""
        self._finish(self._why or f"{how} before it took over", None)

    def abandon(self, why: str) -> None:
        """Kill it; once it has ended, `why` is the reason."""
        self._why = self._why or why
        self.process.send(signal.SIGKILL)

    def _ask(self) -> None:
        if self._done:
            ask(self.loop, self.control, "ping", self._heard, timeout=1.0)

    def _heard(self, answer: Answer | None) -> None:
        if answer and answer.get("pid") == self.process.pid:
            self._finish(None, answer)
        else:
            self.loop.call_later(ASK_AGAIN, self._ask)

    def _finish(self, reason: str | None, answer: Answer | None) -> None:
        done, self._done = self._done, None
        self._deadline.cancel()
        if done:
            done(reason, answer)
