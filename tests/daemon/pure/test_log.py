# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines reach every sink with their priority."""

import contextlib
import os
import pty
import select
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lvsd import log
from lvsd.log import LogLines


@pytest.fixture(autouse=True)
def restore_stderr() -> Iterator[None]:
    before = sys.stderr
    yield
    sys.stderr = before


def taken(*, detail: bool = False) -> tuple[LogLines, list[tuple[int, str]]]:
    seen: list[tuple[int, str]] = []
    return LogLines([lambda priority, message: seen.append((priority, message))], detail=detail), seen


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
    log.log("first", log.WARNING)
    assert seen == [(4, "first")]


def test_a_log_file_has_the_time_before_each_line_and_no_priority(tmp_path: Path) -> None:
    log.open_log("lvsd", console=False, use_syslog=False, file=tmp_path / "a.log")
    log.log("hello", log.WARNING)
    line = (tmp_path / "a.log").read_text()
    assert line.endswith(" hello\n")
    assert len(line) == len("2026-11-20 13:40:01.123 hello\n")


def test_the_console_gets_plain_lines_and_the_journal_priorities(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.open_log("lvsd", console=True, use_syslog=False)
    log.log("plain", log.WARNING)
    stat = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{stat.st_ino}")
    log.open_log("lvsd", console=True, use_syslog=False)
    log.log("to the journal", log.WARNING)
    assert capfd.readouterr().err == "plain\n<4>to the journal\n"


SPEAKER = """
import sys
from lvsd import log
log.open_log("lvsd", console=True, use_syslog=False)
for text in iter(sys.stdin.readline, ""):
    log.log(text.strip())
    print("said", flush=True)
"""


class Speaker:
    """A process that logs what it is told to, with `stderr` as its standard error; it says when it has."""

    def __init__(self, stderr: int, **environment: str) -> None:
        runtime = os.fspath(Path(log.__file__).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, "-c", SPEAKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "PYTHONPATH": runtime, **environment},
        )

    def say(self, text: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        assert ready, f"it waits: {text}"
        self.process.stdout.readline()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)


def fill(fd: int) -> int:
    """So that not even one byte has room; the descriptor is as it was then."""
    os.set_blocking(fd, False)
    filled = 0
    for piece in (b"x" * 4096, b"x"):
        with contextlib.suppress(BlockingIOError):
            while True:
                filled += os.write(fd, piece)
    os.set_blocking(fd, True)
    return filled


def read(fd: int) -> str:
    os.set_blocking(fd, False)
    found = b""
    with contextlib.suppress(BlockingIOError):
        while data := os.read(fd, 1 << 16):
            found += data
    return found.decode()


def a_pipe() -> tuple[int, int]:
    return os.pipe()


def a_socket() -> tuple[int, int]:
    one, other = socket.socketpair()
    return one.detach(), other.detach()


@pytest.mark.parametrize("channel", [a_pipe, a_socket])
def test_a_log_that_nobody_reads_holds_up_nobody_and_says_afterwards_how_much_was_lost(
    channel: Callable[[], tuple[int, int]],
) -> None:
    reader, writer = channel()
    filled = fill(writer)
    speaker = Speaker(writer)
    try:
        for _ in range(3):
            speaker.say("lost")
        assert os.get_blocking(writer), "others have the same open file"
        assert len(read(reader)) == filled
        speaker.say("heard")
        speaker.say("heard too")
        assert read(reader) == "the log was not read for a while; lines lost: 3\nheard\nheard too\n"
    finally:
        speaker.end()
        os.close(reader)
        os.close(writer)


def test_a_terminal_that_was_stopped_holds_up_nobody() -> None:
    reader, writer = pty.openpty()
    tty.setraw(writer)
    speaker = Speaker(writer)
    try:
        for _ in range(200):
            speaker.say("x" * 1000)  # more than it has room for
        found = ""
        until = time.monotonic() + 10  # it hands on what it was given by and by
        while "lines lost: " not in found and time.monotonic() < until:
            found += read(reader)
            speaker.say("heard")
        assert "lines lost: " in found
    finally:
        speaker.end()
        os.close(reader)
        os.close(writer)


def test_the_journals_socket_gets_the_loss_as_a_warning() -> None:
    reader, writer = a_socket()
    fill(writer)
    found = os.fstat(writer)
    speaker = Speaker(writer, JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}")
    try:
        speaker.say("lost")
        read(reader)
        speaker.say("heard")
        assert read(reader) == "<4>the log was not read for a while; lines lost: 1\n<6>heard\n"
    finally:
        speaker.end()
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("reopened", [True, False])
def test_a_line_that_a_pipe_would_not_take_at_once_comes_in_pieces(
    reopened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the pipe cannot be opened once more: then it is asked before each line."""
    if not reopened:
        monkeypatch.setattr(os, "open", refuse)
    reader, writer = a_pipe()
    console = log.Console(writer)
    console(log.INFO, "x" * 10000)
    lines = read(reader).splitlines()
    assert "".join(lines) == "x" * 10000
    assert max(map(len, lines)) < select.PIPE_BUF
    filled = fill(writer)
    console(log.INFO, "lost")
    assert len(read(reader)) == filled
    console(log.INFO, "heard")
    assert read(reader).endswith("lines lost: 1\nheard\n")
    os.close(reader)
    os.close(writer)


def refuse(*_: object) -> int:
    raise PermissionError


def test_a_fork_that_closes_what_it_has_not_opened_still_logs() -> None:
    reader, writer = a_pipe()
    console = log.Console(writer)
    child = os.fork()
    if child == 0:
        os.closerange(3, writer)
        os.closerange(writer + 1, 1 << 16)
        console(log.INFO, "from the child")
        os._exit(0)
    os.waitpid(child, 0)
    assert read(reader) == "from the child\n"
    os.close(reader)
    os.close(writer)


def test_after_another_file_has_come_in_its_place_the_one_before_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that goes to the background: whoever reads what it says hears that this was all."""
    reader, writer = os.pipe()
    console = log.Console(writer)
    monkeypatch.setattr(sys, "stderr", log.LogLines([console], detail=False))
    log.log("before")
    with open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), writer)
    log.reopen()
    log.log("after")
    with open(reader, "rb") as read:
        assert read.read() == b"before\n"
    os.close(writer)
