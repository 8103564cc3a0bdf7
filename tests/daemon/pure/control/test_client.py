# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question over a control socket, against servers that answer, are silent, or answer what is no answer."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.control import client as module
from lvsd.control.client import Unreachable, request, stream

Serve = Callable[[socket.socket], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.sock"


@contextlib.contextmanager
def server(path: Path, serve: Serve) -> Iterator[None]:
    """What one client is told by `serve`, which gets the connection, in a thread."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(path))
        listening.listen()

        def run() -> None:
            with listening.accept()[0] as connection, contextlib.suppress(OSError):
                serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        yield
        thread.join(10)


def test_nobody_behind_the_socket_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="No such file"):
        request(tmp_path / "none.sock", "ping")


@pytest.mark.parametrize("answer", [b"[" * 500_000 + b"\n", b"\xff\n", b"{\n", b""])
def test_whoever_answers_what_is_no_answer_is_unreachable(tmp_path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(os.fspath(tmp_path / "x.sock"))
        stranger.listen()

        def serve() -> None:
            with stranger.accept()[0] as client:
                client.recv(4096)
                with contextlib.suppress(OSError):
                    client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Unreachable, match=r"x\.sock"):
            request(tmp_path / "x.sock", "ping", timeout=5)
        thread.join(5)


def test_the_request_is_one_line_with_the_verb_and_the_arguments(path: Path) -> None:
    seen: list[Any] = []

    def serve(connection: socket.socket) -> None:
        with connection.makefile("rwb") as lines:
            seen.append(json.loads(lines.readline()))
            lines.write(b'{"ok": true, "a": 1}\n{"ok": false}\n')

    with server(path, serve):
        assert request(path, "weight", server="10.0.0.1:80", weight=None, timeout=10) == {"ok": True, "a": 1}
    assert seen == [{"verb": "weight", "server": "10.0.0.1:80", "weight": None}]


def test_an_argument_may_have_the_name_of_a_parameter(path: Path) -> None:
    seen: list[Any] = []

    def serve(connection: socket.socket) -> None:
        seen.append(json.loads(connection.recv(4096)))
        connection.sendall(b"{}\n")

    with server(path, serve):
        request(path, "show", path="/x", verb="other", timeout=10)
    assert seen == [{"verb": "other", "path": "/x"}]


def test_a_stream_gives_every_line_until_the_end(path: Path) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        for piece in (b'{"n": 1}\n{"n"', b": 2}\n", b'{"n": 3}\n'):
            connection.sendall(piece)

    with server(path, serve):
        assert [line["n"] for line in stream(path, "events", timeout=10)] == [1, 2, 3]


def test_a_line_that_is_cut_off_is_an_error_and_what_stood_before_it_is_not_lost(path: Path) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b'{"n": 1}\n{"n": 2')

    with server(path, serve):
        lines = stream(path, "events", timeout=10)
        assert next(lines) == {"n": 1}
        with pytest.raises(Unreachable, match=r"x\.sock"):
            next(lines)


def test_a_worker_that_closes_at_once_is_named_with_the_reason(path: Path) -> None:
    with server(path, lambda connection: connection.recv(4096)), pytest.raises(Unreachable) as caught:
        request(path, "ping", timeout=10)
    assert str(caught.value) == f"{path}: closed without an answer"


def test_silence_is_an_error_after_the_timeout(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(os.fspath(path))
        deaf.listen()
        with pytest.raises(Unreachable, match="timed out"):
            request(path, "ping", timeout=0.05)


def test_a_stream_that_is_given_up_leaves_no_descriptor(path: Path) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"{}\n" * 3)

    with server(path, serve):
        before = len(os.listdir("/proc/self/fd"))
        lines = stream(path, "events", timeout=10)
        next(lines)
        lines.close()
        until = time.monotonic() + 10  # the server's thread closes its own end when it likes
        while len(os.listdir("/proc/self/fd")) > before and time.monotonic() < until:
            time.sleep(0.01)
        assert len(os.listdir("/proc/self/fd")) <= before


@pytest.fixture
def crowded(path: Path) -> Iterator[tuple[socket.socket, list[socket.socket]]]:
    """A socket with a full backlog, and those who wait in it."""
    with socket.socket(socket.AF_UNIX) as listening, contextlib.ExitStack() as stack:
        listening.bind(os.fspath(path))
        listening.listen(0)
        listening.settimeout(10)
        waiting: list[socket.socket] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                one = stack.enter_context(socket.socket(socket.AF_UNIX))
                one.setblocking(False)
                one.connect(os.fspath(path))
                waiting.append(one)
        yield listening, waiting


def test_a_full_backlog_is_waited_for(path: Path, crowded: tuple[socket.socket, list[socket.socket]]) -> None:
    listening, waiting = crowded
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(request(path, "ping", timeout=10)))
    thread.start()
    for _ in waiting:
        listening.accept()[0].close()
    with listening.accept()[0] as connection:
        connection.recv(4096)
        connection.sendall(b'{"ok": true}\n')
    thread.join(10)
    assert answers == [{"ok": True}]


@pytest.mark.usefixtures("crowded")
def test_a_backlog_that_stays_full_is_an_error_in_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    with pytest.raises(Unreachable, match="temporarily unavailable") as caught:
        request(path, "ping", timeout=0.05)
    assert isinstance(caught.value.__cause__, BlockingIOError)
