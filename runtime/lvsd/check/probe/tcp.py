# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP_CHECK: the connection is established."""

from __future__ import annotations

from collections.abc import Callable

from lvsd.loop import Loop

from ..health import Result
from ..probe_spec import Target
from .connection import Ending, ProbeConnection


class TcpAttempt:
    """One attempt to connect."""

    def __init__(self, loop: Loop, target: Target, timeout: float, done: Callable[[Result], None]) -> None:
        self._ending = Ending(loop, timeout, done, self._close)
        self._connection = ProbeConnection(loop, target, self._ending, self._connected)

    def cancel(self, at_once: bool = False) -> None:
        """Give up; `done` is not called any more."""
        self._ending.cancel()

    def _close(self) -> None:
        self._connection.close()

    def _connected(self) -> None:
        self._ending.finish(Result(True, "connected"))
