# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker is a folder and a row: the parent and `lvsctl` do for a third one what they do for the other two."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import third
from daemons import CHECKER, VRRP, Daemon, alive, eventually
from lvsd.ctl.__main__ import main as lvsctl
from lvsd.options import parse, worker_arguments
from lvsd.worker.registry import WORKERS
from test_reexec import NEW, OLD, Installed

SECOND = CHECKER.replace("192.0.2.1 80", "192.0.2.1 81")


@pytest.fixture(autouse=True)
def row() -> Iterator[None]:
    third.register()
    yield
    del WORKERS[third.ROW.name]


@pytest.fixture
def three(daemon: Daemon) -> Iterator[Daemon]:
    """A parent that has three workers, once it is started; it is stopped in order, and they with it."""
    daemon.environment |= {"THIRD": "1"}
    yield daemon
    if daemon.started is not None and daemon.process.poll() is None:
        daemon.process.terminate()
        daemon.wait()


@pytest.fixture
def started(three: Daemon) -> Daemon:
    three.start(VRRP + CHECKER)
    eventually(lambda: three.pid("third"), within=10)
    return three


def notes(daemon: Daemon) -> list[str]:
    return daemon.lines("third.notes")


def test_it_is_started_with_its_part_and_shown(started: Daemon) -> None:
    assert list(started.workers()) == ["vrrp", "checker", "third"]
    assert started.ask("show", "third")["ports"] == [80]
    assert "vrrp_instance" not in (started.run / "third.conf").read_text()
    assert (started.run / "third.pid").read_text() == f"{started.pid('third')}\n"
    assert Path(f"/proc/{started.pid('third')}/comm").read_text() == "lvsd_third\n"


def test_it_takes_its_part_of_a_reload_or_refuses_it_for_all(started: Daemon) -> None:
    started.write(VRRP + SECOND)
    assert started.ask("reload")["changes"]["third"] == {"changed": True}
    assert started.ask("show", "third")["ports"] == [81]
    started.write(VRRP + SECOND.replace("192.0.2.1 81", "192.0.2.1 666"))
    assert started.ask("reload")["error"] == "third: a port that it does not like"
    assert started.ask("show", "third")["ports"] == [81]
    assert "666" not in (started.run / "checker.conf").read_text()
    started.write(VRRP)
    assert started.ask("reload")["stopped"] == ["checker", "third"]
    eventually(lambda: notes(started)[-2:] == ["release", "dispose"], within=5)
    assert list(started.workers()) == ["vrrp"]


def test_it_is_started_again_when_it_dies_or_hangs(started: Daemon) -> None:
    for number in (signal.SIGKILL, signal.SIGSTOP):
        pid = started.pid("third")
        os.kill(pid, number)
        eventually(lambda pid=pid: started.pid("third") != pid, within=10)
        assert not alive(pid)


def test_it_is_adopted_by_the_next_parent(started: Daemon) -> None:
    pid = started.pid("third")
    started.process.kill()
    started.wait()
    started.start(VRRP + CHECKER)
    assert started.pid("third") == pid
    assert started.ask("show")["takeover"]["adopted"] == ["checker", "third", "vrrp"]


def test_it_is_replaced_with_the_others_and_stopped_behind_them(three: Daemon, tmp_path: Path) -> None:
    daemon = three
    installed = Installed(daemon, tmp_path)
    daemon.start(VRRP + CHECKER)
    before = eventually(lambda: daemon.pid("third"), within=10)
    assert daemon.ask("reexec")["digest"] == OLD
    assert installed.complete()["takeover"]["replaced"] == ["third", "checker", "vrrp"]
    assert (daemon.ask("ping", "third")["digest"], alive(before)) == (NEW, False)
    assert notes(daemon) == ["prepare", "begin", "prepare", "depart", "dispose", "begin"]
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert notes(daemon)[-2:] == ["release", "dispose"]
    assert not list(daemon.run.glob("*.sock"))


def test_its_events_are_on_the_timeline_of_lvsctl(started: Daemon, capsys: pytest.CaptureFixture[str]) -> None:
    started.write(VRRP + SECOND)
    started.ask("reload")
    assert lvsctl(["--runtime-dir", str(started.run), "events"]) == 0
    assert "third    third: [80] -> [81]" in capsys.readouterr().out


def test_its_options_are_on_the_command_line(tmp_path: Path) -> None:
    options = parse(["--third_pid", str(tmp_path / "pid"), "-g", "/x/log"])
    assert options.worker_pid_files == {"third": tmp_path / "pid"}
    words = worker_arguments(options, "third", tmp_path / "third.conf", 1)
    assert parse(words).worker == "third"
    assert options.workers == tuple(WORKERS)
    assert "third" in options.workers
