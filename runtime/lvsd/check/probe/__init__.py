# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes: one object per running probe, on the worker's loop; each ends exactly once, with a `Result`.

running = start(loop, probe, url, timeout, done, searcher)    # done(Result) is called later, never from within start
running.cancel()                                    # and then it is not called any more
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, assert_never

from lvsd.loop import Loop

from ..health import Result
from ..schedule import HttpProbe, MiscProbe, NoProbe, Probe, TcpProbe
from .connection import Ending
from .http import HttpAttempt
from .search import Searcher
from .tcp import TcpAttempt

Done = Callable[[Result], None]


class Running(Protocol):
    def cancel(self, at_once: bool = False) -> None: ...


def start(loop: Loop, probe: Probe, url: int, timeout: float, done: Done, searcher: Searcher) -> Running:
    """`timeout` (seconds) bounds the whole attempt; a script has its own. `url` is the page of an HTTP probe."""
    match probe:
        case TcpProbe():
            return TcpAttempt(loop, probe.target, timeout, done)
        case HttpProbe():
            return HttpAttempt(loop, probe, probe.pages[url % len(probe.pages)], timeout, done, searcher)
        case MiscProbe():
            from .misc import MiscAttempt

            return MiscAttempt(loop, probe, done)
        case NoProbe():
            ending = Ending(loop, timeout, done, lambda: None)
            ending.finish_soon(Result(True, "not checked"))
            return ending
        case _:
            assert_never(probe)
