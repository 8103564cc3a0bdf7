# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One worker follows the events of another, over a real socket."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.control import async_client, events
from lvsd.control.async_client import Subscription, subscribe
from lvsd.control.server import ControlServer, EventLog
from lvsd.loop import Loop

from tests.support.loops import run_until


class Follower:
    """A subscription, and a loop that runs until what is waited for has come; the worker is in the same loop."""

    def __init__(self, path: Path) -> None:
        self.loop = Loop()
        self.path = path
        self.server: ControlServer | None = None
        self.log = EventLog("bfd")
        self.heard: list[Any] = []
        self.subscription: Subscription | None = None

    def serve(self, log: EventLog | None = None) -> None:
        self.log = log or EventLog("bfd")
        self.server = ControlServer(self.loop, self.path, {}, self.log)

    def follow(self) -> Subscription:
        self.subscription = subscribe(self.loop, self.path, self.on_event, lambda: self.heard.append("lost"))
        return self.subscription

    def on_event(self, event: dict[str, Any]) -> None:
        self.heard.append(event["message"])

    def end(self) -> None:
        """The worker ends: its socket and its connections have gone."""
        assert self.server is not None
        self.server.close()
        self.server = None

    def say(self, *messages: str) -> None:
        for message in messages:
            self.log.add("session", "peer", message)

    def until(self, *heard: str) -> None:
        self.when(lambda: self.heard == list(heard), lambda: f"{self.heard} is not {list(heard)}")

    def when(self, there: Callable[[], Any], why: Callable[[], str] = lambda: "") -> None:
        run_until(self.loop, there, why=why)

    def turn(self, times: int = 20) -> None:
        """Some turns of the loop, for what must not come."""
        for _ in range(times):
            self.loop.call_later(0.005, self.loop.stop)
            self.loop.run()


@pytest.fixture
def follower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Follower]:
    monkeypatch.setattr(async_client, "CONNECT_AGAIN", 0.02)
    follower = Follower(tmp_path / "bfd.sock")
    yield follower
    if follower.subscription:
        follower.subscription.close()
    if follower.server:
        follower.end()
    follower.loop.close()


def test_what_is_kept_comes_first_and_then_what_happens(follower: Follower) -> None:
    follower.serve()
    follower.say("up", "down")
    follower.follow()
    assert follower.heard == []  # never from inside the call
    follower.until("up", "down")
    follower.say("up again")
    follower.until("up", "down", "up again")


def test_a_worker_that_is_not_there_is_lost_once_and_heard_when_it_comes(follower: Follower) -> None:
    follower.follow()
    assert follower.heard == []
    follower.until("lost")
    follower.turn()
    assert follower.heard == ["lost"]
    follower.serve()
    follower.say("up")
    follower.until("lost", "up")


def test_a_worker_that_ends_is_lost_and_its_successor_begins_anew(follower: Follower) -> None:
    follower.serve()
    follower.say("one", "two")
    follower.follow()
    follower.until("one", "two")
    follower.end()
    follower.until("one", "two", "lost")
    follower.serve()
    follower.say("one")
    follower.until("one", "two", "lost", "one")


def test_of_the_same_worker_no_event_comes_twice(follower: Follower) -> None:
    follower.serve()
    follower.say("one", "two")
    follower.follow()
    follower.until("one", "two")
    follower.end()  # only its socket
    follower.until("one", "two", "lost")
    follower.say("three")
    follower.serve(follower.log)
    follower.until("one", "two", "lost", "three")
    follower.turn()
    assert follower.heard == ["one", "two", "lost", "three"]


def test_a_closed_subscription_hears_nothing_and_holds_nothing(follower: Follower) -> None:
    follower.serve()
    subscription = follower.follow()
    follower.say("up")
    follower.until("up")
    assert follower.server is not None
    opened = set(os.listdir("/proc/self/fd"))
    subscription.close()
    follower.say("down")
    follower.when(lambda: follower.server and not follower.server.clients)
    assert follower.heard == ["up"]
    assert len(opened - set(os.listdir("/proc/self/fd"))) == 2  # of both ends
    assert follower.log.followers == []


def test_the_receiver_may_close_it(follower: Follower) -> None:
    follower.serve()
    follower.say("one", "two", "three")
    subscription = follower.follow()

    def once(event: dict[str, Any]) -> None:
        follower.heard.append(event["message"])
        subscription.close()

    subscription._on_event = once
    follower.until("one")
    follower.turn()
    assert follower.heard == ["one"]


class Impostor:
    """Something that listens at the path and says what it likes to each client."""

    def __init__(self, path: Path, says: bytes) -> None:
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listening.bind(os.fspath(path))
        self.listening.listen(8)
        self.listening.setblocking(False)
        self.says = says
        self.clients: list[socket.socket] = []

    def accept(self) -> None:
        client, _ = self.listening.accept()
        client.setblocking(False)
        self.clients.append(client)
        self.pour(client)

    def pour(self, client: socket.socket) -> None:
        try:
            client.send(self.says)
        except OSError:
            pass

    def close(self) -> None:
        for each in (*self.clients, self.listening):
            each.close()


@pytest.mark.parametrize(
    "says", [b"no JSON\n", b'{"ok": false, "error": "64 clients follow events already"}\n', b"[1]\n"]
)
def test_what_is_no_answer_loses_the_connection_and_is_tried_again(follower: Follower, says: bytes) -> None:
    impostor = Impostor(follower.path, says)
    follower.loop.add_reader(impostor.listening.fileno(), impostor.accept)
    follower.follow()
    follower.when(lambda: len(impostor.clients) >= 3)
    assert follower.heard == ["lost"]
    follower.loop.remove(impostor.listening.fileno())
    impostor.close()


def test_a_line_without_an_end_has_a_bound(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(async_client, "LONGEST_LINE", 1 << 18)
    impostor = Impostor(follower.path, b"x" * (1 << 16))
    follower.loop.add_reader(impostor.listening.fileno(), impostor.accept)
    subscription = follower.follow()
    longest = 0

    def pour() -> None:
        nonlocal longest
        longest = max(longest, len(subscription._received))
        for client in impostor.clients:
            impostor.pour(client)
        follower.loop.call_later(0.001, pour)

    pour()
    follower.until("lost")
    assert longest <= (1 << 18) + async_client.READ_AT_ONCE
    follower.loop.remove(impostor.listening.fileno())
    impostor.close()


def test_all_events_that_a_worker_keeps_fit_into_the_bound(follower: Follower) -> None:
    follower.serve()
    for number in range(events.EVENTS_KEPT):
        for kind in ("transition", "packet", "script", "address"):
            follower.log.add(kind, f"VI_{number}", "Backup -> Active (timeout) " * 8, number=number)
    assert len(json.dumps(follower.log.since(0))) < async_client.LONGEST_LINE
    follower.follow()
    follower.when(lambda: len(follower.heard) == 4 * events.EVENTS_KEPT)
