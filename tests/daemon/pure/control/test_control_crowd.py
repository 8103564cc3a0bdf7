# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients, and clients that do not read: each waits for itself alone, and who asks is heard."""

from __future__ import annotations

import contextlib
import json
import select
import threading
import time

import pytest
from answering_daemon import FOLLOW, LATER, PING, Client, Daemon
from lvsd.control import connection
from lvsd.control import server as control
from lvsd.control.server import request


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
    assert len(client.answer()["huge"]) == 3 * connection.UNREAD_LIMIT


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


@pytest.mark.parametrize("verb", ["later", "big"])
def test_a_flood_of_requests_waits_where_it_was_sent(daemon: Daemon, client: Client, verb: str) -> None:
    """Nobody reads the answers, or there are none yet: nothing more is taken from this client."""
    line = b'{"verb": "%s"}\n' % verb.encode()
    client.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        client.send(line * 100_000)
    held: list[int] = []
    daemon.do(lambda: held.extend(len(each.received) for each in daemon.server.clients))
    assert max(held) <= connection.READ_AT_ONCE
    assert request(daemon.path, "ping")["ok"] is True


def test_clients_with_many_requests_take_turns_and_a_ping_waits_for_none(daemon: Daemon) -> None:
    """Work is counted, not time: before, 54,000 requests were answered before those of anybody else."""
    done: list[int] = []
    counted = {"counted": lambda _: {"counted": len(done)}, "ping": lambda _: {"counted": len(done)}}
    daemon.server.handlers |= {"count": lambda asked: done.append(asked["client"]) or {}, **counted}
    paused = threading.Event()
    daemon.todo.append(paused.wait)  # until all have sent what they want
    daemon.wake.send(b"x")
    with contextlib.ExitStack() as stack:
        for number, client in enumerate(crowd(daemon, stack, 60)):
            client.send(b'{"verb": "count", "client": %d}\n' % number * 900)
        late, pinging = crowd(daemon, stack, 1, b'{"verb": "counted"}\n') + crowd(daemon, stack, 1, PING)
        paused.set()
        assert late.answer()["counted"] < 2 * 60  # none of the others had its third turn before
        assert pinging.answer()["counted"] < 60
        while len(done) < 600:
            time.sleep(0.01)
        assert all(5 <= done[:600].count(number) <= 20 for number in range(60))  # some came a few turns earlier


def test_a_slow_reader_gets_a_big_answer_whole(client: Client) -> None:
    client.send(b'{"verb": "big"}\n{"verb": "ping"}\n')
    assert len(client.answer()["big"]) == 1 << 20
    assert client.answer()["ok"] is True


def crowd(daemon: Daemon, stack: contextlib.ExitStack, number: int, *requests: bytes) -> list[Client]:
    """So many clients that have each sent these requests, whose first answers they have read."""
    clients = [stack.enter_context(Client(daemon)) for _ in range(number)]
    for client in clients:
        for line in requests:
            client.send(line)
    return clients


def served(client: Client) -> bool:
    client.send(PING)
    answer = client.answer()
    return answer is not None and answer["ok"] is True


def test_who_has_asked_for_nothing_for_longest_makes_room_for_others(daemon: Daemon) -> None:
    with contextlib.ExitStack() as stack:
        clients = crowd(daemon, stack, control.MOST_CLIENTS)
        assert all(served(client) for client in reversed(clients))
        for _ in range(3):
            assert served(stack.enter_context(Client(daemon)))
        assert [client.answer() for client in clients[-3:]] == [None, None, None]
        assert all(served(client) for client in clients[:-3])
        assert daemon.clients() == control.MOST_CLIENTS


def test_who_waits_for_an_answer_stays_while_others_are_idle(daemon: Daemon) -> None:
    with contextlib.ExitStack() as stack:
        waiting = crowd(daemon, stack, control.MOST_CLIENTS - 1, LATER)
        idle = stack.enter_context(Client(daemon))
        assert served(idle)
        assert served(stack.enter_context(Client(daemon)))
        assert idle.answer() is None
        daemon.do(lambda: daemon.later.answer({}))
        answered, _, _ = select.select([client.socket for client in waiting], [], [], 5)
        assert [json.loads(each.recv(1 << 16))["ok"] for each in answered] == [True] * len(answered) != []


@pytest.mark.parametrize("requests", [[], [b'{"verb": "pi'], [b'{"verb": "big"}\n'], [LATER], [PING]])
def test_whatever_the_others_do_somebody_who_asks_is_heard(daemon: Daemon, requests: list[bytes]) -> None:
    with contextlib.ExitStack() as stack:
        crowd(daemon, stack, control.MOST_CLIENTS, *requests)
        for _ in range(3):
            assert request(daemon.path, "ping", timeout=5)["ok"] is True


def test_followers_have_a_bound_of_their_own(daemon: Daemon) -> None:
    with contextlib.ExitStack() as stack:
        followers = crowd(daemon, stack, connection.MOST_FOLLOWERS, FOLLOW)
        assert all(client.answer()["ok"] for client in followers)
        idle = crowd(daemon, stack, control.MOST_CLIENTS)
        assert all(served(client) for client in idle)
        assert request(daemon.path, "ping")["ok"] is True
        refused = request(daemon.path, "events", follow=True)
        assert refused["ok"] is False
        assert str(connection.MOST_FOLLOWERS) in refused["error"]
        daemon.do(lambda: daemon.log.add("state", "x", "y"))
        assert all(client.answer()["event"]["message"] == "y" for client in followers)
