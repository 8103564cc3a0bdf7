# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for every worker, by one that works at nothing (tests/daemon/pure/supervisor/third)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.server import Unreachable, request
from lvsd.loop import Loop, WorkerOptions
from lvsd.worker.lifecycle import CONFIGURATION_ERROR, READ_ERROR, RUN_FAILED

ROOT = Path(__file__).parents[4]
THIRD = ROOT / "tests" / "daemon" / "pure" / "supervisor"
SERVICE = "virtual_server 192.0.2.1 {} {{\n real_server 192.0.2.11 80 {{\n }}\n}}\n"


def eventually(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + 20
    while True:
        try:
            if found := condition():
                return found
        except (Unreachable, OSError):
            pass
        assert time.monotonic() < until
        time.sleep(0.02)


class Third:
    """Processes of the third worker, started by hand on one part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "third.conf"
        self.processes: list[subprocess.Popen[bytes]] = []

    def write(self, *ports: int) -> None:
        self.config.write_text("".join(SERVICE.format(port) for port in ports))

    def spawn(self, *options: str, umask: int = -1) -> "subprocess.Popen[bytes]":
        words = [
            "--worker",
            "third",
            "--use-file",
            str(self.config),
            "--log-console",
            "--runtime-dir",
            str(self.folder),
        ]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{THIRD}"}
        with (self.folder / "log").open("ab") as log:
            argv = [sys.executable, "-m", "third", *words, *options]
            process = subprocess.Popen(argv, env=environment, stderr=log, stdin=subprocess.DEVNULL, umask=umask)
        self.processes.append(process)
        return process

    def start(self) -> "subprocess.Popen[bytes]":
        """Returns once it answers."""
        process = self.spawn()
        eventually(lambda: self.ask("ping")["pid"] == process.pid)
        return process

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        return request(self.folder / "third.sock", verb, timeout=10, **arguments)

    @property
    def notes(self) -> list[str]:
        return (self.folder / "third.notes").read_text().split()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture
def third(tmp_path: Path) -> Iterator[Third]:
    third = Third(tmp_path)
    third.write(80)
    yield third
    for process in third.processes:
        process.kill()
        process.wait()


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


def test_what_cannot_be_read_is_wrong_or_has_no_room_has_its_exit_code(third: Third) -> None:
    (third.folder / "third.sock").write_text("no socket")
    assert third.spawn().wait(10) == RUN_FAILED
    third.config.write_text("virtual_server {\n")
    assert third.spawn().wait(10) == CONFIGURATION_ERROR
    third.config.unlink()
    assert third.spawn().wait(10) == READ_ERROR
    said = third.log.splitlines()
    assert said[0].startswith(f"third: not started: {third.folder}/third.sock: there is a regular file")
    assert any(line.startswith(f"{third.config}:1: ") for line in said)
    assert said[-1] == f"{third.config}: No such file or directory"
    assert third.notes == ["prepare", "dispose"]


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


def test_a_successor_takes_over_and_its_predecessor_releases_nothing(third: Third) -> None:
    before = third.start()
    after = third.start()
    assert before.wait(10) == 0
    assert third.notes == ["prepare", "begin", "prepare", "depart", "dispose", "begin"]
    assert third.ask("ping")["pid"] == after.pid


def test_one_that_stops_already_agrees_to_leave_and_still_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A successor that was refused would kill it, in the middle of its release."""
    monkeypatch.syspath_prepend(THIRD)
    kind = import_module("third.worker").ThirdWorker
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


# --- the process that starts programs ---


def starters(worker: int) -> list[int]:
    """The starters among the children of a process."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == worker and state not in "ZX" and (process / "comm").read_text() == "lvsd_starter\n":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_it_has_a_starter_which_ends_with_it(third: Third) -> None:
    process = third.start()
    (starter,) = starters(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    eventually(lambda: ended(starter))


def test_a_starter_is_forked_before_anything_is_opened(third: Third) -> None:
    process = third.start()
    (starter,) = starters(process.pid)
    files = [os.readlink(fd) for fd in Path(f"/proc/{starter}/fd").iterdir()]
    assert not [file for file in files if "netlink" in file or str(third.folder) in file]
    assert files.count("/dev/null") == 3


def test_without_its_starter_one_that_has_a_parent_makes_room_for_another(third: Third) -> None:
    process = third.spawn("--parent", str(os.getpid()))
    eventually(lambda: third.ask("ping")["pid"] == process.pid)
    os.kill(starters(process.pid)[0], signal.SIGKILL)
    assert process.wait(10) == 0
    assert third.notes == ["prepare", "begin", "depart", "dispose"]  # it has released nothing
    assert "third: the process that starts programs has ended" in third.log


def test_without_its_starter_one_that_has_no_parent_goes_on_until_it_is_adopted(third: Third) -> None:
    process = third.start()
    os.kill(starters(process.pid)[0], signal.SIGKILL)
    eventually(lambda: "third: the process that starts programs has ended" in third.log)
    assert third.ask("ping")["pid"] == process.pid
    assert third.ask("adopt", parent=os.getpid())["parent"] == os.getpid()
    assert process.wait(10) == 0
    assert third.notes == ["prepare", "begin", "depart", "dispose"]
