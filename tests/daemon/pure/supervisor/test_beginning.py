# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first moments: signals that come early, paths that are wrong, the way to the background."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
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
    daemon.started = daemon.spawn()
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


A_DIRECTORY = "there is a directory where a regular file belongs"


def started(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, os.fspath(HERE / "quick_parent.py"), "-f", "lvsd.conf", "--runtime-dir", "run", *options]
    environment = {**os.environ, "PYTHONPATH": os.fspath(HERE.parents[3] / "runtime")}
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


def device(path: Path) -> None:
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))


def linked(path: Path) -> None:
    path.symlink_to(path.with_name("target"))


WRONG_KINDS = [(os.mkfifo, "a FIFO"), (Path.mkdir, "a directory"), (linked, "a symbolic link")]
WRONG_KINDS += [(device, "a device")] if os.geteuid() == 0 else []


@pytest.mark.parametrize("name", ["lvsd.pid", "lvsd.lock"])
@pytest.mark.parametrize(("occupy", "what"), WRONG_KINDS)
def test_a_pid_or_lock_file_that_is_none_is_one_line_and_stays(
    folder: Path, name: str, occupy: Callable[[Path], None], what: str
) -> None:
    (folder / "run").mkdir()
    occupy(folder / "run" / name)
    done = started(folder, "-n")
    said = f"lvsd: not started: {folder}/run/{name}: there is {what} where a regular file belongs\n"
    assert (done.returncode, done.stderr) == (2, said)
    assert os.path.lexists(folder / "run" / name)
    assert not (folder / "run" / "target").exists()


@pytest.mark.parametrize("name", ["lvsd.sock", "vrrp.sock", "checker.sock"])
def test_a_control_socket_whose_path_is_occupied_is_one_line_and_no_loop(folder: Path, name: str) -> None:
    (folder / "run").mkdir()
    path = folder / "run" / name
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(os.fspath(path))
        stranger.listen()
        listening = f"pid {os.getpid()} ({Path('/proc/self/comm').read_text().strip()}) listens there"
        done = started(folder, "-n")
        said = f"lvsd: not started: {path}: {listening}, and is no process of lvsd\n"
        assert (done.returncode, done.stderr) == (2, said)
    path.unlink()
    path.touch()
    done = started(folder, "-n")
    said = f"lvsd: not started: {path}: there is a regular file where the control socket belongs\n"
    assert (done.returncode, done.stderr) == (2, said)
    assert path.is_file()


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
    assert (done.returncode, done.stderr) == (2, f"lvsd: not started: {folder}/run/lvsd.pid: {A_DIRECTORY}\n")
