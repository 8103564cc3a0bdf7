# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket against polite, clumsy and hostile clients."""

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lvsd import __version__, control
from lvsd.control import ControlServer, EventLog, Later, Refused, Unreachable, request, stream
from lvsd.loop import Loop


class Daemon:
    """A loop with a control server in a thread of its own; `do` runs something there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loop = Loop()
        self.log = EventLog("test")
        self.later = Later()
        self.todo: list[Any] = []
        handlers = {
            "echo": lambda request: {"echo": request.get("value")},
            "refuse": self.refuse,
            "broken": lambda request: {"value": request["absent"]},
            "odd": lambda _: {"path": Path("/x")},
            "big": lambda _: {"big": "x" * (1 << 20)},
            "huge": lambda _: {"huge": "x" * 3 * control.UNREAD_LIMIT},
            "later": lambda _: self.later,
            "at_once": self.at_once,
        }
        self.server = ControlServer(self.loop, path, handlers, self.log)
        self.wake, wake = socket.socketpair()
        self.loop.add_reader(wake.fileno(), lambda: (wake.recv(1), self.todo.pop(0)()))
        self.thread = threading.Thread(target=self.loop.run)
        self.thread.start()

    @staticmethod
    def refuse(request: Mapping[str, Any]) -> dict[str, Any]:
        raise Refused("not today", asked=request["verb"])

    @staticmethod
    def at_once(_: Mapping[str, Any]) -> Later:
        later = Later()
        later.refuse("so soon", reason=1)
        return later

    def do(self, action: Any) -> None:
        done = threading.Event()
        self.todo.append(lambda: (action(), done.set()))
        self.wake.send(b"x")
        assert done.wait(5)

    def clients(self) -> int:
        found: list[int] = []
        self.do(lambda: found.append(len(self.server.clients)))
        return found[0]

    def stop(self) -> None:
        self.do(lambda: (self.server.close(), self.loop.stop()))
        self.thread.join(5)
        self.loop.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "run" / "test.sock")
    yield daemon
    daemon.stop()


class Client:
    def __init__(self, daemon: Daemon) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.fspath(daemon.path))
        self.socket.settimeout(5)
        self.lines = self.socket.makefile("rb")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.lines.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> Any:
        line = self.lines.readline()
        return json.loads(line) if line else None


@pytest.fixture
def client(daemon: Daemon) -> Iterator[Client]:
    with Client(daemon) as client:
        yield client


def test_every_answer_has_a_version_and_says_whether_it_worked(daemon: Daemon) -> None:
    ours = {"pid": os.getpid(), "release": __version__, "digest": None}
    assert request(daemon.path, "ping") == {"version": 1, "ok": True, **ours}
    assert request(daemon.path, "echo", value=[1]) == {"version": 1, "ok": True, "echo": [1]}


def test_a_refusal_carries_its_reason_and_details(daemon: Daemon) -> None:
    answer = request(daemon.path, "refuse")
    assert answer == {"version": 1, "ok": False, "error": "not today", "asked": "refuse"}


def test_an_unknown_verb_is_answered_with_the_known_ones(daemon: Daemon) -> None:
    error = request(daemon.path, "fetch")["error"]
    assert "'fetch'" in error
    assert "echo" in error
    assert "events" in error


def test_the_socket_is_for_owner_and_group(daemon: Daemon) -> None:
    assert stat.S_IMODE(daemon.path.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    "line",
    [b"hello", b"[]", b"7", b'"ping"', b"{}", b'{"verb": 3}', b"\xff\xfe", b"{" * 5000, b'{"verb": "ping"', b"\0"],
)
def test_garbage_is_answered_with_an_error_and_the_connection_goes_on(client: Client, line: bytes) -> None:
    client.send(line + b"\n")
    answer = client.answer()
    assert answer["version"] == 1
    assert answer["ok"] is False
    client.send(b'{"verb": "ping"}\n')
    assert client.answer()["ok"] is True


def test_a_broken_handler_does_not_end_the_worker(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.send(b'{"verb": "broken"}\n')
    assert client.answer() == {"version": 1, "ok": False, "error": "KeyError: 'absent'"}
    client.send(b'{"verb": "odd"}\n')
    assert client.answer()["path"] == "/x"
    assert "Traceback" in capfd.readouterr().err


def test_a_request_may_arrive_in_pieces_and_several_at_once(client: Client) -> None:
    for piece in (b'{"verb":', b' "echo", "val', b'ue": 1}\n\n{"verb": "echo", "value": 2}\n{"verb": "ec'):
        client.send(piece)
    assert [client.answer()["echo"], client.answer()["echo"]] == [1, 2]
    client.send(b'ho", "value": 3}\n')
    assert client.answer()["echo"] == 3


def test_a_request_without_end_is_cut_off(daemon: Daemon, client: Client) -> None:
    def pour() -> None:
        for _ in range(64):
            client.send(b"x" * 65536)

    with pytest.raises(ConnectionError):
        pour()
    assert request(daemon.path, "ping")["ok"] is True


def test_a_request_that_is_too_long_is_refused_with_the_limit(client: Client) -> None:
    client.send(b"x" * (control.LONGEST + 1))
    assert str(control.LONGEST) in client.answer()["error"]
    assert client.answer() is None


def test_a_client_that_has_sent_all_it_wants_still_gets_its_answers(client: Client) -> None:
    client.send(b'{"verb": "ping"}\n{"verb": "echo", "value": 1}\n')
    client.socket.shutdown(socket.SHUT_WR)
    assert client.answer()["ok"] is True
    assert client.answer()["echo"] == 1
    assert client.answer() is None


def test_a_client_that_goes_is_forgotten(daemon: Daemon) -> None:
    with Client(daemon) as client:
        client.send(b'{"verb": "events", "follow": true}\n')
        client.answer()
        assert daemon.clients() == 1
    with Client(daemon) as other:  # asking it runs the loop once more
        other.send(b'{"verb": "ping"}\n')
        other.answer()
        assert daemon.clients() == 1
        assert daemon.log.followers == []


def test_a_client_that_does_not_read_waits_for_itself_alone(daemon: Daemon, client: Client) -> None:
    client.send(b'{"verb": "big"}\n' * 8)
    with Client(daemon) as other:
        other.send(b'{"verb": "ping"}\n')
        assert other.answer()["ok"] is True
    held: list[int] = []
    daemon.do(lambda: held.extend(len(each.unsent) for each in daemon.server.clients))
    assert max(held) < 2 << 20  # one answer is prepared, not eight
    assert [len(client.answer()["big"]) for _ in range(8)] == [1 << 20] * 8


def test_an_answer_may_be_as_big_as_it_is(client: Client) -> None:
    client.send(b'{"verb": "huge"}\n')
    assert len(client.answer()["huge"]) == 3 * control.UNREAD_LIMIT


def test_a_follower_that_does_not_read_is_cut_off(daemon: Daemon, client: Client) -> None:
    client.send(b'{"verb": "events", "follow": true}\n')
    client.answer()
    assert daemon.clients() == 1

    def shout() -> None:
        for _ in range(7):
            daemon.log.add("state", "x", "y" * (1 << 20))

    daemon.do(shout)
    assert daemon.clients() == 0
    assert daemon.log.followers == []


def test_a_flood_of_requests_is_cut_off(daemon: Daemon, client: Client) -> None:
    def pour() -> None:
        for _ in range(1000):
            client.send(b'{"verb": "later"}\n' * 100)

    with pytest.raises(ConnectionError):
        pour()
    daemon.do(lambda: daemon.later.answer({}))
    assert request(daemon.path, "ping")["ok"] is True


def test_a_slow_reader_gets_a_big_answer_whole(client: Client) -> None:
    client.send(b'{"verb": "big"}\n{"verb": "ping"}\n')
    assert len(client.answer()["big"]) == 1 << 20
    assert client.answer()["ok"] is True


def test_many_clients_are_served_and_too_many_are_turned_away(daemon: Daemon) -> None:
    clients = [Client(daemon) for _ in range(control.MOST_CLIENTS + 3)]
    try:
        for client in clients[: control.MOST_CLIENTS]:
            client.send(b'{"verb": "ping"}\n')
        assert all(client.answer()["ok"] for client in clients[: control.MOST_CLIENTS])
        assert clients[-1].answer() is None
    finally:
        for client in clients:
            client.close()
    with Client(daemon) as client:
        client.send(b'{"verb": "ping"}\n')
        assert client.answer()["ok"] is True


def test_a_deferred_answer_arrives_when_it_is_given_and_in_order(daemon: Daemon, client: Client) -> None:
    client.send(b'{"verb": "later"}\n{"verb": "echo", "value": 2}\n')
    with Client(daemon) as other:
        other.send(b'{"verb": "ping"}\n')
        assert other.answer()["ok"] is True  # nobody else waits
    daemon.do(lambda: daemon.later.answer({"changes": 3}))
    assert client.answer() == {"version": 1, "ok": True, "changes": 3}
    assert client.answer()["echo"] == 2


def test_a_deferred_answer_given_at_once_is_an_answer(client: Client) -> None:
    client.send(b'{"verb": "at_once"}\n')
    assert client.answer() == {"version": 1, "ok": False, "error": "so soon", "reason": 1}


def test_a_deferred_answer_for_a_client_that_has_gone_is_dropped(daemon: Daemon) -> None:
    with Client(daemon) as client:
        client.send(b'{"verb": "later"}\n')
        request(daemon.path, "ping")
    request(daemon.path, "ping")
    daemon.do(lambda: daemon.later.answer({}))
    assert request(daemon.path, "ping")["ok"] is True
    with pytest.raises(ValueError, match="twice"):
        daemon.later.answer({})


def test_a_half_closed_client_still_gets_its_deferred_answer(daemon: Daemon, client: Client) -> None:
    client.send(b'{"verb": "later"}\n')
    client.socket.shutdown(socket.SHUT_WR)
    request(daemon.path, "ping")
    daemon.do(lambda: daemon.later.answer({"changes": 3}))
    assert client.answer()["changes"] == 3
    assert client.answer() is None


def test_events_are_numbered_kept_and_followed(daemon: Daemon) -> None:
    daemon.do(lambda: daemon.log.add("state", "VI_1", "VI_1: Backup -> Active (timeout)", to="Active"))
    lines = stream(daemon.path, "events", timeout=5, follow=True)
    (first,) = next(lines)["events"]
    assert (first["seq"], first["source"], first["to"]) == (1, "test", "Active")
    daemon.do(lambda: daemon.log.add("reload", "lvsd", "reloaded"))
    assert next(lines)["event"]["seq"] == 2
    lines.close()
    assert [event["seq"] for event in request(daemon.path, "events", since=1)["events"]] == [2]


def test_only_the_last_events_are_kept() -> None:
    log = EventLog("test")
    for number in range(control.EVENTS_KEPT + 5):
        log.add("state", "x", str(number))
    assert len(log.since(0)) == control.EVENTS_KEPT
    assert log.since(control.EVENTS_KEPT + 4)[0]["seq"] == control.EVENTS_KEPT + 5


def test_nobody_behind_the_socket_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="No such file"):
        request(tmp_path / "none.sock", "ping")


def test_a_server_that_never_answers_is_unreachable(daemon: Daemon) -> None:
    with pytest.raises(Unreachable, match="timed out"):
        request(daemon.path, "later", timeout=0.05)


def test_a_stale_socket_is_replaced_and_a_successors_is_left(tmp_path: Path) -> None:
    loop = Loop()
    path = tmp_path / "test.sock"
    path.touch()
    first = ControlServer(loop, path, {}, EventLog("first"))
    second = ControlServer(loop, path, {}, EventLog("second"))
    first.close()
    assert path.is_socket()
    second.close()
    assert not path.exists()
    loop.close()
