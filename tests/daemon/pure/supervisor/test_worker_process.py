# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One worker as the parent holds it: real processes that start, die, fall silent, are replaced and stopped."""

from __future__ import annotations

import os
import pwd
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.server import EventLog
from lvsd.loop import Loop
from lvsd.supervisor import replace, restart, worker_process
from lvsd.supervisor.fork import CannotStart, fork
from lvsd.supervisor.watchdog import FIRST_SILENCE, PING_EVERY, SILENCE, Watch
from lvsd.supervisor.worker_process import WorkerProcess
from workers_at_hand import answering

from tests.support.attempts import turns
from tests.support.loops import run_until


class Parent:
    """A loop with one worker; `begun` are the pids of its processes."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.path = folder / "vrrp.sock"
        self.work: Callable[[], int] | None = answering(self.path)
        self.begun: list[int] = []
        self.events = EventLog("lvsd")
        self.worker = WorkerProcess(self.loop, "vrrp", self.begin, self.path, self.events, pid_file=folder / "vrrp.pid")

    def begin(self) -> int:
        if self.work is None:
            raise CannotStart("no memory")
        self.begun.append(fork(self.work))
        return self.begun[-1]

    def started(self) -> int:
        """Start the worker and wait for its first answer; its pid."""
        self.worker.start()
        self.until_it_answers()
        assert self.worker.pid is not None
        return self.worker.pid

    def until_it_answers(self) -> None:
        self.until(lambda: (self.worker.tick(0.0), self.worker.watch.answered)[1])

    def until(self, there: Callable[..., Any]) -> None:
        run_until(self.loop, there, every=0.002, why=lambda: "\n".join(self.messages()))

    def messages(self, change: str = "") -> list[str]:
        return [event["message"] for event in self.events.since(0) if not change or event["change"] == change]

    def alive(self) -> list[int]:
        """Those of its processes that run; what has ended is reaped by now."""
        return [pid for pid in self.begun if Path(f"/proc/{pid}").exists()]

    def close(self) -> None:
        for pid in self.alive():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.loop.close()


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parent]:
    monkeypatch.setattr(restart, "FIRST", 0.01)
    monkeypatch.setattr(worker_process, "ASK_AGAIN", 0.002)
    monkeypatch.setattr(replace, "ASK_AGAIN", 0.002)
    parent = Parent(tmp_path)
    yield parent
    parent.close()


def restarted(worker: WorkerProcess, count: int) -> bool:
    return worker.restarts.count == count


def heard_again(worker: WorkerProcess, before: Watch) -> bool:
    return worker.watch is not before and worker.watch.silent == 0


# --- begin --------------------------------------------------------------------------------------


def test_a_worker_that_is_not_wanted_is_settled_and_shown_without_a_process(parent: Parent) -> None:
    worker = parent.worker
    assert (worker.pid, worker.settled(), worker.listening()) == (None, True, False)
    assert worker.show() == {"name": "vrrp", "pid": None, "user": None, "up_since": None, "restarts": 0}
    worker.tick(1000.0)
    assert parent.messages() == []


def test_a_worker_is_started_once_and_settled_when_it_answers(parent: Parent) -> None:
    parent.worker.start()
    parent.worker.start()
    assert (len(parent.begun), parent.worker.settled(), parent.worker.listening()) == (1, False, True)
    parent.until_it_answers()
    assert parent.worker.settled()
    (pid,) = parent.begun
    shown = parent.worker.show()
    assert (shown["name"], shown["pid"], shown["restarts"]) == ("vrrp", pid, 0)
    assert shown["user"] == pwd.getpwuid(os.geteuid()).pw_name
    assert shown["up_since"] == parent.worker.up_since
    assert {"release", "digest"} <= set(shown)
    assert parent.worker.pid_file.read_text() == f"{pid}\n"
    assert parent.messages() == [f"vrrp: started (pid {pid})"]


def test_one_that_cannot_be_started_is_said_once_and_started_when_it_can(parent: Parent) -> None:
    parent.work = None
    parent.worker.start()
    parent.until(lambda: parent.worker.restarts.count >= 3)
    assert parent.messages() == ["vrrp: could not be started: no memory; starts again at once"]
    parent.work = answering(parent.path)
    parent.until(lambda: parent.worker.pid)
    assert len(parent.begun) == 1


def test_a_process_that_runs_already_is_adopted(parent: Parent) -> None:
    pid = parent.begin()
    parent.worker.adopt(pid, {"pid": pid, "release": "1.2.3", "digest": "abc"})
    assert (parent.worker.pid, parent.worker.settled(), parent.worker.wanted) == (pid, True, True)
    shown = parent.worker.show()
    assert (shown["pid"], shown["release"], shown["digest"]) == (pid, "1.2.3", "abc")
    assert parent.worker.pid_file.read_text() == f"{pid}\n"
    assert parent.messages() == [f"vrrp: pid {pid} goes on"]
    os.kill(pid, signal.SIGKILL)
    parent.until(lambda: len(parent.begun) == 2)  # it is supervised from then on


def test_a_pid_file_that_cannot_be_written_is_said_once_and_written_later(parent: Parent) -> None:
    parent.worker.pid_file.mkdir()
    pid = parent.started()
    parent.worker.tick(0.0)
    parent.worker.keep_pid()
    assert len([text for text in parent.messages() if "could not be written" in text]) == 1
    parent.worker.pid_file.rmdir()
    parent.worker.tick(0.0)
    assert parent.worker.pid_file.read_text() == f"{pid}\n"


# --- the end of a process -----------------------------------------------------------------------


def test_one_that_dies_is_started_again_at_once_and_then_later_and_later(parent: Parent) -> None:
    for restarts in range(1, 4):
        pid = parent.started()
        os.kill(pid, signal.SIGKILL)
        parent.until(partial(restarted, parent.worker, restarts))
    assert [text.partition("; ")[2] for text in parent.messages("failed")] == [
        "starts again at once",
        "starts again in 0.01 s",
        "starts again in 0.02 s",
    ]
    assert "ended with signal SIGKILL" in parent.messages("failed")[0]


def test_who_asked_is_told_how_a_process_ended_before_the_next_one_starts(parent: Parent) -> None:
    told: list[tuple[int, str, int]] = []
    parent.worker.on_end = lambda process, how: told.append((process.pid, how, len(parent.begun)))
    pid = parent.started()
    os.kill(pid, signal.SIGKILL)
    parent.until(lambda: len(parent.begun) == 2)
    assert told == [(pid, "ended with signal SIGKILL", 1)]


def test_without_respawn_its_end_is_the_end(parent: Parent) -> None:
    ended: list[bool] = []
    parent.worker.respawn, parent.worker.failed = False, lambda: ended.append(True)
    os.kill(parent.started(), signal.SIGKILL)
    parent.until(lambda: ended)
    turns(parent.loop)
    assert (len(parent.begun), parent.worker.wanted, ended) == (1, False, [True])
    assert parent.messages("failed")[0].endswith("it is not started again")


# --- alive? -------------------------------------------------------------------------------------


def test_one_that_answers_is_never_killed(parent: Parent) -> None:
    pid = parent.started()
    for _ in range(5):
        before = parent.worker.watch
        parent.worker.tick(PING_EVERY)
        parent.until(partial(heard_again, parent.worker, before))
    assert parent.worker.pid == pid


@pytest.mark.parametrize("answered", [True, False])
def test_one_that_is_silent_for_too_long_is_killed_and_started_again(parent: Parent, answered: bool) -> None:
    if answered:
        pid = parent.started()
    else:
        parent.worker.start()
        (pid,) = parent.begun
    os.kill(pid, signal.SIGSTOP)
    patience = PING_EVERY + SILENCE if answered else FIRST_SILENCE
    parent.worker.tick(patience - 0.1)
    assert parent.messages("silent") == []
    parent.worker.tick(0.1)
    assert parent.messages("silent") == [f"vrrp: no answer for {patience:.0f} s; it is killed"]
    parent.until(lambda: len(parent.begun) == 2)
    assert pid not in parent.alive()


def test_one_whose_socket_was_removed_cannot_be_asked_and_is_not_killed(parent: Parent) -> None:
    pid = parent.started()
    os.kill(pid, signal.SIGSTOP)  # so that it does not make a new one
    parent.path.unlink()
    for _ in range(3):
        parent.worker.tick(PING_EVERY + SILENCE)
        turns(parent.loop)
    assert parent.alive() == [pid]
    assert parent.messages("unreachable") == [f"vrrp: {parent.path} has gone; pid {pid} goes on, and cannot be asked"]


# --- replace ------------------------------------------------------------------------------------


def replaced(parent: Parent) -> str | None:
    """Replace its process; the reason why not."""
    told: list[str | None] = []
    parent.worker.replace(told.append)
    assert told == []  # never from within the call
    parent.until(lambda: told)
    assert len(told) == 1
    return told[0]


def test_a_successor_that_answers_takes_the_place_and_the_one_before_has_gone(parent: Parent) -> None:
    before = parent.started()
    assert replaced(parent) is None
    after = parent.worker.pid
    assert after == parent.begun[-1] != before
    parent.until(lambda: parent.alive() == [after])
    assert parent.worker.pid_file.read_text() == f"{after}\n"
    assert parent.messages()[1:] == [
        f"vrrp: pid {after} prepares to replace pid {before}",
        f"vrrp: pid {after} has taken over",
    ]
    assert parent.worker.restarts.count == 0
    turns(parent.loop)
    assert parent.worker.pid == after  # the end of the one before is no failure


def test_a_successor_that_fails_leaves_all_as_it_was(parent: Parent) -> None:
    before = parent.started()
    parent.work = lambda: 3
    assert replaced(parent) == "ended with exit code 3 before it took over"
    assert (parent.worker.pid, parent.alive()) == (before, [before])
    assert parent.worker.pid_file.read_text() == f"{before}\n"
    assert parent.messages("kept") == ["vrrp: not replaced: ended with exit code 3 before it took over"]


def test_a_successor_that_cannot_be_started_leaves_all_as_it_was(parent: Parent) -> None:
    before = parent.started()
    parent.work = None
    assert replaced(parent) == "could not be started: no memory"
    assert parent.worker.pid == before


def test_what_does_not_run_cannot_be_replaced(parent: Parent) -> None:
    assert replaced(parent) == "there is no process to replace"


def test_one_replacement_at_a_time(parent: Parent) -> None:
    parent.started()
    first: list[str | None] = []
    parent.worker.replace(first.append)
    assert replaced(parent) == "there is no process to replace"
    parent.until(lambda: first)
    assert first == [None]


def test_when_both_have_ended_another_one_is_started(parent: Parent) -> None:
    before = parent.started()
    parent.work = lambda: 3
    told: list[str | None] = []
    parent.worker.replace(told.append)
    parent.work = answering(parent.path)
    os.kill(before, signal.SIGKILL)
    parent.until(lambda: told and parent.worker.pid not in (None, before))
    assert told == ["ended with exit code 3 before it took over"]
    assert len(parent.begun) == 3


# --- stop ---------------------------------------------------------------------------------------


def stopped(parent: Parent, patience: float = 5.0) -> None:
    told: list[bool] = []
    parent.worker.stop(lambda: told.append(True), patience)
    parent.until(lambda: told)
    assert (told, parent.worker.pid, parent.alive()) == ([True], None, [])
    assert not parent.worker.pid_file.exists()


def test_one_that_is_stopped_leaves_in_order_and_is_not_started_again(parent: Parent) -> None:
    parent.work = answering(parent.path, code=5)
    pid = parent.started()
    stopped(parent)
    turns(parent.loop)
    assert parent.messages()[-1] == "vrrp: stopped (exit code 5)"
    assert parent.begun == [pid]


def test_one_that_does_not_heed_is_killed_after_the_patience(parent: Parent) -> None:
    parent.work = answering(parent.path, stubborn=True)
    parent.started()
    stopped(parent, patience=0.02)
    assert parent.messages()[-1] == "vrrp: stopped (signal SIGKILL)"


def test_one_that_has_only_just_been_started_gets_its_signal_once_it_listens(parent: Parent) -> None:
    """Before that it would end by it, and leave in the kernel what it put there."""
    parent.worker.start()
    stopped(parent)
    assert parent.messages()[-1] == "vrrp: stopped (exit code 0)"


def test_one_of_another_user_that_cannot_be_signalled_holds_no_stop_up(
    parent: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a parent of root without CAP_KILL has adopted it; by itself it stops when its parent has gone."""
    pid = parent.started()

    def refused(_number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(parent.worker.process, "send", refused)
    told: list[bool] = []
    parent.worker.stop(lambda: told.append(True))
    parent.until(lambda: told)
    assert parent.alive() == [pid]
    (said,) = parent.messages("unreachable")
    assert said == f"vrrp: pid {pid} may not be signalled"
    parent.worker.start()  # a reload needs it again: the stop of before means nothing to the next process
    parent.until_it_answers()
    assert parent.worker.listening()
    parent.worker.stop(lambda: told.append(True))
    parent.until(lambda: len(told) == 2)
    assert parent.alive() == [pid]


def test_what_does_not_run_is_stopped_at_once(parent: Parent) -> None:
    stopped(parent)
    assert parent.begun == []


@pytest.mark.parametrize(("release", "processes"), [(True, 2), (False, 1)])
def test_one_that_has_crashed_is_started_to_clean_up(parent: Parent, release: bool, processes: int) -> None:
    parent.worker.release = release
    restarts = parent.worker.restarts
    pid = parent.started()
    parent.worker.restarts = restarts.after(0).after(0).after(0).after(0).after(0)  # the next one waits
    os.kill(pid, signal.SIGKILL)
    parent.until(lambda: parent.worker.pid is None)
    stopped(parent)
    assert len(parent.begun) == processes


def test_all_who_wait_for_a_stop_are_told(parent: Parent) -> None:
    parent.started()
    told: list[str] = []
    parent.worker.stop(lambda: told.append("one"))
    assert not parent.worker.listening()
    parent.worker.stop(lambda: told.append("two"))
    parent.until(lambda: len(told) == 2)
    assert told == ["one", "two"]


def test_one_that_is_wanted_again_while_it_stops_is_started_behind_it(parent: Parent) -> None:
    before = parent.started()
    told: list[bool] = []
    parent.worker.stop(lambda: told.append(True))
    parent.worker.start()
    assert parent.begun == [before]
    parent.until(lambda: told and parent.worker.pid not in (None, before))
    assert parent.worker.restarts.count == 0


def test_a_stop_during_a_replacement_waits_for_its_outcome(parent: Parent) -> None:
    parent.started()
    told: list[str] = []
    parent.worker.replace(lambda reason: told.append(f"replaced: {reason}"))
    parent.worker.stop(lambda: told.append("stopped"))
    parent.until(lambda: len(told) == 2)
    assert told == ["replaced: None", "stopped"]
    parent.until(lambda: not parent.alive())


def test_a_successor_that_is_too_slow_for_a_stop_is_given_up(parent: Parent) -> None:
    parent.started()
    parent.work = lambda: signal.pause() or 0
    told: list[str] = []
    parent.worker.replace(lambda reason: told.append(f"replaced: {reason}"))
    parent.worker.stop(lambda: told.append("stopped"), patience=0.05)
    parent.until(lambda: len(told) == 2)
    assert told == ["replaced: was too slow for a stop", "stopped"]
    assert parent.alive() == []
