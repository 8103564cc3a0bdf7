# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from daemons import Daemon
from lvsd.supervisor import parent as parents
from lvsd.supervisor import restart, worker_process
from parent_at_hand import Supervised


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path)
    yield daemon
    daemon.end()


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervised]:
    monkeypatch.setattr(parents, "FIRST_TICK", 0.005)
    monkeypatch.setattr(parents, "TICK", 0.01)
    monkeypatch.setattr(restart, "FIRST", 0.01)
    monkeypatch.setattr(worker_process, "ASK_AGAIN", 0.002)
    supervised = Supervised(tmp_path)
    yield supervised
    supervised.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """What systemd was told so far, each message in one line."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as notified:
        notified.bind(os.fspath(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", os.fspath(tmp_path / "notify"))

        def heard() -> list[str]:
            lines = []
            while True:
                try:
                    lines.append(notified.recv(4096).decode().replace("\n", "; "))
                except BlockingIOError:
                    return lines

        yield heard
