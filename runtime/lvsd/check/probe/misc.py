# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MISC_CHECK: a program says how the server is, with its exit status.

0 is good, anything else bad; with `misc_dynamic` 2..255 is good, too, and asks for the weight status - 2.  After
`misc_timeout` its process group gets SIGTERM, and SIGKILL `GRACE` seconds later, as keepalived does.  A program that
is refused, or cannot be started, says nothing about the server.
"""

from __future__ import annotations

from collections.abc import Callable

from lvsd.loop import Loop, Timer
from lvsd.programs.client import Programs, Run
from lvsd.programs.protocol import Ended, NotRun

from ..health import Result
from ..probe_spec import MiscProbe
from .connection import Ending

GRACE = 2.0
HARD_LIMIT = 2 * GRACE  # past misc_timeout: even a program that no signal ends does not hold its check


class MiscAttempt:
    """One run of the program of a MISC_CHECK."""

    def __init__(
        self, loop: Loop, probe: MiscProbe, timeout: float, done: Callable[[Result], None], programs: Programs
    ) -> None:
        """`timeout` is the `misc_timeout`."""
        self._probe = probe
        self._timeout = timeout
        self._late = False
        self._ending = Ending(loop, timeout + HARD_LIMIT, done, lambda: None)
        self._ending.doing = "running"
        self._limit: Timer = loop.call_later(timeout, self._stop)
        self._run: Run = programs.start(
            probe.command, limit=timeout, grace=GRACE, done=self._ended, refused=self._refused
        )

    def cancel(self, at_once: bool = False) -> None:
        """The program is ended, too: `at_once`, or with time to end by itself."""
        if not self._ending.ended:
            self._ending.cancel()
            if at_once:
                self._run.kill()
            else:
                self._stop()

    def _stop(self) -> None:
        self._late = True
        self._run.stop()

    def _refused(self, refusal: NotRun) -> None:
        self._limit.cancel()
        self._ending.finish(unlooked(refusal.reason))

    def _ended(self, how: Ended) -> None:
        self._limit.cancel()
        if self._late:
            self._ending.finish(Result(False, f"timeout after {self._timeout:g} s"))
        elif how.code is None:
            self._ending.finish(unlooked(how.error or "it is not known how it ended"))
        else:
            self._ending.finish(verdict(how.code, self._probe.dynamic))


def verdict(code: int, dynamic: bool) -> Result:
    """`code` is the exit status; negative: the signal that ended it."""
    if code < 0:
        return Result(False, f"ended by signal {-code}")
    if dynamic and code >= 2:
        return Result(True, f"exit status {code}: weight {code - 2}", weight=code - 2)
    return Result(code == 0, f"exit status {code}")


def unlooked(why: str) -> Result:
    """What keeps us from looking at the server at all."""
    return Result(False, f"cannot run: {why}", looked=False)
