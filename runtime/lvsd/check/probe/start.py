# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts one attempt of a probe, of whatever kind it is."""

from __future__ import annotations

from lvsd.loop import Loop
from lvsd.programs.client import Programs

from ..kinds import of_probe
from ..probe_spec import Probe
from .attempt import AttemptOptions, Done, RunningProbe, ended
from .connection import unlooked
from .regex_search import Searcher


def start(
    loop: Loop, probe: Probe, url: int, timeout: float, done: Done, searcher: Searcher, programs: Programs
) -> RunningProbe:
    """Begin an attempt; see `AttemptOptions`.  What keeps us from beginning becomes a result that has not looked."""
    options = AttemptOptions(loop, url, timeout, done, searcher, programs)
    try:
        return of_probe(probe).start(probe, options)
    except (OSError, ImportError) as error:  # of a module that is imported when first needed, with no descriptor left
        return ended(options, unlooked(error))
