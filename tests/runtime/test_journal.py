# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines reach every sink with their priority."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd import journal
from lvsd.journal import Lines


@pytest.fixture(autouse=True)
def restore_stderr() -> Iterator[None]:
    before = sys.stderr
    yield
    sys.stderr = before


def taken(*, detail: bool = False) -> tuple[Lines, list[tuple[int, str]]]:
    seen: list[tuple[int, str]] = []
    return Lines([lambda priority, message: seen.append((priority, message))], detail=detail), seen


def test_a_line_is_informational_unless_it_says_otherwise() -> None:
    stream, seen = taken()
    print("VI_1: Backup -> Active (timeout)", file=stream)
    print("<4>odd", file=stream)
    assert seen == [(6, "VI_1: Backup -> Active (timeout)"), (4, "odd")]


def test_a_line_may_come_in_pieces_and_several_at_once() -> None:
    stream, seen = taken()
    stream.write("<3>half ")
    assert seen == []
    stream.write("a line\nwhole\nrest")
    assert seen == [(3, "half a line"), (6, "whole")]


def test_details_are_logged_only_on_request() -> None:
    for detail, expected in ((False, []), (True, [(7, "chatter")])):
        stream, seen = taken(detail=detail)
        print("<7>chatter", file=stream)
        assert seen == expected


def test_a_traceback_is_logged_line_by_line() -> None:
    stream, seen = taken()
    sys.stderr = stream
    journal.log("first", journal.WARNING)
    assert seen == [(4, "first")]


def test_a_log_file_has_the_time_before_each_line_and_no_priority(tmp_path: Path) -> None:
    journal.open_log("lvsd", console=False, use_syslog=False, file=tmp_path / "a.log")
    journal.log("hello", journal.WARNING)
    line = (tmp_path / "a.log").read_text()
    assert line.endswith(" hello\n")
    assert len(line) == len("2026-11-20 13:40:01.123 hello\n")


def test_the_console_gets_plain_lines_and_the_journal_priorities(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.open_log("lvsd", console=True, use_syslog=False)
    journal.log("plain", journal.WARNING)
    stat = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{stat.st_ino}")
    journal.open_log("lvsd", console=True, use_syslog=False)
    journal.log("to the journal", journal.WARNING)
    assert capfd.readouterr().err == "plain\n<4>to the journal\n"


@pytest.mark.parametrize(
    ("file", "worker", "expected"),
    [("a.log", "vrrp", "a_vrrp.log"), ("a.log", "checker", "a_healthcheckers.log"), ("log", "vrrp", "log_vrrp")],
)
def test_worker_log_files_are_named_as_keepalived_names_them(file: str, worker: str, expected: str) -> None:
    assert journal.worker_log_file(Path("/x") / file, worker) == Path("/x") / expected
