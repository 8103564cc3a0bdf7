# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a command line to a worker: its name, its umask, its log and its options; each in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lvsd.forked import set_name
from lvsd.log import ERROR, LogLines, log
from lvsd.loop import ScriptLimits, WorkerOptions
from lvsd.options import Options, parse
from lvsd.worker.start import become_worker, open_log


def in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns in a forked process, as JSON; the log of this process stays as it is."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        said: Any = None
        try:
            said = {"returned": work()}
        except BaseException:
            said = {"raised": traceback.format_exc()}
        os.write(write, json.dumps(said).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = json.loads(pipe.read())
    os.waitpid(pid, 0)
    assert "raised" not in answer, answer["raised"]
    return answer["returned"]


def comm() -> str:
    return Path("/proc/self/comm").read_text().rstrip("\n")


@pytest.mark.parametrize(
    ("name", "shown"), [("lvsd_vrrp", "lvsd_vrrp"), ("a" * 15, "a" * 15), ("a" * 16, "a" * 15), ("é" * 9, "é" * 7)]
)
def test_the_name_of_a_process_has_15_bytes(name: str, shown: str) -> None:
    def work() -> str:
        set_name(name)
        return Path("/proc/self/comm").read_bytes().decode(errors="ignore").rstrip("\n")

    assert in_child(work) == shown


@pytest.mark.parametrize(("worker", "process"), [("vrrp", "lvsd_vrrp"), ("checker", "lvsd_checker")])
def test_a_worker_has_its_process_name(worker: str, process: str) -> None:
    def work() -> str:
        become_worker(Options(worker=worker))
        return comm()

    assert in_child(work) == process


@pytest.mark.parametrize(("umask", "expected"), [(None, 0o026), (0, 0), (0o077, 0o077)])
def test_the_umask_is_that_of_the_command_line_or_stays(umask: int | None, expected: int) -> None:
    def work() -> int:
        os.umask(0o026)
        become_worker(Options(worker="vrrp", umask=umask))
        return os.umask(0)

    assert in_child(work) == expected


def test_a_worker_gets_what_the_operator_said(tmp_path: Path) -> None:
    words = ["-f", "/etc/x.conf", "-n", "-D", "-V", "--script-timeout", "7", "--script-wait", "3"]
    options = parse([*words, "--worker", "vrrp", "--runtime-dir", str(tmp_path), "--state-dir", "/var/lib/x"])

    def work() -> bool:
        return become_worker(options) == WorkerOptions(
            config=Path("/etc/x.conf"),
            runtime_dir=tmp_path,
            state_dir=Path("/var/lib/x"),
            release=False,  # -V
            log_detail=True,
            parent=None,
            scripts=ScriptLimits(timeout=7, wait=3),
        )

    assert in_child(work)


def test_what_one_worker_keeps_another_releases() -> None:
    def work() -> list[bool]:
        return [become_worker(Options(worker=name, keep=frozenset({"vrrp"}))).release for name in ("vrrp", "checker")]

    assert in_child(work) == [False, True]


# --- the log ------------------------------------------------------------------------------------


def sinks(options: Options) -> list[str]:
    """Where the lines of such a process go."""

    def work() -> list[str]:
        open_log(options, "lvsd_test", options.log_file)
        assert isinstance(sys.stderr, LogLines)
        return [getattr(sink, "__name__", type(sink).__name__) for sink in sys.stderr.sinks]

    found: list[str] = in_child(work)
    return found


@pytest.mark.parametrize(
    ("how", "places"),
    [
        ({}, ["syslog"]),
        ({"fork": False}, ["Console"]),
        ({"log_console": True}, ["Console", "syslog"]),
        ({"syslog": False}, []),
        ({"syslog": False, "log_console": True}, ["Console"]),
        ({"worker": "vrrp"}, ["Console"]),  # started by hand
        ({"worker": "vrrp", "parent": 4711}, ["syslog"]),
        ({"worker": "vrrp", "parent": 4711, "fork": False}, ["Console"]),
    ],
)
def test_in_the_foreground_to_standard_error_in_the_background_to_syslog(
    how: dict[str, Any], places: list[str]
) -> None:
    assert sinks(Options(**how)) == places


@pytest.mark.parametrize(("worker", "name"), [("vrrp", "lvsd_vrrp.log"), ("checker", "lvsd_healthcheckers.log")])
@pytest.mark.parametrize("detail", [False, True])
def test_each_worker_writes_a_file_of_its_own(tmp_path: Path, worker: str, name: str, detail: bool) -> None:
    options = Options(worker=worker, parent=4711, log_file=tmp_path / "lvsd.log", log_detail=detail, syslog=False)

    def work() -> None:
        become_worker(options)
        log("a detail", 7)
        log("an error", ERROR)

    in_child(work)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    text = (tmp_path / name).read_text()
    assert ("a detail" in text, "an error" in text) == (detail, True)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    options = Options(worker="vrrp", log_file=tmp_path / "missing" / "lvsd.log")

    def work() -> str:
        try:
            become_worker(options)
        except OSError as error:
            return str(error.filename)
        return "none"

    assert in_child(work) == str(tmp_path / "missing" / "lvsd_vrrp.log")
