# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One client of a control socket, over a real socket pair: requests in, answers out, at the pace at which it reads."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.control import connection
from lvsd.control.connection import LONGEST, UNREAD_LIMIT, ClientConnection, ReceivedBytes, is_ping
from lvsd.control.server import ControlServer, EventLog, Later
from lvsd.loop import Loop

from tests.support.loops import run_until

PING = b'{"verb": "ping"}\n'


class Scene:
    """A server with one client, whose other end is `far`; all in one thread."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.log = EventLog("vrrp")
        self.asked: list[str] = []
        self.later: list[Later] = []
        handlers: dict[str, Any] = {
            "echo": self.echo,
            "later": lambda _: self.later.append(Later()) or self.later[-1],
            "huge": lambda _: {"huge": "x" * (4 * UNREAD_LIMIT)},
        }
        self.server = ControlServer(self.loop, folder / "x.sock", handlers, self.log)
        near, self.far = socket.socketpair()
        self.far.settimeout(10)
        self.client = ClientConnection(self.server, near)
        self.server.clients[self.client] = None
        self.client.go_on()
        self.rest = b""

    def echo(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(request["value"])
        return {"value": request["value"]}

    def ask(self, *values: str) -> None:
        self.far.sendall(b"".join(json.dumps({"verb": "echo", "value": value}).encode() + b"\n" for value in values))

    def until(self, there: Callable[[], Any]) -> None:
        """Run the loop until then."""
        run_until(self.loop, there, every=0.001)

    def settle(self) -> None:
        """Everything that can be done now is done."""
        self.loop.call_later(0.02, self.loop.stop)
        self.loop.run()

    def answers(self, count: int) -> list[dict[str, Any]]:
        """The next lines that the client gets."""
        self.far.setblocking(False)

        def there() -> bool:
            try:
                data = self.far.recv(1 << 20)
            except BlockingIOError:
                data = b""
            self.rest += data
            return self.rest.count(b"\n") >= count

        self.until(there)
        *lines, self.rest = self.rest.split(b"\n", count)
        return [json.loads(line) for line in lines]

    @property
    def gone(self) -> bool:
        return self.client not in self.server.clients

    def close(self) -> None:
        self.far.close()
        self.server.close()
        self.loop.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.close()


# --- the bytes ----------------------------------------------------------------------------------


def test_a_line_that_comes_byte_by_byte_is_looked_at_once() -> None:
    """Twice the bytes are twice the work, not four times."""

    def work(length: int) -> float:
        received, began = ReceivedBytes(), time.process_time()
        for _ in range(length):
            received.add(b"x")
            assert not received.has_line()
        received.add(b"\n")
        assert received.has_line()
        assert received.line() == b"x" * length
        return time.process_time() - began

    assert min(work(400_000) for _ in range(3)) < 8 * min(work(100_000) for _ in range(3))


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_they_come(piece: int) -> None:
    data = b"\n \r\n{1}\n\n{22}  \r\n  {333}\n{4"
    received, found = ReceivedBytes(), []
    for at in range(0, len(data), piece):
        received.add(data[at : at + piece])
        while received.has_line():
            found.append(received.line().strip())
    assert found == [b"{1}", b"{22}", b"{333}"]
    assert len(received) == 2


@given(st.lists(st.binary().map(lambda data: b"x" + data.replace(b"\n", b"")), max_size=6), st.data())
def test_each_line_comes_out_whole_and_once(lines: list[bytes], data: st.DataObject) -> None:
    stream, received, found = b"".join(line + b"\n" for line in lines), ReceivedBytes(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        received.add(stream[:size])
        stream = stream[size:]
        while received.has_line():
            found.append(received.line())
    assert found == lines
    assert len(received) == 0


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PING, True),
        (b'{"verb":"ping"}\r\n', True),
        (b'{"verb": "ping"}', False),
        (PING * 2, False),
        (b'{"verb": "show"}\n', False),
        (b'{"verb": "ping", "padding": "' + b"x" * 64 + b'"}\n', False),
        (b"", False),
    ],
    ids=["a ping", "without a space", "not whole", "two", "another verb", "a long one", "nothing"],
)
def test_only_one_short_whole_ping_may_pass_the_others(data: bytes, expected: bool) -> None:
    assert is_ping(data) is expected


# --- the client ---------------------------------------------------------------------------------


def test_requests_that_come_together_are_answered_in_their_order(scene: Scene) -> None:
    scene.ask("a", "b", "c")
    assert [answer["value"] for answer in scene.answers(3)] == ["a", "b", "c"]


def test_what_follows_a_request_that_waits_is_not_even_looked_at(scene: Scene) -> None:
    scene.far.sendall(b'{"verb": "later"}\n')
    scene.ask("behind")
    scene.until(lambda: scene.later)
    scene.settle()
    assert (scene.asked, scene.client.claim) == ([], 3)
    scene.later[0].answer({"first": True})
    first, second = scene.answers(2)
    assert (first["first"], second["value"]) == (True, "behind")


def test_a_client_that_does_not_read_is_asked_for_nothing_more(scene: Scene) -> None:
    scene.far.sendall(b'{"verb": "huge"}\n')
    scene.ask("behind")
    scene.until(lambda: scene.client.unsent)
    scene.settle()
    assert (scene.asked, scene.client.claim) == ([], 1)
    huge, behind = scene.answers(2)
    assert (len(huge["huge"]), behind["value"]) == (4 * UNREAD_LIMIT, "behind")
    assert (scene.client.claim, len(scene.client.unsent)) == (0, 0)


def test_a_half_closed_client_is_answered_and_then_forgotten(scene: Scene) -> None:
    scene.ask("a", "b")
    scene.far.shutdown(socket.SHUT_WR)
    assert [answer["value"] for answer in scene.answers(2)] == ["a", "b"]
    scene.until(lambda: scene.gone)
    assert scene.far.recv(1) == b""


def test_a_client_that_closes_while_it_waits_is_told_nothing_and_breaks_nothing(scene: Scene) -> None:
    scene.far.sendall(b'{"verb": "later"}\n')
    scene.until(lambda: scene.later)
    scene.client.close()
    scene.client.close()
    scene.later[0].answer({})
    assert scene.gone
    scene.settle()


def test_a_request_of_exactly_the_limit_is_still_waited_for_and_one_more_byte_is_not(scene: Scene) -> None:
    scene.client.received.add(b"x" * LONGEST)
    scene.client.go_on()
    assert not scene.gone
    scene.client.received.add(b"x")
    scene.client.go_on()
    (answer,) = scene.answers(1)
    assert answer == {"version": 1, "ok": False, "error": f"a request has at most {LONGEST} bytes"}
    assert scene.gone


@pytest.mark.parametrize("line", [b"garbage\n", b"[]\n", b'{"verb": 7}\n', b"\xff\n"])
def test_a_line_that_is_no_request_is_refused_and_the_next_one_answered(scene: Scene, line: bytes) -> None:
    scene.far.sendall(line)
    scene.ask("next")
    refused, answered = scene.answers(2)
    assert (refused["version"], refused["ok"], answered["value"]) == (1, False, "next")


def test_a_follower_gets_the_log_then_each_event_and_asks_on(scene: Scene) -> None:
    scene.log.add("state", "VI_1", "one")
    scene.far.sendall(b'{"verb": "events", "follow": true}\n' * 2)
    log, again = scene.answers(2)
    assert [event["message"] for event in log["events"]] == ["one"]
    assert again["events"] == log["events"]
    scene.log.add("state", "VI_1", "two")
    assert [line["event"]["message"] for line in scene.answers(1)] == ["two"]  # once, though it has asked twice
    scene.ask("still there")
    assert scene.answers(1)[0]["value"] == "still there"
    scene.client.close()
    assert scene.log.followers == []


def test_a_client_that_follows_and_leaves_too_much_unread_is_closed(scene: Scene) -> None:
    scene.far.sendall(b'{"verb": "events", "follow": true}\n')
    scene.answers(1)
    told = 0
    while not scene.gone:
        scene.log.add("state", "VI_1", "x" * (UNREAD_LIMIT // 4))
        told += 1
        assert told < 20
    assert scene.log.followers == []


def test_followers_beyond_their_bound_are_refused_and_may_still_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_FOLLOWERS", 0)
    scene.far.sendall(b'{"verb": "events", "follow": true}\n{"verb": "events"}\n')
    refused, looked = scene.answers(2)
    assert (refused["ok"], refused["error"]) == (False, "0 clients follow events already")
    assert looked["ok"]


def test_values_that_json_does_not_know_are_sent_as_text(scene: Scene) -> None:
    scene.client.send({"path": Path("/run/lvsd")})
    assert scene.answers(1) == [{"path": "/run/lvsd"}]


def test_the_peer_is_the_process_at_the_other_end(scene: Scene) -> None:
    assert (scene.client.peer.pid, scene.client.peer.uid) == (os.getpid(), os.getuid())
