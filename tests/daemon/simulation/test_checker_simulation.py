# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker in virtual time, under every schedule that a seed can think of: the invariants of `checker_watch` hold.

`LVS_SCHEDULES=200000 pytest tests/daemon/simulation/test_checker_simulation.py` for a long run;
`python -m tests.daemon.simulation.checker_run SEED` tells one schedule.
"""

import os

import pytest

from tests.daemon.simulation.checker_mutants import MUTANTS
from tests.daemon.simulation.checker_run import run, told
from tests.daemon.simulation.mutants import injected
from tests.daemon.simulation.schedules import run_all

SCHEDULES = int(os.environ.get("LVS_SCHEDULES", "10000")) // 10  # one takes as long as ten of the routers
BATCH = 10
TOLD = 2  # stories in a report

# what a run must have seen, per hundred schedules, or it has shown nothing
SEEN = {
    "down": 100,
    "up": 100,
    "weighed": 10,
    "quorum lost": 30,
    "quorum gained": 30,
    "drain": 20,
    "enable": 10,
    "weight": 20,
    "reloaded": 20,
    "reloaded the same": 10,
    "restarted": 20,
    "restarted with all results": 10,
    "crash": 20,
    "leave": 5,
    "stop": 5,
    "settled": 100,
}


def story(seed: int) -> str:
    again = f"again with: python -m tests.daemon.simulation.checker_run {seed}"
    return f"{told(run(seed))}\n  {again}"


def test_the_invariants_of_the_checker_hold_over_all_schedules() -> None:
    broken, happened = run_all(run, range(SCHEDULES), BATCH)
    if broken:
        stories = "\n\n\n".join(map(story, broken[:TOLD]))
        pytest.fail(f"{len(broken)} of {SCHEDULES} schedules: seeds {broken[:20]}\n\n{stories}", pytrace=False)
    assert {what: least for what, least in SEEN.items() if happened[what] < least * SCHEDULES / 100} == {}, happened


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_checker_is_noticed(mutant) -> None:
    assert [seed for seed in mutant.seeds if run(seed).violation] == []
    with injected(mutant):
        assert [seed for seed in mutant.seeds if not run(seed).violation] == []


def test_a_seed_of_the_checker_tells_the_same_story_every_time() -> None:
    assert story(3) == story(3)
