# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket against polite, clumsy and hostile clients."""

from __future__ import annotations

import os
import socket

import pytest
from answering_daemon import Client, Daemon
from lvsd import __version__
from lvsd.control import connection
from lvsd.control.server import Unreachable, request, stream


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
    client.send(b"x" * (connection.LONGEST + 1))
    assert str(connection.LONGEST) in client.answer()["error"]
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


def test_a_server_that_never_answers_is_unreachable(daemon: Daemon) -> None:
    with pytest.raises(Unreachable, match="timed out"):
        request(daemon.path, "later", timeout=0.05)
