# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP_GET against real servers on loopback: what they answer decides."""

from __future__ import annotations

import os
import socket
import time
from functools import partial
from hashlib import md5
from typing import Any

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.regex_search import Searcher
from lvsd.check.probe.start import start
from lvsd.check.probe_spec import HttpProbe, NoProbe, Page, TcpProbe
from lvsd.check.shared_probes import SharedProbes
from lvsd.loop import Loop
from lvsd.programs.client import Programs
from probes import BODY, OK, answering, http, outcome, serving, silent

SHORT = b"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n" + BODY


@pytest.mark.parametrize(
    ("answer", "page", "passed", "detail"),
    [
        (OK, {}, True, "status 200"),
        (OK, {"digest": md5(BODY).hexdigest()}, True, "status 200"),
        (OK, {"digest": "0" * 32}, False, f"digest {md5(BODY).hexdigest()}"),
        (OK, {"regex": "wor.d"}, True, "status 200"),
        (OK, {"regex": "absent"}, False, "regex does not match"),
        (OK, {"regex": "hello", "regex_no_match": True}, False, "regex matches"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", {}, False, "status 503"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", {"status_codes": ((500, 599),)}, True, "status 503"),
        (b"\x00\xff" * 5000, {}, False, None),
        (b"", {}, False, "closed without an answer"),
        (b"HTTP/1.0 200 OK\r\nX: " + b"y" * 100_000, {}, False, "headers longer than 65536 bytes"),
        (SHORT, {}, True, "status 200, closed after 12 of 99 bytes of the body"),
        (SHORT, {"regex": "worlds"}, False, "regex does not match"),
    ],
)
@pytest.mark.parametrize("pieces", [1 << 20, 7])
def test_answers(answer: bytes, page: dict[str, Any], passed: bool, detail: str | None, pieces: int) -> None:
    if len(answer) > 1000 and pieces == 7:
        pieces = 999
    with serving(answering(answer, piece=pieces)) as target:
        result = outcome(http(target, **page))
    assert result.passed is passed
    assert detail is None or result.detail == detail


def test_a_server_that_never_answers_fails_in_time() -> None:
    with serving(silent) as target:
        result = outcome(http(target), timeout=0.3)
    assert (result.passed, result.detail) == (False, "timeout after 0.3 s, waiting for an answer")
    assert 0.3 <= result.latency < 1


def test_a_server_that_trickles_fails_in_time() -> None:
    with serving(answering(OK, pause=0.1, piece=1)) as target:  # three seconds
        result = outcome(http(target), timeout=0.3)
    assert (result.passed, result.detail) == (False, "timeout after 1.5 s in all, waiting for an answer")
    assert 1.4 <= result.latency < 2.5  # it counts from the loop's last wake-up, the latency from a little later


def test_an_answer_may_take_longer_as_long_as_it_goes_on() -> None:
    with serving(answering(OK, pause=0.2, piece=11)) as target:
        result = outcome(http(target), timeout=0.4)
    assert result.passed
    assert 0.6 <= result.latency < 2


def test_an_answer_that_stops_fails_from_its_last_piece_on() -> None:
    def stops(connection: socket.socket) -> None:
        connection.recv(4096)
        time.sleep(0.3)
        connection.sendall(OK)
        silent(connection)

    with serving(stops) as target:
        result = outcome(http(target), timeout=0.5)
    assert (result.passed, result.detail) == (False, "timeout after 0.5 s, waiting for an answer")
    assert 0.75 <= result.latency < 1.5


def test_of_an_endless_answer_a_megabyte_is_read() -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.recv(4096)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            sent += connection.send(b"x" * 65536)

    with serving(endless) as target:
        result = outcome(http(target), timeout=5)
    assert result.passed
    assert sent < 64 << 20


def test_a_huge_body_has_its_digest_checked() -> None:
    body = os.urandom(1 << 20) * 8
    with serving(answering(b"HTTP/1.0 200 OK\r\n\r\n" + body)) as target:
        assert outcome(http(target, digest=md5(body).hexdigest()), timeout=5).passed


def test_a_server_that_closes_its_side_early_is_judged_by_what_it_said() -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_WR)
        silent(connection)

    with serving(half) as target:
        assert outcome(http(target)).passed


def test_a_reset_is_a_failure() -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with serving(reset) as target:
        result = outcome(http(target))
    assert (result.passed, result.detail) == (False, "connection reset by peer")


def test_each_url_asks_for_its_page() -> None:
    asked: list[bytes] = []

    def note(connection: socket.socket) -> None:
        asked.append(connection.recv(4096).split()[1])
        connection.sendall(OK)

    with serving(note) as target:
        pages = tuple(Page(path=path, request=f"GET {path} HTTP/1.0\r\n\r\n".encode()) for path in ("/a", "/b"))
        for url in range(3):
            assert outcome(HttpProbe(target=target, pages=pages), url=url).passed
    assert asked == [b"/a", b"/b", b"/a"]


def test_a_cancelled_probe_says_nothing_and_leaves_nothing() -> None:
    loop = Loop()
    before = set(loop._callbacks)
    results: list[Result] = []
    with serving(silent) as target:
        probes = (TcpProbe(target), http(target), http(target, tls=True), NoProbe("x"))
        running = [start(loop, probe, 0, 0.2, results.append, Searcher(loop), Programs(loop)) for probe in probes]
        for probe in running:
            probe.cancel()
        loop.call_later(0.4, loop.stop)
        loop.run()
    assert results == []
    assert set(loop._callbacks) == before
    loop.close()


def test_equal_probes_share_one_connection_and_each_hears() -> None:
    connections: list[int] = []

    def note(connection: socket.socket) -> None:
        connections.append(1)
        answering(OK, pause=0.1)(connection)

    loop = Loop()
    heard: dict[str, Result] = {}
    with serving(note) as target:
        prober, probe = SharedProbes(loop), http(target)
        number = prober.number(probe)
        assert prober.number(http(target)) == number
        assert prober.number(http(target, path="/other")) != number
        names = ("first", "leaves", "last")
        tickets = [prober.start(probe, number, 0, 2, partial(heard.__setitem__, name)) for name in names]
        tickets[1].cancel()
        loop.call_later(0.6, loop.stop)
        loop.run()
        assert set(heard) == {"first", "last"}
        assert len(connections) == 1
        again = prober.start(probe, number, 0, 2, partial(heard.__setitem__, "again"))  # the shared one is over
        again.cancel()  # the last to leave ends the probe
        loop.call_later(0.3, loop.stop)
        loop.run()
    assert "again" not in heard
    loop.close()
