# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks over a control socket, and what that user may ask for.

With real users: tests/daemon/netns/test_control_access.py.
"""

import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from lvsd.control import peer as peers
from lvsd.control import server as control
from lvsd.control.events import EventLog
from lvsd.control.peer import Peer, asked_by, ordered, viewers_group
from lvsd.control.server import ControlServer
from lvsd.loop import Loop

NOBODY = 4294967290  # a number that no user has
ROOT, VIEWER = Peer(0, 4711), Peer(NOBODY, 4712)
ORDERS = ("reload", "reexec", "failover", "drain", "enable", "weight", "leave", "adopt", "anything")


@pytest.fixture
def server(tmp_path: Path) -> Any:
    loop = Loop()
    handlers = {verb: lambda request: {"by": str(asked_by(request))} for verb in ("show", "config", *ORDERS)}
    server = ControlServer(loop, tmp_path / "run" / "test.sock", handlers, EventLog("test"))
    yield server
    server.close()
    loop.close()


def answer(server: ControlServer, request: dict[str, Any], peer: Peer) -> dict[str, Any]:
    found = server.answer(request, peer)
    assert isinstance(found, dict)
    return found


def test_a_peer_is_the_process_that_has_connected() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert Peer.of(ours) == Peer(os.getuid(), os.getpid())


def test_root_and_the_user_of_the_daemon_may_ask_for_everything(server: ControlServer) -> None:
    for asks in (ROOT, Peer(os.geteuid(), 1)):
        for verb in ("ping", "show", "config", *ORDERS):
            assert answer(server, {"verb": verb, "secrets": True}, asks)["ok"] is True


def test_others_may_look(server: ControlServer) -> None:
    for verb in ("ping", "show", "config"):
        assert answer(server, {"verb": verb}, VIEWER)["ok"] is True


@pytest.mark.parametrize("verb", ORDERS)
def test_others_may_not_order_and_are_told_how_it_is_done(server: ControlServer, verb: str) -> None:
    found = answer(server, {"verb": verb}, VIEWER)
    assert found["ok"] is False
    assert f"sudo lvsctl {verb}" in found["error"]


def test_passwords_are_for_root(server: ControlServer) -> None:
    for verb in ("config", "show"):
        found = answer(server, {"verb": verb, "secrets": True}, VIEWER)
        assert found["ok"] is False
        assert "sudo lvsctl show config --secrets" in found["error"]


def test_a_verb_that_does_not_exist_is_told_to_all(server: ControlServer) -> None:
    assert "no verb" in answer(server, {"verb": "fetch"}, VIEWER)["error"]


def test_a_client_cannot_say_that_it_is_another(server: ControlServer) -> None:
    """What a request holds under the key of the server is replaced."""
    assert answer(server, {"verb": "show", peers.ASKED_BY: "root"}, VIEWER)["by"] == str(VIEWER)
    assert asked_by({"verb": "show", peers.ASKED_BY: "root"}) is None
    assert asked_by({}) is None


def test_an_event_names_who_has_ordered() -> None:
    assert ordered([ROOT]) == ("root (pid 4711)", {"uid": 0, "pid": 4711, "user": "root"})
    assert ordered([VIEWER]) == (f"uid {NOBODY} (pid 4712)", {"uid": NOBODY, "pid": 4712})
    assert ordered([None], "SIGHUP") == ordered([], "SIGHUP") == ("SIGHUP", {})


def test_an_event_of_several_orders_names_each_once() -> None:
    by, details = ordered([None, VIEWER, ROOT, VIEWER])
    assert by == f"{VIEWER}, {ROOT}"
    assert (details["uid"], details["pid"]) == (NOBODY, 4712)
    assert details["ordered_by"] == [VIEWER.details(), ROOT.details()]


@pytest.mark.parametrize(
    ("text", "gid"),
    [
        ("root:x:0:\nlvsd:x:998:ann,bob\n", 998),
        ("lvsd2:x:997:\nlvsd:x:998:\n", 998),
        ("root:x:0:\n", None),
        ("lvsd:x:\nlvsd:x:many:\n\xff\n", None),
        (None, None),
    ],
)
def test_the_group_is_looked_for_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, gid: int | None
) -> None:
    monkeypatch.setattr(peers, "GROUPS", tmp_path / "group")
    if text is not None:
        (tmp_path / "group").write_text(text, encoding="latin-1")
    assert viewers_group() == gid


def test_without_the_group_the_socket_is_for_the_user_of_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "GROUPS", tmp_path / "group")
    made(tmp_path, 0o600, os.getegid())


def test_with_the_group_it_is_for_the_group_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gid = (os.getgroups() or [os.getegid()])[-1]  # one that this user may give
    monkeypatch.setattr(peers, "GROUPS", tmp_path / "group")
    (tmp_path / "group").write_text(f"lvsd:x:{gid}:\n")
    groups = os.getgroups()
    made(tmp_path, 0o660, gid)
    assert os.getgroups() == groups


def test_a_group_that_is_made_later_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "GROUPS", tmp_path / "group")
    monkeypatch.setattr(control, "LOOK_EVERY", 0.01)
    loop = Loop()
    server = ControlServer(loop, tmp_path / "run" / "test.sock", {}, EventLog("test"))
    assert not server.listening.admitted
    (tmp_path / "group").write_text(f"lvsd:x:{os.getegid()}:\n")

    def look() -> None:
        if server.listening.admitted:
            loop.stop()
        else:
            loop.call_later(0.01, look)

    look()
    loop.run()
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o660
    server.close()
    loop.close()


def made(folder: Path, mode: int, gid: int) -> None:
    loop = Loop()
    server = ControlServer(loop, folder / "run" / "test.sock", {}, EventLog("test"))
    found = server.path.stat()
    server.close()
    loop.close()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (mode, gid)


def test_all_users_may_search_the_folder_whatever_the_umask_is(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        made(tmp_path, 0o600, os.getegid())
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o755
