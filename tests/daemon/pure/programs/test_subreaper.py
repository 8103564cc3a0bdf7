# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program below its subreaper: how it went is told in lines, and nothing of it is left."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from lvsd.programs import subreaper
from lvsd.programs.subreaper import AT_ONCE, POLITELY, Task, kill, parent_of

IGNORES = "trap '' TERM; touch {}; while :; do sleep 0.02; done"


def start(*words: str, limit: float = 30.0, grace: float = 30.0, **environment: str) -> tuple[int, int]:
    """The subreaper of a program, and what it says."""
    return subreaper.fork(Task(words, None, {"PATH": os.defpath, **environment}, limit, grace))


def told(subreaper_of: tuple[int, int]) -> list[str]:
    """What a subreaper has said, when it has ended."""
    pid, report = subreaper_of
    os.waitpid(pid, 0)
    try:
        return os.read(report, 4096).decode().splitlines()
    finally:
        os.close(report)


def shell(text: str, **more: float) -> tuple[int, int]:
    return start("/bin/sh", "-c", text, **more)  # type: ignore[arg-type]


def until_there(path: Path) -> None:
    until = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("text", "code"), [("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -9 $$", -9), ("kill -15 $$", -15)]
)
def test_the_exit_code_is_told(text: str, code: int) -> None:
    assert told(shell(text)) == [f"code {code}", "left 0"]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (("/nowhere/at/all",), errno.ENOENT),
        (("/etc/passwd",), errno.EACCES),
        (("/",), errno.EACCES),
        (("/bin/sh", "a\0b"), errno.EINVAL),
    ],
)
def test_why_a_program_did_not_start_is_told(words: tuple[str, ...], number: int) -> None:
    assert told(start(*words))[0] == f"failed {number}"


def test_a_program_without_an_interpreter_is_one_of_the_shell(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("exit $1\n")
    program.chmod(0o755)
    assert told(start(str(program), "7")) == ["code 7", "left 0"]


def test_a_program_has_the_environment_of_its_task_and_begins_at_the_root(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert told(start("/bin/sh", "-c", 'echo "$A $HOME" > "$OUT"; pwd >> "$OUT"', A="b c", OUT=str(out))) == [
        "code 0",
        "left 0",
    ]
    assert out.read_text() == "b c \n/\n"


@pytest.mark.parametrize("text", ["sleep 1000 &", "setsid sleep 1000 &", "(setsid sleep 1000 &) &"])
def test_what_a_program_leaves_behind_is_ended_and_counted(text: str) -> None:
    code, left = told(shell(f"{text} exit 4"))
    assert code == "code 4"
    assert int(left.removeprefix("left ")) >= 1


@pytest.mark.parametrize(("order", "code"), [(POLITELY, -signal.SIGTERM), (AT_ONCE, -signal.SIGKILL)])
def test_an_order_ends_it(order: int, code: int) -> None:
    run = shell("exec sleep 1000")
    os.kill(run[0], order)
    assert told(run) == [f"code {code}", "left 0"]


def test_who_ignores_sigterm_gets_sigkill_after_the_grace(tmp_path: Path) -> None:
    run = shell(IGNORES.format(tmp_path / "ready"), grace=0.05)
    until_there(tmp_path / "ready")
    os.kill(run[0], POLITELY)
    assert told(run)[0] == f"code {-signal.SIGKILL}"


def test_sigterm_a_second_time_does_not_wait_for_the_grace(tmp_path: Path) -> None:
    run = shell(IGNORES.format(tmp_path / "ready"))
    until_there(tmp_path / "ready")
    os.kill(run[0], POLITELY)
    until = time.monotonic() + 20
    while pending(run[0], POLITELY):  # one signal that waits swallows the next
        assert time.monotonic() < until
    os.kill(run[0], POLITELY)
    assert told(run)[0] == f"code {-signal.SIGKILL}"


def pending(pid: int, number: int) -> bool:
    """Whether a signal waits for a process (proc_pid_status(5), ShdPnd)."""
    lines = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return bool(int(lines["ShdPnd"], 16) & (1 << (number - 1)))


def test_the_limit_is_the_same_as_an_order() -> None:
    assert told(shell("exec sleep 1000", limit=0.02)) == [f"code {-signal.SIGTERM}", "left 0"]


def test_signals_are_as_they_were_behind_a_fork() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    told(shell("exit 0"))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_the_parent_of_a_process_whatever_it_is_called(tmp_path: Path) -> None:
    odd = tmp_path / "a) b ("
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([odd, "1000"]) as process:
        assert parent_of(str(process.pid)) == str(os.getpid())
        kill({process.pid})
        assert process.wait() == -signal.SIGKILL
        kill({process.pid})  # it has gone: there is nothing to be done
    assert parent_of("0") is None
