# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening socket apart from the server: made before, handed over by another process, removed by the parent."""

from __future__ import annotations

import os
import select
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lvsd.control import control_socket, server
from lvsd.control.control_socket import ControlSocket, bind, forget
from lvsd.control.events import EventLog
from lvsd.control.server import ControlServer, Remake, Socket
from lvsd.loop import Loop

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "worker.sock"


def test_it_replaces_one_that_was_left_behind_and_goes_with_its_file(path: Path) -> None:
    path.parent.mkdir()
    bind(path).close()
    made = ControlSocket(path)
    assert stat.S_IMODE(path.stat().st_mode) in (0o600, 0o660)
    socket.socket(socket.AF_UNIX).connect(str(path))
    made.close()
    assert not path.exists()


def test_the_file_of_a_successor_stays(path: Path) -> None:
    before, after = ControlSocket(path), ControlSocket(path)
    before.close()
    assert path.exists()
    after.close()


@pytest.mark.parametrize("there", [Path.touch, Path.mkdir, lambda path: path.symlink_to("/nowhere")])
def test_what_is_no_socket_stays_and_is_named(path: Path, there: Callable[[Path], object]) -> None:
    path.parent.mkdir()
    there(path)
    with pytest.raises(OSError, match="where the control socket belongs") as caught:
        ControlSocket(path)
    assert caught.value.filename == str(path)
    assert os.path.lexists(path)


def test_only_a_socket_without_a_process_is_forgotten(path: Path) -> None:
    made = ControlSocket(path)
    forget(path)
    assert path.exists()
    left = path.with_name("left.sock")
    bind(left).close()
    forget(left)
    assert not left.exists()
    left.touch()
    forget(left)
    forget(path.with_name("none"))
    assert left.exists()
    made.close()


class Remade:
    """A server whose socket was removed, and which is of another user by now."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, remake: Remake | None) -> None:
        monkeypatch.setattr(server, "LOOK_EVERY", 0.02)
        self.restored: list[int] = []
        self.loop = Loop()
        listening = ControlSocket(path)
        monkeypatch.setattr(control_socket.os, "geteuid", lambda: NOBODY)
        self.server = ControlServer(
            self.loop,
            path,
            {},
            EventLog("x"),
            listening=listening,
            remake=remake,
            restored=lambda: self.restored.append(1),
        )
        path.unlink()

    def run(self, until: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10

        def look() -> None:
            assert time.monotonic() < deadline
            if until():
                self.loop.stop()
            else:
                self.loop.call_later(0.01, look)

        look()
        self.loop.run()

    def close(self) -> None:
        self.server.close()
        self.loop.close()


def test_another_process_makes_the_next_one_and_this_one_listens_on_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = Remade(path, monkeypatch, lambda then: then(bind(path)))
    scene.run(lambda: scene.restored)
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.sendall(b'{"verb": "ping"}\n')
    scene.run(lambda: select.select([client], [], [], 0)[0])
    assert b'"ok":true' in client.recv(4096)
    assert f"another program has removed {path}; lvsd has made it again" in capfd.readouterr().err
    scene.close()


def test_where_none_can_be_made_that_is_said_once_and_asked_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked: list[int] = []

    def remake(then: Callable[[Socket | None], None]) -> None:
        asked.append(1)
        then(None)

    scene = Remade(path, monkeypatch, remake)
    scene.run(lambda: len(asked) > 2)
    said = capfd.readouterr().err
    assert said.count("cannot be made again") == said.count("; it is tried again") == 1
    assert not path.exists()
    scene.close()


def test_one_that_comes_too_late_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[Callable[[Socket | None], None]] = []
    scene = Remade(path, monkeypatch, waiting.append)
    scene.run(lambda: waiting)
    scene.close()
    late = bind(path)
    waiting[0](late)
    assert late.fileno() == -1


def test_the_user_that_made_it_may_order_and_the_one_that_answers_may_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = ControlSocket(path)
    peer = server.Peer(NOBODY, 1)
    monkeypatch.setattr(control_socket.os, "geteuid", lambda: NOBODY)
    refusal = peer.refusal({"verb": "failover"}, listening.owner)
    assert refusal is not None
    assert "order as root" in refusal
    assert server.Peer(listening.owner, 1).refusal({"verb": "failover"}, listening.owner) is None
    listening.close()
