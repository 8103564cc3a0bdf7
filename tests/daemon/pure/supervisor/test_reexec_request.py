# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to become the installed version: one at a time, each answered once, and what stays when it is not to be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.conf import Loaded
from lvsd.control.peer import Peer
from lvsd.control.server import Answer, EventLog, Later
from lvsd.loop import Loop
from lvsd.options import Options
from lvsd.supervisor.fork import fork
from lvsd.supervisor.last_good import RunningConfiguration
from lvsd.supervisor.reexec import Reexec
from lvsd.supervisor.reload_queue import Reloads
from lvsd.supervisor.worker_config import split, write
from lvsd.version import described
from program_at_hand import OPTIONS, script
from workers_at_hand import PlainWorker

from tests.support.attempts import turns
from tests.support.loops import run_until

ROUTER = "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id %d\n}\n"
ASKER = Peer(uid=0, pid=7)
TOLD = "lvsd: told by root (pid 7) to become the installed version"
GOES = 'rm "$0"'  # it can run when it is tried, and has gone by the time that it should


class Asked:
    """A daemon that can be asked to become the program `lvsd` of its folder; no worker answers unless it serves."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.folder = folder
        self.program = folder / "lvsd"
        self.number = 51
        options = Options(runtime_dir=folder, config=folder / "lvsd.conf")
        self.events = EventLog("lvsd")
        self.workers = {name: PlainWorker(self.loop, folder / f"{name}.sock") for name in ("vrrp", "checker")}
        parts = split(self.load().configuration, options)
        write(folder, parts.texts)
        workers: Any = self.workers
        running = RunningConfiguration(self.load(), parts)
        self.reloads = Reloads(self.loop, options, workers, running, self.load, self.events, lambda: None)
        self.reloads.release()
        self.lock = os.open(folder / "lvsd.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        self.reexec = Reexec(self.loop, script(self.program, "exit 0"), self.lock, self.reloads, self.events)

    def load(self) -> Loaded:
        return conf.parse(ROUTER % self.number, "lvsd.conf")

    def write(self, text: str) -> None:
        script(self.program, text)

    def ask(self, peer: Peer | None = ASKER) -> list[Answer]:
        """Ask; the list gets the answer."""
        answers: list[Answer] = []
        later = Later(peer)
        later.then(answers.append)
        self.reexec.ask(later)
        return answers

    def answered(self, peer: Peer | None = ASKER) -> Answer:
        answers = self.ask(peer)
        run_until(self.loop, lambda: answers, every=0.001)
        turns(self.loop)
        return answers[0]

    def reload(self) -> list[Answer]:
        answers: list[Answer] = []
        self.reloads.ask({}).then(answers.append)
        return answers

    def said(self, *changes: str) -> list[str]:
        return [event["message"] for event in self.events.since(0) if event.get("change") in changes]

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.loop.close()
        os.close(self.lock)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    asked = Asked(tmp_path)
    yield asked
    asked.close()


# --- refused ------------------------------------------------------------------------------------


def test_a_version_that_cannot_run_is_refused_and_this_one_stays(
    asked: Asked, systemd: Callable[[], list[str]]
) -> None:
    asked.write('echo \'{"findings": [{"path": "a", "line": 3, "message": "no"}]}\'; exit 5')
    answer = asked.answered()
    why = "the new version cannot run: a:3: no"
    assert (answer["ok"], answer["error"]) == (False, why)
    assert answer["findings"] == [{"path": "a", "line": 3, "message": "no"}]
    told, kept = asked.events.since(0)
    assert (told["what"], told["change"], told["message"]) == ("worker", "told", TOLD)
    assert (told["uid"], told["pid"], told["user"]) == (0, 7, "root")
    assert (kept["what"], kept["change"], kept["message"]) == ("worker", "kept", f"lvsd: this version stays: {why}")
    assert systemd() == []
    reloaded = asked.reload()
    run_until(asked.loop, lambda: reloaded, every=0.001)
    assert reloaded[0]["ok"] is True


def test_an_order_of_the_daemon_itself_is_said_to_be_its_own(asked: Asked) -> None:
    asked.write("exit 1")
    asked.answered(None)
    assert asked.said("told") == ["lvsd: told by the daemon to become the installed version"]


def test_another_request_is_refused_while_a_version_is_tried_and_heard_afterwards(asked: Asked) -> None:
    asked.write('while [ ! -e "$0.go" ]; do sleep 0.01; done; exit 1')
    first = asked.ask()
    (second,) = asked.ask()
    assert (second["ok"], second["error"]) == (False, "another version is being tried already")
    assert asked.said("told") == [TOLD]
    assert first == []
    asked.program.with_suffix(".go").touch()
    run_until(asked.loop, lambda: first, every=0.001)
    assert first[0]["error"] == "the new version cannot run: exit code 1"
    asked.write("exit 3")
    assert asked.answered()["error"] == "the new version cannot run: exit code 3"


def test_a_program_that_cannot_be_started_is_refused_at_once(asked: Asked) -> None:
    asked.program.unlink()
    for _again in range(2):
        (answer,) = asked.ask()
        assert answer["error"] == f"{asked.program} cannot be started: No such file or directory"
        assert answer["findings"] == []


def test_a_trial_is_ended_when_the_daemon_stops(asked: Asked) -> None:
    asked.write("exec sleep 60")
    answers = asked.ask()
    asked.reexec.cancel()
    run_until(asked.loop, lambda: answers, every=0.001)
    assert answers[0]["error"] == "the new version cannot run: signal SIGKILL"
    asked.reexec.cancel()  # nothing to end, and harmless


# --- become -------------------------------------------------------------------------------------


def test_the_process_becomes_a_version_that_can_run_and_has_answered_before(tmp_path: Path) -> None:
    """In a process of its own, as this one would be another program afterwards."""

    def note(answer: Answer) -> None:
        (tmp_path / "answer").write_text(str(answer))

    def work() -> int:
        asked = Asked(tmp_path)
        asked.write('[ "$1" = -t ] && exit 0; echo $$ "$@" > became; exit 42')
        later = Later(ASKER)
        later.then(note)
        asked.reexec.ask(later)
        run_until(asked.loop, lambda: False)
        return 1

    pid = fork(work)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 42
    assert (tmp_path / "became").read_text().split() == [str(pid), *OPTIONS]
    assert (tmp_path / "answer").read_text() == str({"version": 1, "ok": True, "pid": pid, **described()})


def test_what_cannot_be_executed_after_all_leaves_a_daemon_that_goes_on(
    asked: Asked, systemd: Callable[[], list[str]]
) -> None:
    asked.write(GOES)
    answer = asked.answered()
    assert (answer["ok"], answer["pid"]) == (True, os.getpid())  # given before it was known
    (kept,) = asked.said("kept")
    assert kept.startswith("lvsd: this version stays: ")
    assert "No such file or directory" in kept
    assert [said.partition(";")[0] for said in systemd()] == ["RELOADING=1", "WATCHDOG=1", "READY=1"]
    asked.number = 52
    reloaded = asked.reload()
    run_until(asked.loop, lambda: reloaded, every=0.001)
    assert reloaded[0]["ok"] is True
    assert asked.answered()["error"] == f"{asked.program} cannot be started: No such file or directory"


def test_a_reload_that_waits_is_refused_as_the_next_version_reads_the_configuration_anyway(asked: Asked) -> None:
    asked.reloads._held = True  # as while workers are adopted
    waiting = asked.reload()
    asked.write(GOES)
    asked.answered()
    assert waiting[0]["error"] == "lvsd is becoming another version; ask again"


def test_the_end_of_a_reload_is_waited_for(asked: Asked) -> None:
    answer_of_vrrp = Later()
    asked.workers["vrrp"].serve()
    asked.workers["vrrp"]._server.handlers["reload"] = lambda _: answer_of_vrrp  # type: ignore[union-attr]
    asked.number = 52
    reloaded = asked.reload()
    asked.write('rm "$0"; : > "$0.tried"')
    answers = asked.ask()
    run_until(asked.loop, lambda: asked.program.with_suffix(".tried").exists() and not asked.reexec._rehearsal)
    turns(asked.loop)
    assert (answers, reloaded) == ([], [])
    answer_of_vrrp.answer({})
    run_until(asked.loop, lambda: answers, every=0.001)
    assert (reloaded[0]["ok"], answers[0]["ok"]) == (True, True)


def test_an_older_version_finds_what_the_workers_have_stored(asked: Asked) -> None:
    (asked.folder / "vrrp").mkdir()
    state = asked.folder / "vrrp" / "vrrp.state"
    state.write_text("numbers")
    asked.write(GOES)
    asked.answered()
    assert (asked.folder / "vrrp.state").samefile(state)
    assert asked.said("share") == []


def test_where_an_older_version_would_find_nothing_that_is_said_and_no_obstacle(asked: Asked) -> None:
    (asked.folder / "vrrp").mkdir()
    (asked.folder / "vrrp" / "vrrp.state").write_text("numbers")
    (asked.folder / "vrrp.state").mkdir()
    asked.write(GOES)
    assert asked.answered()["ok"] is True
    (said,) = asked.said("share")
    assert said.startswith("lvsd: an older version would begin anew: ")
    assert "vrrp.state" in said
    assert len(asked.said("kept")) == 1
