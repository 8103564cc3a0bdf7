# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Very many schedules on every processor: which seeds break an invariant, and what has happened in all of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

Run = Callable[[int], Any]
"""A seed -> an outcome with `happened`, a Counter, and `violation`, None where every invariant held."""


def run_all(run: Run, seeds: Sequence[int], batch: int) -> tuple[list[int], Counter[str]]:
    """`run` is a function of a module; a process gets `batch` seeds at a time."""
    batches = [seeds[at : at + batch] for at in range(0, len(seeds), batch)]
    broken: list[int] = []
    happened: Counter[str] = Counter()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for found, counted in pool.map(partial(run_some, run), batches):
            broken += found
            happened.update(counted)
    return broken, happened


def run_some(run: Run, seeds: Sequence[int]) -> tuple[list[int], Counter[str]]:
    broken: list[int] = []
    happened: Counter[str] = Counter()
    for seed in seeds:
        outcome = run(seed)
        happened.update(outcome.happened)
        if outcome.violation is not None:
            broken.append(seed)
    return broken, happened
