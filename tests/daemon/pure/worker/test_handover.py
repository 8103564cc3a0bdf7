# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the predecessor does, after `end_predecessor` it is not there."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lvsd.worker import handover
from lvsd.worker.handover import end_predecessor, is_worker

RUNTIME = Path(__file__).parents[4] / "runtime"

# PATH MANNERS...: serves PATH as a worker does; `deaf` reads nothing, `rude` does not know `leave`, `liar` does not go
PREDECESSOR = """
import sys
from pathlib import Path
from lvsd.control.server import ControlServer, EventLog
from lvsd.loop import Loop
loop = Loop()
leave = {"polite": lambda _: loop.call_later(0, loop.stop) and {}, "liar": lambda _: {}}
manners = sys.argv[2]
handlers = {"leave": leave[manners]} if manners in leave else {}
server = ControlServer(loop, Path(sys.argv[1]), handlers, EventLog("x"))
if manners == "deaf":
    loop.remove(server.socket.fileno())
print(flush=True)
loop.run()
"""

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def control(tmp_path: Path) -> Path:
    return tmp_path / "worker.sock"


@pytest.fixture
def start(control: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start(manners: str, *words: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-c", PREDECESSOR, os.fspath(control), manners, *words]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.fspath(RUNTIME)})
        started.append(process)
        assert process.stdout
        assert process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def timed(control: Path) -> tuple[bool, float]:
    before = time.monotonic()
    return end_predecessor(control), time.monotonic() - before


def test_a_polite_predecessor_leaves(start: Start, control: Path) -> None:
    process = start("polite", "--worker")
    there, took = timed(control)
    assert there
    assert process.poll() == 0
    assert took < 1


@pytest.mark.parametrize("manners", ["rude", "liar", "deaf"])
def test_one_that_does_not_leave_is_killed(start: Start, control: Path, manners: str) -> None:
    process = start(manners, "--worker")
    there, took = timed(control)
    assert there
    assert process.wait(1) == -signal.SIGKILL
    assert took < 4.5


def test_a_stopped_process_is_killed(start: Start, control: Path) -> None:
    process = start("polite", "--worker")
    process.send_signal(signal.SIGSTOP)
    assert end_predecessor(control)
    assert process.wait(1) == -signal.SIGKILL


@pytest.mark.parametrize("manners", ["liar", "polite", "deaf"])
def test_who_is_no_worker_is_neither_asked_nor_killed_and_keeps_its_socket(
    start: Start, control: Path, manners: str
) -> None:
    process = start(manners)
    with pytest.raises(OSError, match=rf"pid {process.pid} \(python.*\) listens there, and is no process") as raised:
        end_predecessor(control)
    assert (raised.value.errno, raised.value.filename) == (errno.EADDRINUSE, os.fspath(control))
    assert process.poll() is None


def test_what_is_no_socket_is_named(control: Path) -> None:
    control.mkdir()
    with pytest.raises(OSError, match=r"there is a directory where the control socket belongs.*worker\.sock"):
        end_predecessor(control)


def test_without_a_predecessor_nothing_is_waited_for(control: Path) -> None:
    there, took = timed(control)
    assert not there
    assert took < 0.5


def test_a_socket_that_a_crash_left_behind_is_no_predecessor(control: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.fspath(control))
    listener.close()
    there, took = timed(control)
    assert not there
    assert took < 0.5


def test_its_own_socket_does_not_end_a_process(control: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(control))
        listener.listen()
        assert not end_predecessor(control)


def test_a_full_backlog_is_not_waited_for(control: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(os.fspath(control))
        listener.listen(0)
        first.connect(os.fspath(control))
        there, took = timed(control)
    assert not there
    assert took < 4


@pytest.mark.parametrize("system_user", [True, False])
def test_a_process_that_proc_hides_is_a_worker_where_it_is_one_of_the_system_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_user: bool
) -> None:
    monkeypatch.setattr(handover, "PROCESSES", tmp_path)
    monkeypatch.setattr(handover, "runs_as_it", lambda: system_user)
    process = subprocess.Popen(["sleep", "60"])
    try:
        assert is_worker(process.pid) is system_user
    finally:
        process.kill()
        process.wait()
    assert not is_worker(process.pid)
