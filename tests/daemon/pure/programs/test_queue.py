# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of one subject: which runs, which waits, which is passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.model import Command
from lvsd.programs.queue import Job, Queue

JOBS = st.builds(Job, st.sampled_from([Command(("a",)), Command(("b",)), Command(("a",), "ann")]),
                 st.sampled_from([(), ("x",)]), last=st.booleans(), state=st.booleans())  # fmt: skip


def state(word: str, *, last: bool = False) -> Job:
    return Job(Command(("notify",)), (word,), last=last, state=True)


def happened(word: str) -> Job:
    return Job(Command(("notify",)), (word,))


def queue(*jobs: Job) -> Queue:
    made = Queue("VI_1")
    for job in jobs:
        made.put(job)
    return made


def test_only_the_first_of_a_queue_starts() -> None:
    first, second = Job(Command(("a",)), ()), Job(Command(("b",)), ())
    queue = Queue("VI_1")
    assert queue.put(first) is first
    assert queue.put(second) is None
    assert queue.ended() is second
    assert queue.ended() is None


def test_after_the_last_one_the_next_starts_at_once_again() -> None:
    made = queue(state("MASTER"))
    made.ended()
    assert made.put(state("BACKUP")) == state("BACKUP")


@pytest.mark.parametrize(
    ("job", "waiting"),
    [(happened("lower"), 1), (state("MASTER"), 3)],
    ids=["what happened waits once", "every state waits for its turn"],
)
def test_the_same_script_again(job: Job, waiting: int) -> None:
    made = queue(state("BACKUP"), job, job, job)
    assert list(made.jobs)[1:] == [job] * waiting


def test_what_happens_while_its_script_runs_is_run_once_more() -> None:
    made = queue(happened("lower"), happened("lower"), happened("lower"))
    assert list(made.jobs) == [happened("lower")] * 2


@pytest.mark.parametrize(
    ("jobs", "passed", "left"),
    [
        ([], [], []),
        ([state("A")], [], [state("A")]),
        ([state("A"), state("B"), state("C")], [state("B"), state("C")], [state("A")]),
        ([state("A"), happened("x"), state("B")], [state("B")], [state("A"), happened("x")]),
        ([state("A"), state("B"), state("STOP", last=True)], [state("B")], [state("A"), state("STOP", last=True)]),
        ([happened("x"), state("B")], [state("B")], [happened("x")]),
    ],
    ids=["none", "the one that runs", "those that wait", "what happened", "a last word", "a state behind another"],
)
def test_a_new_state_passes_over_former_ones_that_wait(jobs: list[Job], passed: list[Job], left: list[Job]) -> None:
    made = queue(*jobs)
    assert made.supersede() == passed
    assert list(made.jobs) == left


def test_a_job_that_waits_and_equals_one_that_runs_is_passed_over_alone() -> None:
    made = queue(state("A"), state("B"), state("A"))
    assert made.supersede() == [state("B"), state("A")]
    assert list(made.jobs) == [state("A")]


def test_what_waits_is_dropped_and_what_runs_goes_on() -> None:
    made = queue(state("A"), happened("x"), state("STOP", last=True))
    assert made.drop() == [happened("x"), state("STOP", last=True)]
    assert list(made.jobs) == [state("A")]
    assert queue().drop() == []


def test_the_words_of_the_occasion_stand_behind_those_of_the_command() -> None:
    job = Job(Command(("/x", "a b")), ("INSTANCE", "VI_1", ""))
    assert job.words == ("/x", "a b", "INSTANCE", "VI_1", "")
    assert str(job) == "/x a b INSTANCE VI_1 "


@given(st.lists(st.one_of(JOBS, st.sampled_from(["ended", "supersede", "drop"])), max_size=40))
def test_whatever_comes_one_job_runs_while_there_is_any_and_no_last_word_is_passed_over(steps: list[Job | str]) -> None:
    made = Queue("VI_1")
    running: Job | None = None
    for step in steps:
        if isinstance(step, Job):
            started = made.put(step)
            assert (started is None) == (running is not None)
            running = running or started
        elif step == "ended":
            running = made.ended() if running else None
        elif step == "supersede":
            assert all(job.state and not job.last for job in made.supersede())
        else:
            made.drop()
        assert (made.jobs[0] if made.jobs else None) is running
    waiting = [job for job in list(made.jobs)[1:] if not job.state]
    assert len(waiting) == len(set(waiting))
