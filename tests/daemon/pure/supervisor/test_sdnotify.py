# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes to systemd, over a real socket."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd.supervisor import sdnotify


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(os.fspath(tmp_path / "notify"))
        receiver.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", os.fspath(tmp_path / "notify"))
        yield receiver


def test_the_lines_are_one_datagram(systemd: socket.socket) -> None:
    sdnotify.notify("READY=1", "STATUS=für alle")
    assert systemd.recv(4096).decode() == "READY=1\nSTATUS=für alle"


def test_a_reload_begins_at_a_time_of_the_monotonic_clock(systemd: socket.socket) -> None:
    before = time.monotonic_ns() // 1000
    sdnotify.reloading()
    word, _, stamp = systemd.recv(4096).decode().partition("\n")
    assert word == "RELOADING=1"
    assert before <= int(stamp.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_an_abstract_socket_is_one_that_begins_with_a_zero_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"lvsd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name}")
        receiver.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        sdnotify.notify("READY=1")
        assert receiver.recv(4096) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nonexistent/notify", "/dev/null", "@", "x" * 100])
def test_where_systemd_does_not_listen_nothing_happens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    sdnotify.notify("READY=1")


def test_a_systemd_that_does_not_read_is_not_waited_for(systemd: socket.socket) -> None:
    for _ in range(2000):
        sdnotify.notify("WATCHDOG=1")
    assert systemd.recv(4096) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "self"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": ""}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
    ids=["none", "half of it", "for us", "for another process", "empty", "negative", "no number"],
)
def test_how_often_the_watchdog_is_due(
    variables: dict[str, str], seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in sdnotify.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(os.getpid()) if value == "self" else value)
    assert sdnotify.watchdog_interval() == seconds
