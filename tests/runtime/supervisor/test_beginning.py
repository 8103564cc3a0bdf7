# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first moments: signals that come early, paths that are wrong, the way to the background."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import HERE, VRRP, Daemon, alive, eventually

WAYS = [pytest.param(("-n",), id="foreground"), pytest.param(("-G",), id="background")]
HANGUP = 1 << (signal.SIGHUP - 1)


def signals(pid: int, which: str) -> int:
    """SigBlk, SigCgt: those that are blocked, and that have a handler."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{which}:")[2].split()[0], 16)


def test_a_hangup_as_soon_as_there_is_a_pid_file_ends_nobody(daemon: Daemon) -> None:
    daemon.environment["IMPORT_TAKES"] = "0.3"  # between the pid file and the handlers
    daemon.write(VRRP)
    daemon.process = daemon.spawn()
    while not (daemon.run / "lvsd.pid").exists():
        pass
    pid = daemon.process.pid
    assert (signals(pid, "SigBlk") | signals(pid, "SigCgt")) & HANGUP
    os.kill(pid, signal.SIGHUP)
    daemon.await_line("READY=1")
    eventually(lambda: any("loaded" in message for message in daemon.messages()), within=5)
    worker = eventually(lambda: daemon.pid("vrrp"), within=10)
    assert [signals(each, "SigBlk") for each in (pid, worker)] == [0, 0]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a daemon may be started; the one whose pid file is there is stopped in the end."""
    (tmp_path / "lvsd.conf").write_text(VRRP)
    yield tmp_path
    if (tmp_path / "pid").exists():
        pid = int((tmp_path / "pid").read_text())
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: not alive(pid), within=10)


def started(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, os.fspath(HERE / "quick_parent.py"), "-f", "lvsd.conf", "--runtime-dir", "run", *options]
    environment = {**os.environ, "PYTHONPATH": os.fspath(HERE.parents[2] / "runtime")}
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-p", "/nonexistent/x.pid"), "/nonexistent/x.pid: No such file or directory"),
        (("-p", "lvsd.conf/x.pid"), "{0}/lvsd.conf/x.pid: Not a directory"),
        (("-g", "/nonexistent/y.log"), "/nonexistent/y.log: No such file or directory"),
        (("--runtime-dir", "lvsd.conf"), "{0}/lvsd.conf: File exists"),
        (
            ("--runtime-dir", "/tmp/" + "x" * 92),
            "/tmp/{1}: File name too long: a runtime directory has at most 94 bytes",
        ),
    ],
)
def test_a_wrong_path_is_one_line_and_code_2(
    folder: Path, way: tuple[str, ...], options: tuple[str, ...], said: str
) -> None:
    done = started(folder, *way, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lvsd: not started: {said.format(folder, 'x' * 92)}\n"
    assert not list(folder.glob("**/*.sock"))


def test_a_launcher_ends_when_the_daemon_can_be_asked(folder: Path) -> None:
    """And paths are meant from where it was started."""
    done = started(folder, "-G", "-p", "pid", "-g", "log")
    assert (done.returncode, done.stderr) == (0, "")
    pid = int((folder / "pid").read_text())
    assert alive(pid)
    assert (folder / "run" / "lvsd.sock").is_socket()
    eventually(lambda: f"lvsd: ready (pid {pid})" in (folder / "log").read_text(), within=10)
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: f"lvsd: {folder}/lvsd.conf loaded" in (folder / "log").read_text(), within=10)


def test_a_launcher_says_that_its_daemon_died(folder: Path) -> None:
    (folder / "run" / "lvsd.pid").mkdir(parents=True)
    done = started(folder, "-G")
    assert (done.returncode, done.stderr) == (2, f"lvsd: not started: {folder}/run/lvsd.pid: Is a directory\n")
