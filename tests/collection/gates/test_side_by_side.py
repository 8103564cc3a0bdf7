# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` says about levels that fail, hang or cannot run, and what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import side_by_side
from tests.side_by_side import Job, Result, run, table

ROOT = Path(__file__).parents[3]


def job(folder: Path, name: str, script: str, longest: float = 30.0) -> Job:
    return Job(name, ("sh", "-c", script), folder, folder / f"{name}.log", longest)


def outcome(result: Result) -> tuple[str, str, bool]:
    return result.name, result.outcome, result.failed


def test_each_job_says_how_it_ended(tmp_path: Path) -> None:
    jobs = [job(tmp_path, "good", "exit 0"), job(tmp_path, "bad", "exit 2"), job(tmp_path, "unable", "exit 3")]
    assert [outcome(result) for result in run(jobs, 2)] == [
        ("good", "passed", False),
        ("bad", "FAILED: exit 2", True),
        ("unable", "not run", False),
    ]


def test_what_a_failed_job_said_is_printed_and_that_of_a_good_one_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run([job(tmp_path, "good", "echo all is well"), job(tmp_path, "bad", "echo why; echo it is so >&2; exit 1")], 1)
    said = capsys.readouterr().out
    assert "why\nit is so\n" in said
    assert "all is well" not in said
    assert (tmp_path / "good.log").read_text() == "all is well\n"


def test_notes_stand_below_the_result(tmp_path: Path) -> None:
    (result,) = run([job(tmp_path, "some", "echo 'note: not run: no python3.9 here'")], 1)
    first, second = table([result]).splitlines()
    assert first.endswith("passed")
    assert second.strip() == "not run: no python3.9 here"


def test_jobs_run_beside_each_other(tmp_path: Path) -> None:
    meet = "echo here > {0} & cat {1} > /dev/null; wait"
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        os.mkfifo(path)
    jobs = [job(tmp_path, "a", meet.format(*paths)), job(tmp_path, "b", meet.format(*reversed(paths)))]
    assert [result.code for result in run(jobs, 2)] == [0, 0]  # neither ends without the other


def test_one_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "PATIENCE", 0.5)
    script = f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/pid; wait; wait"
    (result,) = run([job(tmp_path, "stuck", script, longest=1.0)], 1)
    assert result.outcome == "FAILED: it hung"
    assert_gone(int((tmp_path / "pid").read_text()))


SLOW_START = (
    "start = subprocess.Popen.__init__;"
    "subprocess.Popen.__init__ = lambda *given, **named: (start(*given, **named), time.sleep(1))[0];"
)


@pytest.mark.parametrize("before", ["", SLOW_START], ids=["they run", "one is just being started"])
def test_jobs_end_with_the_one_who_runs_them(tmp_path: Path, before: str) -> None:
    script = (
        f"import subprocess, time; from pathlib import Path; from tests.side_by_side import Job, run; {before}"
        f"p = Path({str(tmp_path)!r});"
        "run([Job('a', ('sh', '-c', 'echo $$ > pid; exec sleep 60'), p, p / 'a.log', 60.0)], 1)"
    )
    runner = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    pid = int(eventually_text(tmp_path / "pid"))
    try:
        runner.terminate()
        assert runner.wait(20) == 128 + signal.SIGTERM
        assert_gone(pid)
    finally:
        runner.kill()
        runner.wait()
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)


def eventually_text(path: Path, within: float = 20.0) -> str:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return text
        time.sleep(0.02)
    raise AssertionError(f"nothing in {path} after {within} s")


def assert_gone(pid: int, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")
