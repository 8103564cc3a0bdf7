# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a parent begins over workers that run, that are of another version, that refuse it, or that are not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.loop import Loop
from lvsd.supervisor import adopt
from lvsd.supervisor.adopt import Takeover
from lvsd.supervisor.worker_config import Parts, file_of, write
from workers_at_hand import NUMBER, PlainWorker

from tests.support.attempts import turns
from tests.support.loops import run_until

BOTH = frozenset({"vrrp", "checker"})
OLD = {"vrrp": "old vrrp\n", "checker": "old checker\n"}
NEW = {"vrrp": "new vrrp\n", "checker": "new checker\n"}
TIED = f"tied to {os.getpid()}"


class Beginning:
    """A parent that begins over two plain workers, whose parts are those of the one before."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.folder = folder
        self.workers = {name: PlainWorker(self.loop, folder / f"{name}.sock") for name in ("vrrp", "checker")}
        self.done: list[str | None] = []
        self.failed: list[OSError] = []
        self.stopped: list[bool] = []
        write(folder, OLD)

    def begin(self, needed: frozenset[str] = BOTH) -> Takeover:
        workers: Any = self.workers
        takeover = Takeover(self.loop, workers, self.folder, Parts(NEW, needed), self.done.append, self.failed.append)
        takeover.begin()
        return takeover

    def run(self, needed: frozenset[str] = BOTH) -> Takeover:
        takeover = self.begin(needed)
        run_until(self.loop, lambda: self.done, every=0.001)
        turns(self.loop, 10)
        assert len(self.done) == 1
        return takeover

    def calls(self, name: str) -> list[str]:
        return self.workers[name].calls

    @property
    def texts(self) -> dict[str, str]:
        return {name: file_of(self.folder, name).read_text() for name in self.workers}

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.loop.close()


@pytest.fixture
def beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beginning]:
    monkeypatch.setattr(adopt, "described", lambda: {"digest": "ours"})
    beginning = Beginning(tmp_path)
    yield beginning
    beginning.close()


def run(beginning: Beginning, name: str, digest: str = "ours") -> PlainWorker:
    worker = beginning.workers[name]
    worker.digest = digest
    worker.serve()
    return worker


def test_where_nothing_runs_all_that_are_needed_are_started(beginning: Beginning) -> None:
    takeover = beginning.run(frozenset({"checker"}))
    assert beginning.done == [None]
    assert (beginning.calls("vrrp"), beginning.calls("checker")) == ([], ["start"])
    assert beginning.texts == NEW
    assert takeover.show() == {"adopted": [], "replaced": [], "problems": []}


def test_those_of_our_version_are_adopted_and_take_their_part(beginning: Beginning) -> None:
    workers = [run(beginning, name) for name in ("vrrp", "checker")]
    takeover = beginning.run()
    assert [worker.calls for worker in workers] == [[TIED, f"adopt {NUMBER}", "start"]] * 2
    assert [worker.reloads for worker in workers] == [1, 1]
    assert takeover.show() == {"adopted": ["checker", "vrrp"], "replaced": [], "problems": []}


def test_one_without_a_part_takes_that_and_is_stopped(beginning: Beginning) -> None:
    checker = run(beginning, "checker")
    beginning.run(frozenset({"vrrp"}))
    assert checker.calls[-1] == "stop"
    assert checker.reloads == 1


def test_those_of_another_version_are_replaced_vrrp_as_the_last(beginning: Beginning) -> None:
    order: list[str] = []
    for name in ("vrrp", "checker"):
        worker = run(beginning, name, "theirs")
        worker.calls = Order(name, order)
    takeover = beginning.run()
    assert [said for said in order if said.endswith("replace")] == ["checker replace", "vrrp replace"]
    assert takeover.show() == {"adopted": ["checker", "vrrp"], "replaced": ["checker", "vrrp"], "problems": []}
    assert [worker.reloads for worker in beginning.workers.values()] == [0, 0]  # their next process reads its part


class Order(list[str]):
    """The calls of one worker, noted together with those of the others."""

    def __init__(self, name: str, order: list[str]) -> None:
        super().__init__()
        self.name = name
        self.order = order

    def append(self, said: str) -> None:
        super().append(said)
        self.order.append(f"{self.name} {said}")


def test_one_replacement_that_fails_ends_them_and_those_that_stay_are_told(beginning: Beginning) -> None:
    for name in ("vrrp", "checker"):
        run(beginning, name, "theirs")
    beginning.workers["checker"].replacement = "ended with exit code 3 before it took over"
    takeover = beginning.run()
    assert beginning.done == [None]
    assert takeover.show()["problems"] == [
        "checker: ended with exit code 3 before it took over",
        "vrrp: not tried",
    ]
    assert "replace" not in beginning.calls("vrrp")
    run_until(beginning.loop, lambda: all(worker.reloads for worker in beginning.workers.values()))


def test_what_a_worker_refuses_is_told_and_the_parts_of_before_are_back(beginning: Beginning) -> None:
    run(beginning, "vrrp").refuses = "no"
    beginning.run()
    assert beginning.done == ["a worker that runs refuses it: vrrp: no"]
    assert beginning.texts == OLD
    assert beginning.calls("checker") == ["start"]  # with the part of before


def test_one_that_will_not_be_adopted_and_is_no_worker_is_left_alone(beginning: Beginning) -> None:
    run(beginning, "vrrp").adopts = False
    takeover = beginning.run()
    assert takeover.show()["adopted"] == []
    assert f"adopt {NUMBER}" not in beginning.calls("vrrp")


def test_who_answers_without_a_number_is_no_worker(beginning: Beginning) -> None:
    vrrp = run(beginning, "vrrp")
    vrrp._server.handlers["ping"] = lambda _: {"pid": "many"}  # type: ignore[union-attr]
    assert beginning.run().show()["adopted"] == []
    assert TIED not in vrrp.calls


def test_parts_that_cannot_be_written_are_told_where_a_worker_runs(beginning: Beginning) -> None:
    run(beginning, "vrrp")
    file_of(beginning.folder, "checker").unlink()
    file_of(beginning.folder, "checker").mkdir()
    beginning.run()
    assert (beginning.done[0] or "").startswith("cannot write the workers' parts: ")
    assert file_of(beginning.folder, "vrrp").read_text() == "old vrrp\n"


def test_parts_that_cannot_be_written_where_no_worker_runs_are_an_error_and_nothing_is_started(
    beginning: Beginning,
) -> None:
    file_of(beginning.folder, "checker").unlink()
    file_of(beginning.folder, "checker").mkdir()
    beginning.begin()
    run_until(beginning.loop, lambda: beginning.failed, every=0.001)
    turns(beginning.loop, 10)
    (error,) = beginning.failed
    assert error.filename == str(file_of(beginning.folder, "checker"))
    assert (beginning.done, beginning.calls("vrrp"), beginning.calls("checker")) == ([], [], [])


# --- a stop meanwhile ---------------------------------------------------------------------------


def test_a_stop_waits_until_all_who_run_are_known_and_starts_nothing(beginning: Beginning) -> None:
    vrrp = run(beginning, "vrrp")
    takeover = beginning.begin()
    takeover.abandon(lambda: beginning.stopped.append(True))
    assert beginning.stopped == []
    run_until(beginning.loop, lambda: beginning.stopped, every=0.001)
    turns(beginning.loop, 10)
    assert vrrp.calls == [TIED, f"adopt {NUMBER}"]  # so that it is stopped, too
    assert (vrrp.reloads, beginning.calls("checker"), beginning.done) == (0, [], [])


def test_a_stop_of_one_that_has_begun_comes_at_once(beginning: Beginning) -> None:
    takeover = beginning.run()
    takeover.abandon(lambda: beginning.stopped.append(True))
    assert beginning.stopped == [True]


def test_a_stop_between_two_replacements_ends_them(beginning: Beginning) -> None:
    for name in ("vrrp", "checker"):
        run(beginning, name, "theirs")
    running: list[Any] = []
    checker: Any = beginning.workers["checker"]
    checker.replace = running.append
    takeover = beginning.begin()
    run_until(beginning.loop, lambda: running, every=0.001)
    takeover.abandon(lambda: beginning.stopped.append(True))
    running[0](None)
    turns(beginning.loop, 20)
    assert beginning.stopped == [True]
    assert "replace" not in beginning.calls("vrrp")
    assert beginning.done == []
