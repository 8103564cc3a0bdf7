# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known of a worker's process, and its pid file."""

import os
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd import signals
from lvsd.supervisor.process_status import ending, forget_pid, running_since, write_pid


@pytest.mark.parametrize("number", range(1, 65))
def test_the_end_by_any_signal_has_words(number: int) -> None:
    assert ending(-number) == f"signal {signals.name(number)}"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit code 0"),
        (255, "exit code 255"),
        (-9, "signal SIGKILL"),
        (-11, "signal SIGSEGV"),
        (None, "an exit code that its parent alone knew"),
    ],
)
def test_the_end_of_a_process_in_words(code: int | None, words: str) -> None:
    assert ending(code) == words


def test_a_process_runs_since_it_was_started_whatever_its_name_is(tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 2 (b"
    program.symlink_to("/bin/sleep")
    tick = 1 / os.sysconf("SC_CLK_TCK")
    before = time.time()
    child = subprocess.Popen([os.fspath(program), "60"])
    after = time.time()
    try:
        while "a) S" not in Path(f"/proc/{child.pid}/comm").read_text():
            time.sleep(0.001)
        assert before - 2 * tick <= running_since(child.pid) <= after + 2 * tick
    finally:
        child.kill()
        child.wait(10)


def test_one_that_has_gone_runs_since_now() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait(10)
    before = time.time()
    assert before <= running_since(gone.pid) <= time.time()


def test_a_pid_file_is_read_by_all_and_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "vrrp.pid"
    for pid in (1, 4194304):
        write_pid(path, pid)
        assert path.read_text() == f"{pid}\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    forget_pid(path)
    forget_pid(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("occupy", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("target")])
def test_what_is_no_pid_file_is_neither_written_nor_removed(tmp_path: Path, occupy: Callable[[Path], object]) -> None:
    (tmp_path / "target").write_text("another's")
    path = tmp_path / "vrrp.pid"
    occupy(path)
    with pytest.raises(OSError, match="where a regular file belongs"):
        write_pid(path, 1)
    forget_pid(path)
    assert os.path.lexists(path)
    assert (tmp_path / "target").read_text() == "another's"


def test_a_folder_that_has_gone_takes_the_pid_file_with_it(tmp_path: Path) -> None:
    forget_pid(tmp_path / "gone" / "vrrp.pid")
