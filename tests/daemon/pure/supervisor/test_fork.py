# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forked worker has the parent's modules, and nothing else of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd.loop import Loop
from lvsd.supervisor.fork import fork


def code_of(work: Callable[[], int]) -> int:
    _, status = os.waitpid(fork(work), 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize("code", [0, 4])
def test_it_ends_with_the_code_that_its_work_returns(code: int) -> None:
    assert code_of(lambda: code) == code


def test_what_it_says_and_raises_is_there_when_it_has_ended() -> None:
    """In a process of its own: pytest's standard error is not the descriptor that a fork keeps."""
    text = """
import os, sys
from lvsd.supervisor.fork import fork
def say(): sys.stderr.write("said "); return 0
for work in (say, lambda: 1 // 0, lambda: sys.exit(5), lambda: sys.exit("no")):
    print(os.waitstatus_to_exitcode(os.waitpid(fork(work), 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["0", "1", "5", "1"]
    assert done.stderr.startswith("said Traceback")
    assert "ZeroDivisionError" in done.stderr


def test_no_descriptor_of_the_parent_is_open() -> None:
    loop = Loop()
    loop.on_signal(signal.SIGTERM, lambda: None)
    opened = os.open("/dev/null", os.O_RDONLY)

    def work() -> int:
        return len({int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2}) - 1  # that of listdir itself

    assert code_of(work) == 0
    os.close(opened)
    loop.close()


def test_signals_do_what_they_do_to_a_new_process_and_the_parent_hears_none_of_them() -> None:
    loop = Loop()
    heard: list[int] = []
    loop.on_signal(signal.SIGTERM, lambda: heard.append(1))

    def work() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    assert code_of(work) == -signal.SIGTERM
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert heard == []
    os.kill(os.getpid(), signal.SIGTERM)
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert heard == [1]
    loop.close()


def test_it_leads_its_own_process_group_and_has_nothing_of_systemd(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("LVSD_PROGRAM", "kept")

    def work() -> int:
        (tmp_path / "environment").write_text("\n".join(os.environ))
        return 0 if os.getpgid(0) == os.getpid() else 1

    assert code_of(work) == 0
    assert {"NOTIFY_SOCKET", "LVSD_PROGRAM"} & set((tmp_path / "environment").read_text().split()) == {"LVSD_PROGRAM"}
