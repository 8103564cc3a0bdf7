# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path of a control socket: what else stands there, what others remove, and who may take it over."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from answering_daemon import PING
from lvsd.control import server as control
from lvsd.control.server import ControlServer, EventLog
from lvsd.loop import Loop


def test_a_socket_that_somebody_removes_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(control, "LOOK_EVERY", 0.05)
    restored: list[int] = []
    loop, path = Loop(), tmp_path / "run" / "test.sock"
    server = ControlServer(loop, path, {}, EventLog("x"), restored=lambda: (restored.append(1), loop.stop()))
    shutil.rmtree(path.parent)
    loop.run()
    assert restored == [1]
    assert stat.S_ISSOCK(path.stat().st_mode)
    assert f"another program has removed {path}; lvsd has made it again" in capfd.readouterr().err
    client = socket.socket(socket.AF_UNIX)
    client.connect(os.fspath(path))
    client.sendall(PING)
    loop.add_reader(client.fileno(), loop.stop)
    loop.run()
    assert json.loads(client.recv(4096))["pid"] == os.getpid()
    loop.remove(client.fileno())
    client.close()
    server.close()
    assert not path.exists()
    loop.close()


def test_a_socket_that_cannot_be_made_again_is_said_once_and_tried_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(control, "LOOK_EVERY", 0.02)
    loop, path = Loop(), tmp_path / "run" / "test.sock"
    server = ControlServer(loop, path, {}, EventLog("x"), restored=loop.stop)
    shutil.rmtree(path.parent)
    path.parent.touch()
    loop.call_later(0.2, loop.stop)
    loop.run()
    said = capfd.readouterr().err
    assert said.count("cannot be made again: ") == said.count("; systemctl restart lvsd") == 1
    path.parent.unlink()
    loop.run()
    assert path.is_socket()
    server.close()
    loop.close()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    path.symlink_to(path.with_name("somewhere"))


OCCUPANTS = [
    (Path.touch, "a regular file", errno.EEXIST),
    (Path.mkdir, "a directory", errno.EISDIR),
    (fifo, "a FIFO", errno.EEXIST),
    (link, "a symbolic link", errno.ELOOP),
]


@pytest.mark.parametrize(("occupy", "what", "code"), OCCUPANTS)
def test_a_path_where_something_else_is_is_named_and_stays(tmp_path: Path, occupy: Any, what: str, code: int) -> None:
    loop = Loop()
    path = tmp_path / "test.sock"
    occupy(path)
    with pytest.raises(OSError, match=f"there is {what} where the control socket belongs: '{path}'") as caught:
        ControlServer(loop, path, {}, EventLog("x"))
    assert caught.value.errno == code
    assert os.path.lexists(path)
    loop.close()


def test_what_takes_the_place_of_a_socket_is_said_once_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(control, "LOOK_EVERY", 0.02)
    loop, path = Loop(), tmp_path / "test.sock"
    server = ControlServer(loop, path, {}, EventLog("x"), restored=loop.stop)
    path.unlink()
    path.touch()
    loop.call_later(0.2, loop.stop)
    loop.run()
    assert capfd.readouterr().err.count("there is a regular file where the control socket belongs") == 1
    path.unlink()
    loop.run()
    assert path.is_socket()
    server.close()
    loop.close()


def test_a_path_that_no_socket_can_have_is_named(tmp_path: Path) -> None:
    loop = Loop()
    path = tmp_path / ("x" * 108)
    with pytest.raises(OSError, match=f"{path}") as caught:
        ControlServer(loop, path, {}, EventLog("x"))
    assert caught.value.errno == errno.ENAMETOOLONG
    loop.close()


def test_a_stale_socket_is_replaced_and_a_successors_is_left(tmp_path: Path) -> None:
    loop = Loop()
    path = tmp_path / "test.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(os.fspath(path))
    first = ControlServer(loop, path, {}, EventLog("first"))
    second = ControlServer(loop, path, {}, EventLog("second"))
    first.close()
    assert path.is_socket()
    second.close()
    assert not path.exists()
    loop.close()
