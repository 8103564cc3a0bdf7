# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that a loop watches, of whomever it is a child."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .loop import Loop, Timer


class Process:
    """A process that `loop` watches by a pidfd: what is sent to it can never reach another one of the same number."""

    def __init__(self, loop: Loop, pid: int, ended: Callable[[int | None], object]) -> None:
        self.pid = pid
        self._loop = loop
        self._ended = ended
        self._pidfd: int | None = None
        self._gone: Timer | None = None
        try:
            self._pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._gone = loop.call_at(loop.now, lambda: ended(None))
        else:
            loop._processes.add(self)
            loop.add_reader(self._pidfd, self._end)

    def send(self, number: int) -> None:
        """Send a signal; nothing happens when the process has ended.  Raises PermissionError."""
        if self._pidfd is not None:
            try:
                signal.pidfd_send_signal(self._pidfd, number)
            except ProcessLookupError:
                pass

    def forget(self) -> None:
        """Watch it no more."""
        if self._gone:
            self._gone.cancel()
        if self._pidfd is not None:
            self._loop._processes.discard(self)
            self._loop.remove(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

    def _end(self) -> None:
        self.forget()
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, os.WNOHANG)[1])
        except ChildProcessError:  # somebody else's child
            self._ended(None)
        else:
            self._ended(code)
