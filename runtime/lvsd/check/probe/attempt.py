# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every attempt of a probe is given, and what can be done with it while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lvsd.loop import Loop
from lvsd.programs.client import Programs

from ..health import Result
from .connection import Ending
from .regex_search import Searcher

Done = Callable[[Result], None]


class RunningProbe(Protocol):
    """An attempt on its way."""

    def cancel(self, at_once: bool = False) -> None:
        """End it without a result; `at_once`: a program with SIGKILL."""


@dataclass(frozen=True, slots=True)
class AttemptOptions:
    """One attempt: `timeout` (seconds) is that of each step, `url` counts the pages of an HTTP probe.

    `done` is called exactly once, later, never from within the start; not at all once the attempt is cancelled.
    """

    loop: Loop
    url: int
    timeout: float
    done: Done
    searcher: Searcher
    programs: Programs


def passed(options: AttemptOptions, detail: str) -> RunningProbe:
    """An attempt that looks at nothing and passes."""
    return ended(options, Result(True, detail))


def ended(options: AttemptOptions, result: Result) -> RunningProbe:
    """An attempt whose result is known before it has begun."""
    ending = Ending(options.loop, 1.0, options.done, lambda: None)
    ending.finish_soon(result)
    return ending
