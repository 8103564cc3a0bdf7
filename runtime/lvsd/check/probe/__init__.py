# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes: one object per running probe, on the worker's loop; each ends exactly once, with a `Result`.

running = start(loop, probe, url, timeout, done, searcher, programs)
running.cancel()    # and then `done` is not called any more

`done(Result)` is called later, never from within start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, assert_never

from lvsd.loop import Loop
from lvsd.programs.run import Programs

from ..health import Result
from ..probe_spec import HttpProbe, MiscProbe, NoProbe, Probe, TcpProbe
from .connection import Ending, unlooked
from .http import HttpAttempt
from .misc import MiscAttempt
from .regex_search import Searcher
from .tcp import TcpAttempt

Done = Callable[[Result], None]


class RunningProbe(Protocol):
    def cancel(self, at_once: bool = False) -> None: ...


def start(
    loop: Loop, probe: Probe, url: int, timeout: float, done: Done, searcher: Searcher, programs: Programs
) -> RunningProbe:
    """`timeout` (seconds) is that of each step of the attempt; `url` is the page of an HTTP probe."""
    try:
        match probe:
            case TcpProbe():
                return TcpAttempt(loop, probe.target, timeout, done)
            case HttpProbe():
                return HttpAttempt(loop, probe, probe.pages[url % len(probe.pages)], timeout, done, searcher)
            case MiscProbe():
                return MiscAttempt(loop, probe, timeout, done, programs)
            case NoProbe():
                return ended(loop, Result(True, "not checked"), done)
            case _:
                assert_never(probe)
    except (OSError, ImportError) as error:  # of a module that is imported when first needed, with no descriptor left
        return ended(loop, unlooked(error), done)


def ended(loop: Loop, result: Result, done: Done) -> RunningProbe:
    ending = Ending(loop, 1.0, done, lambda: None)
    ending.finish_soon(result)
    return ending
