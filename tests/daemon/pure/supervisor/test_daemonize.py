# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a runtime directory, and the process that waits until the daemon in the background has begun."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lvsd.supervisor import daemonize

LAUNCH = """
import os, sys, time
from lvsd.supervisor.daemonize import Launcher
told = Launcher()
open(sys.argv[1], "w").write(f"{os.getpid()} {os.getsid(0)} {os.getcwd()}\\n")
{then}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lvsd.lock"


@pytest.fixture
def lock(path: Path) -> Iterator[int]:
    fd = daemonize.lock(path)
    assert fd is not None
    yield fd
    os.close(fd)


def in_another_process(path: Path) -> str:
    imports = "import sys; from pathlib import Path; from lvsd.supervisor.daemonize import lock"
    words: list[str | Path] = [sys.executable, "-c", f"{imports}; print(lock(Path(sys.argv[1])))", path]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.usefixtures("lock")
def test_a_lock_is_held_against_others(path: Path) -> None:
    assert in_another_process(path) == "None"
    assert daemonize.lock(path) is None


def test_a_lock_is_free_when_its_holder_has_gone(path: Path) -> None:
    assert in_another_process(path) != "None"
    fd = daemonize.lock(path)
    assert fd is not None
    os.close(fd)


def test_an_inherited_lock_is_kept_and_no_program_inherits_it(path: Path, lock: int) -> None:
    os.set_inheritable(lock, True)
    before = os.listdir("/proc/self/fd")
    assert daemonize.lock(path, inherited=lock) == lock
    assert not os.get_inheritable(lock)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("inherited", [0, 9999], ids=["another file", "no file"])
def test_a_descriptor_that_is_no_lock_of_this_file_is_not_taken_for_it(inherited: int, path: Path) -> None:
    fd = daemonize.lock(path, inherited=inherited)
    assert fd is not None
    assert fd != inherited
    os.close(fd)


def test_a_refused_lock_leaves_no_descriptor(path: Path, lock: int) -> None:
    before = os.listdir("/proc/self/fd")
    assert daemonize.lock(path) is None
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("occupy", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("target")])
def test_what_is_no_lock_file_is_an_error_that_names_it(occupy: Callable[[Path], object], path: Path) -> None:
    occupy(path)
    with pytest.raises(OSError, match=r"where a regular file belongs: '.*lvsd\.lock'"):
        daemonize.lock(path)
    assert not path.with_name("target").exists()


def test_a_namespace_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-namespace"):
        daemonize.enter_namespace("no-such-namespace")


def launch(tmp_path: Path, then: str) -> tuple[int, str, list[str]]:
    """The exit code of the process that was started, what it has printed, and who it is in the background."""
    about = tmp_path / "about"
    code = LAUNCH.replace("{then}", then)
    ended = subprocess.run([sys.executable, "-c", code, about], capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stdout, about.read_text().split()


@pytest.mark.parametrize("code", [0, 1, 255])
def test_the_process_that_was_started_ends_with_the_code_that_the_daemon_tells(code: int, tmp_path: Path) -> None:
    then = f"print('before', flush=True); told.tell({code}); print('behind', flush=True)"
    ended, out, (pid, session, folder) = launch(tmp_path, then)
    assert (ended, out, folder) == (code, "before\n", "/")
    assert session not in (pid, str(os.getsid(0)))


def test_a_daemon_that_dies_before_it_has_told_is_a_failure(tmp_path: Path) -> None:
    assert launch(tmp_path, "os._exit(0)")[0] == 1


def test_a_daemon_goes_on_when_the_process_that_was_started_was_interrupted(tmp_path: Path) -> None:
    about, done = tmp_path / "about", tmp_path / "done"
    os.mkfifo(about)
    os.mkfifo(done)
    then = "open(sys.argv[1]).read(); told.tell(0); open(sys.argv[2], 'w').write('goes on')"
    started = subprocess.Popen([sys.executable, "-c", LAUNCH.replace("{then}", then), about, done])
    about.read_text()
    started.send_signal(signal.SIGINT)
    assert started.wait(30) == -signal.SIGINT
    about.write_text("go on")
    assert done.read_text() == "goes on"
