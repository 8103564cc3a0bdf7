# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP_GET and SSL_GET: connect, ask, judge what comes; each way in which a server can fail has its words."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from hashlib import md5
from pathlib import Path

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.http import HttpAttempt, reason
from lvsd.check.probe.regex_search import Search, Searcher, Told
from lvsd.check.probe_spec import HttpProbe, Page, Target
from lvsd.loop import Loop
from lvsd.model import SslContext

from tests.support.attempts import outcome, turns
from tests.support.loop_server import Client, LoopServer, answering, closed_port
from tests.support.loops import run_until
from tests.support.tls_peer import TlsPeer, certified, server_context

REQUEST = b"GET /health HTTP/1.0\r\nHost: here\r\n\r\n"
PAGE = Page(path="/health", request=REQUEST)
BODY = b"hello, world"
OK = b"HTTP/1.0 200 OK\r\n\r\n" + BODY
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + BODY
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + BODY


class CountingSearcher(Searcher):
    """Counts the searches that were asked for; `before` is called in front of each."""

    started = 0

    def __init__(self, loop: Loop) -> None:
        super().__init__(loop)
        self.before: Callable[[], None] = lambda: None

    def start(self, subject: Hashable, page: Page, body: bytes, told: Told) -> Search:
        self.before()
        self.started += 1
        return super().start(subject, page, body, told)


class Prober:
    """A loop with a server on it, and attempts at that server."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.searcher = CountingSearcher(self.loop)
        self.server = LoopServer(self.loop)

    def close(self) -> None:
        self.server.close()
        self.searcher.close()
        self.loop.close()

    def begin(
        self, done: Callable[[Result], None], page: Page = PAGE, timeout: float = 5.0, *, at: Target | None = None
    ) -> HttpAttempt:
        probe = HttpProbe(target=at or self.server.target, pages=(page,))
        return HttpAttempt(self.loop, probe, page, timeout, done, self.searcher)

    def ask(self, hear: Callable[[Client], None], page: Page = PAGE, timeout: float = 5.0) -> Result:
        """One attempt at a server that does `hear`."""
        self.server.hear = hear
        result = outcome(self.loop, lambda done: self.begin(done, page, timeout))
        run_until(self.loop, lambda: self.server.clients[-1].socket.fileno() < 0)  # the probe has left, too
        return result


@pytest.fixture
def prober() -> Iterator[Prober]:
    prober = Prober()
    yield prober
    prober.close()


# --- what is sent -------------------------------------------------------------------------------


def test_the_request_of_the_page_is_sent_once_and_nothing_else(prober: Prober) -> None:
    assert prober.ask(answering(SIZED)).passed
    assert [client.heard for client in prober.server.clients] == [REQUEST]


def test_a_request_larger_than_the_kernel_takes_at_once_is_sent_whole(prober: Prober) -> None:
    long = replace(PAGE, request=b"GET /" + b"x" * (8 << 20) + b" HTTP/1.0\r\n\r\n")
    assert prober.ask(answering(SIZED), long).passed
    assert prober.server.clients[0].heard == long.request


def test_a_server_that_does_not_wait_for_the_request_is_judged_by_what_it_says(prober: Prober) -> None:
    long = replace(PAGE, request=b"x" * (8 << 20))
    prober.server.greet = lambda client: (client.say(b"HTTP/1.0 503 Busy\r\n\r\n"), client.close())[1]
    assert prober.ask(lambda _: None, long).detail in ("status 503", "connection reset by peer")


# --- what is answered ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "page", "passed", "detail"),
    [
        (OK, PAGE, True, "status 200"),
        (SIZED, PAGE, True, "status 200"),
        (SHORT, PAGE, True, "status 200, closed after 12 of 99 bytes of the body"),
        (b"HTTP/1.0 299 Fine\r\n\r\n", PAGE, True, "status 299"),
        (b"HTTP/1.0 300 Many\r\n\r\n", PAGE, False, "status 300"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", replace(PAGE, status_codes=((500, 503),)), True, "status 503"),
        (OK, replace(PAGE, digest=md5(BODY).hexdigest()), True, "status 200"),
        (OK, replace(PAGE, digest="0" * 32), False, f"digest {md5(BODY).hexdigest()}"),
        (b"", PAGE, False, "closed without an answer"),
        (b"HTTP/1.0 20", PAGE, False, "closed after 11 bytes without an answer"),
        (b"SSH-2.0-x\r\n", PAGE, False, "no HTTP answer: 'SSH-2.0-x"),
        (b"HTTP/1.0 200 OK\r\nX: " + b"y" * 70_000, PAGE, False, "headers longer than 65536 bytes"),
        (b"\0" * 70_000, PAGE, False, "no HTTP answer: '" + r"\x00" * 9),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", PAGE, False, "no chunk: 'zz'"),
    ],
)
def test_what_the_server_says_decides(prober: Prober, answer: bytes, page: Page, passed: bool, detail: str) -> None:
    for pieces in ((answer,), (answer[:9], answer[9:20], answer[20:])):
        result = prober.ask(answering(*pieces), page)
        assert (result.passed, result.looked) == (passed, True)
        assert result.detail.startswith(detail)  # what is no answer is shown as far as it has come


def test_an_answer_whose_end_is_known_ends_the_attempt_though_the_server_stays(prober: Prober) -> None:
    assert prober.ask(answering(SIZED, then=lambda _: None)).passed


def test_a_server_that_closes_its_side_alone_is_judged(prober: Prober) -> None:
    assert prober.ask(answering(OK, then=Client.end)).passed


def test_a_body_without_an_end_is_read_to_a_megabyte(prober: Prober) -> None:
    assert prober.ask(answering(OK, b"x" * (2 << 20), then=lambda _: None)).passed


def test_a_reset_is_a_failure(prober: Prober) -> None:
    result = prober.ask(Client.reset)
    assert (result.passed, result.looked, result.detail) == (False, True, "connection reset by peer")


def test_a_server_that_does_not_listen_is_a_failure(prober: Prober) -> None:
    result = outcome(prober.loop, lambda done: prober.begin(done, at=closed_port()))
    assert (result.passed, result.detail) == (False, "connection refused")


def test_a_server_that_says_nothing_has_its_time(prober: Prober) -> None:
    result = prober.ask(lambda _: None, timeout=0.05)
    assert (result.passed, result.looked, result.detail) == (
        False,
        True,
        "timeout after 0.05 s, waiting for an answer",
    )
    assert result.latency >= 0.05


# --- the regex ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regex", "no_match", "passed", "detail"),
    [
        ("wor.d", False, True, "status 200"),
        ("absent", False, False, "regex does not match"),
        ("wor.d", True, False, "regex matches"),
        ("absent", True, True, "status 200"),
        ("(", False, False, "regex cannot be compiled"),
    ],
)
def test_a_regex_is_searched_in_the_body(prober: Prober, regex: str, no_match: bool, passed: bool, detail: str) -> None:
    result = prober.ask(answering(OK), replace(PAGE, regex=regex, regex_no_match=no_match))
    assert (result.passed, result.looked, result.detail) == (passed, True, detail)


def test_the_connection_is_given_back_before_the_search(prober: Prober) -> None:
    left: list[bool] = []
    results: list[Result] = []
    prober.server.hear = answering(SIZED)
    attempt = prober.begin(results.append, replace(PAGE, regex="world"))
    prober.searcher.before = lambda: left.append(attempt._connection.socket is None)
    run_until(prober.loop, lambda: results)
    assert left == [True]


def test_a_search_that_is_not_over_in_time_is_ours(prober: Prober) -> None:
    slow = replace(PAGE, regex="(a+)+$")
    result = prober.ask(answering(b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * 64 + b"b"), slow, timeout=0.08)
    assert (result.passed, result.looked, result.detail) == (
        False,
        False,
        "timeout after 0.08 s, searching the answer",
    )


# --- the end of it by us ------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [False, True])
def test_a_cancelled_attempt_leaves_the_server_and_tells_nothing(prober: Prober, at_once: bool) -> None:
    results: list[Result] = []
    running = prober.begin(results.append)
    run_until(prober.loop, lambda: prober.server.clients and prober.server.clients[0].heard == REQUEST)
    running.cancel(at_once)
    run_until(prober.loop, lambda: prober.server.clients[0].left)
    assert results == []


def test_one_that_is_cancelled_while_it_searches_tells_nothing(prober: Prober) -> None:
    results: list[Result] = []
    prober.server.hear = answering(SIZED)
    running = prober.begin(results.append, replace(PAGE, regex="world"))
    run_until(prober.loop, lambda: running._search, every=0.0001)
    running.cancel()
    turns(prober.loop)
    assert results == []


# --- TLS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (b"", "closed in the handshake"),
        (b"\x16\x03\x01\x00\x64\x02\x00", "closed in the handshake"),
        (b"HTTP/1.0 400 Plain\r\n\r\n", "wrong version number"),
        (b"\x15\x03\x01\x00\x02\x02\x28", "handshake failure"),  # an alert
    ],
)
def test_what_is_no_tls_fails_with_tls_in_its_words(prober: Prober, said: bytes, detail: str) -> None:
    probe = HttpProbe(target=prober.server.target, pages=(PAGE,), tls=True)
    prober.server.hear = lambda client: (client.say(said), client.end())[1]
    result = outcome(prober.loop, lambda done: HttpAttempt(prober.loop, probe, PAGE, 5.0, done, prober.searcher))
    assert (result.passed, result.looked) == (False, True)
    assert result.detail.startswith("TLS: ")
    assert result.detail.endswith(detail)


def test_a_tls_server_that_says_nothing_has_its_time(prober: Prober) -> None:
    probe = HttpProbe(target=prober.server.target, pages=(PAGE,), tls=True)
    result = outcome(prober.loop, lambda done: HttpAttempt(prober.loop, probe, PAGE, 0.05, done, prober.searcher))
    assert result.detail == "timeout after 0.05 s, in the TLS handshake"
    assert prober.server.clients[0].heard[:2] == b"\x16\x03"  # a ClientHello, and no request in the clear


def test_an_answer_over_tls_that_ends_in_order_is_searched_once(prober: Prober, tmp_path: Path) -> None:
    """Answer and end come in one piece: the end is no second verdict."""
    peer = TlsPeer(server_context(certified(tmp_path)))
    heard = 0

    def hear(client: Client) -> None:
        nonlocal heard
        answer = peer.receive(client.heard[heard:])
        heard = len(client.heard)
        if peer.heard == REQUEST:
            answer += peer.say(SIZED) + peer.close()
        client.say(answer)

    prober.server.hear = hear
    page = replace(PAGE, regex="world")
    probe = HttpProbe(target=prober.server.target, pages=(page,), tls=True)
    result = outcome(prober.loop, lambda done: HttpAttempt(prober.loop, probe, page, 5.0, done, prober.searcher))
    assert (result.passed, result.detail) == (True, "status 200")
    assert prober.searcher.started == 1


def test_a_client_certificate_that_is_missing_is_ours(prober: Prober, tmp_path: Path) -> None:
    missing = SslContext(certificate=str(tmp_path / "client.pem"))
    probe = HttpProbe(target=prober.server.target, pages=(PAGE,), tls=True, ssl=missing)
    result = outcome(prober.loop, lambda done: HttpAttempt(prober.loop, probe, PAGE, 5.0, done, prober.searcher))
    assert (result.passed, result.looked) == (False, False)
    assert "client.pem" in result.detail


def test_the_words_of_an_error() -> None:
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
    error.reason = "WRONG_VERSION_NUMBER"
    assert reason(error) == "wrong version number"
    assert reason(OSError(errno.ENOENT, "No such file", "/x")) == "[errno 2] no such file: '/x'"
    assert reason(ValueError("Odd Value")) == "odd value"
