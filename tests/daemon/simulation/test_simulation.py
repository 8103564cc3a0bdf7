# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routers in virtual time, under every schedule that a seed can think of: the invariants of `watch` hold.

`LVS_SCHEDULES=200000 pytest tests/daemon/simulation` for a long run; `python -m tests.daemon.simulation SEED` tells
one schedule.
"""

import os

import pytest

from tests.daemon.simulation.mutants import MUTANTS, injected
from tests.daemon.simulation.run import run
from tests.daemon.simulation.schedules import run_all
from tests.daemon.simulation.story import told

SCHEDULES = int(os.environ.get("LVS_SCHEDULES", "4000"))
PINNED = (
    217,  # a sync group with a preempt delay never preempted
    638,
    88367,  # within its preempt delay a lower router, of a shorter interval, cut the timer of the better one short
)
BATCH = 50
TOLD = 2  # stories in a report

# what a run must have seen, per thousand schedules, or it has shown nothing
SEEN = {
    "Backup -> Active": 2000,
    "Active -> Backup": 500,
    "Active -> Initialize": 200,
    "two Active": 500,
    "handed over": 150,
    "paused": 300,
    "replaced": 250,
    "adopted as Active": 200,
}


def story(seed: int) -> str:
    outcome = run(seed, telling=True)
    again = f"again with: python -m tests.daemon.simulation {seed}"
    return told(outcome.plan, outcome.story.lines, f"✗ {outcome.violation}\n  {again}")


def test_the_invariants_hold_over_all_schedules() -> None:
    seeds = sorted({*range(SCHEDULES), *PINNED})
    broken, happened = run_all(run, seeds, BATCH)
    if broken:
        stories = "\n\n\n".join(map(story, broken[:TOLD]))
        pytest.fail(f"{len(broken)} of {len(seeds)} schedules: seeds {broken[:20]}\n\n{stories}", pytrace=False)
    assert {what: least for what, least in SEEN.items() if happened[what] < least * SCHEDULES / 1000} == {}, happened


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_state_machine_is_noticed(mutant) -> None:
    assert [seed for seed in mutant.seeds if run(seed).violation] == []
    with injected(mutant):
        assert [seed for seed in mutant.seeds if not run(seed).violation] == []


def test_a_seed_tells_the_same_story_every_time() -> None:
    assert story(PINNED[0]) == story(PINNED[0])
