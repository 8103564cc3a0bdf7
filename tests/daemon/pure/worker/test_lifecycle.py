# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for every worker, by one that works at nothing (tests/daemon/pure/supervisor/third)."""

import os
import signal
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from lvsd.loop import Loop, WorkerOptions
from lvsd.worker.lifecycle import WorkerLifecycle
from third_process import THIRD, Third, eventually, thirds


@pytest.fixture
def third(tmp_path: Path) -> Iterator[Third]:
    with thirds(tmp_path) as third:
        yield third


def test_it_prepares_begins_and_releases_when_it_is_told_to_stop(third: Third) -> None:
    process = third.start()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert third.notes == ["prepare", "begin", "release", "dispose"]
    assert not (third.folder / "third.sock").exists()


def test_every_user_may_search_the_runtime_directory_that_it_makes(third: Third) -> None:
    folder = third.folder / "run" / "lvsd"
    third.spawn("--runtime-dir", str(folder), umask=0o077)
    eventually((folder / "third.sock").exists)
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_hangup_reloads_and_a_bad_file_changes_nothing(third: Third) -> None:
    process = third.start()
    third.write(81)
    process.send_signal(signal.SIGHUP)
    eventually(lambda: third.ask("show")["ports"] == [81])
    third.config.write_text("virtual_server {\n")
    answer = third.ask("reload")
    assert (answer["ok"], answer["findings"][0]) == (False, answer["error"])
    third.write(666)
    assert third.ask("reload")["error"] == "a port that it does not like"
    assert third.ask("show")["ports"] == [81]
    said = [event["message"] for event in third.ask("events")["events"]]
    assert [message.startswith("third: reload refused: ") for message in said] == [False, True]
    assert said[0] == "third: [80] -> [81]"


def test_a_signal_that_asks_for_nothing_ends_nothing(third: Third) -> None:
    process = third.start()
    process.send_signal(signal.SIGUSR1)
    eventually(lambda: "third: SIGUSR1 ignored" in third.log)
    assert third.ask("ping")["pid"] == process.pid


def test_one_that_stops_already_agrees_to_leave_and_still_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A successor that was refused would kill it, in the middle of its release."""
    monkeypatch.syspath_prepend(THIRD)
    kind: type[WorkerLifecycle] = import_module("third.worker").ThirdWorker
    worker = kind(WorkerOptions(config=tmp_path / "third.conf", runtime_dir=tmp_path), Loop())
    worker.stop()
    assert worker.leave({}) == {}
    assert not worker.left
    worker.loop.run()
    worker.close()
    assert (tmp_path / "third.notes").read_text().split() == ["release", "dispose"]


def test_it_is_adopted_by_a_process_that_there_is(third: Third) -> None:
    third.start()
    assert third.ask("adopt", parent=os.getpid())["parent"] == os.getpid()
    assert not third.ask("adopt", parent=1 << 30)["ok"]
    assert f"adopted by pid {os.getpid()}" in [event["message"] for event in third.ask("events")["events"]]


def test_what_was_removed_from_the_runtime_directory_is_written_again(third: Third) -> None:
    third.start()
    (third.folder / "third.sock").unlink()
    eventually(lambda: "write_again" in third.notes)
    assert third.ask("ping")["ok"]
