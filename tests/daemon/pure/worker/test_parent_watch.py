# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker outlives its parent, for a while."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lvsd.control.peer import ASKED_BY, Peer
from lvsd.control.server import Refused
from lvsd.loop import Loop
from lvsd.worker.parent_watch import ParentWatch

Parents = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def parents() -> Iterator[Parents]:
    """Processes that live until they are killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "60"]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


class Worker:
    """Remembers what its bond did; `run` turns its loop for some time."""

    def __init__(self, loop: Loop, parent: int | None, patience: float = 0.05) -> None:
        self.loop = loop
        self.said: list[str] = []
        self.orphaned = 0
        self.bond = ParentWatch(loop, parent, self._stop, self.said.append, patience=patience)

    def _stop(self) -> None:
        self.orphaned += 1
        self.loop.stop()

    def run(self, seconds: float) -> None:
        timer = self.loop.call_at(time.monotonic() + seconds, self.loop.stop)
        self.loop.run()
        timer.cancel()


def test_a_worker_whose_parent_lives_is_left_alone(loop: Loop, parents: Parents) -> None:
    worker = Worker(loop, parents().pid)
    worker.run(0.15)
    assert (worker.orphaned, worker.said) == (0, [])


def test_a_worker_without_a_parent_is_left_alone(loop: Loop) -> None:
    worker = Worker(loop, None)
    worker.run(0.15)
    assert (worker.orphaned, worker.said) == (0, [])


def test_after_the_parents_death_it_waits_and_then_stops(loop: Loop, parents: Parents) -> None:
    parent = parents()
    worker = Worker(loop, parent.pid, patience=0.3)
    parent.kill()
    worker.run(0.1)
    assert worker.orphaned == 0
    assert worker.bond.parent is None
    assert worker.said == [f"the parent (pid {parent.pid}) has gone; waiting 0.3 s for the next one"]
    worker.run(10)
    assert worker.orphaned == 1
    assert worker.said[1:] == ["no parent for 0.3 s: stopping"]


def test_a_parent_that_died_before_the_worker_began_counts_as_gone(loop: Loop, parents: Parents) -> None:
    parent = parents()
    parent.kill()
    parent.wait()
    worker = Worker(loop, parent.pid)
    worker.run(10)
    assert worker.orphaned == 1


def test_a_new_parent_ends_the_waiting(loop: Loop, parents: Parents) -> None:
    old, new = parents(), parents()
    worker = Worker(loop, old.pid)
    old.kill()
    loop.call_later(0.03, lambda: worker.bond.adopt({"parent": new.pid}))
    worker.run(0.2)
    assert worker.orphaned == 0
    assert worker.said[-1] == f"adopted by pid {new.pid}"
    new.kill()
    worker.run(10)
    assert worker.orphaned == 1


def test_a_parent_that_executes_another_program_is_the_same_parent(loop: Loop) -> None:
    script = "import os, sys; os.execv('/bin/sleep', ['sleep', '60'])"
    parent = subprocess.Popen([sys.executable, "-c", script])
    try:
        worker = Worker(loop, parent.pid)
        worker.run(0.3)
        assert worker.orphaned == 0
        with open(f"/proc/{parent.pid}/comm") as comm:
            assert comm.read() == "sleep\n"
    finally:
        parent.kill()
        parent.wait()


@pytest.mark.parametrize(
    "request_",
    [{}, {"parent": None}, {"parent": "1"}, {"parent": 0}, {"parent": -1}, {"parent": True}, {"parent": 1 << 40}],
)
def test_what_is_no_process_is_refused(loop: Loop, parents: Parents, request_: dict[str, Any]) -> None:
    worker = Worker(loop, parents().pid)
    with pytest.raises(Refused):
        worker.bond.adopt(request_)
    worker.run(0.1)
    assert worker.orphaned == 0


def test_a_dead_process_is_refused_and_the_tie_stays(loop: Loop, parents: Parents) -> None:
    dead, parent = parents(), parents()
    dead.kill()
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)  # dead, and not reaped yet
    worker = Worker(loop, parent.pid)
    with pytest.raises(Refused):
        worker.bond.adopt({"parent": dead.pid})
    parent.kill()
    worker.run(10)
    assert worker.orphaned == 1


def test_a_closed_bond_calls_nobody_and_keeps_no_descriptor(loop: Loop, parents: Parents) -> None:
    before = os.listdir("/proc/self/fd")
    parent = parents()
    worker = Worker(loop, parent.pid)
    worker.bond.close()
    worker.bond.close()
    parent.kill()
    worker.run(0.15)
    assert worker.orphaned == 0
    assert os.listdir("/proc/self/fd") == before


def test_whose_orders_count_beside_roots(loop: Loop, parents: Parents, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the worker's own user as soon as the parent may be that, and as long as it is."""
    owner, us = 0, 64991
    monkeypatch.setattr(os, "geteuid", lambda: us)
    first, second, third = parents(), parents(), parents()
    worker = Worker(loop, first.pid, patience=20)
    assert worker.bond.user(owner) == owner
    first.kill()
    first.wait()
    worker.run(0.1)
    assert worker.bond.user(owner) == us
    worker.bond.adopt({"parent": second.pid, ASKED_BY: Peer(us, second.pid)})
    assert worker.bond.user(owner) == us
    worker.bond.adopt({"parent": third.pid, ASKED_BY: Peer(owner, third.pid)})
    assert worker.bond.user(owner) == owner
    worker.bond.close()


def test_a_worker_that_was_started_by_hand_takes_those_of_the_user_that_has_started_it(loop: Loop) -> None:
    assert Worker(loop, None).bond.user(0) == 0
