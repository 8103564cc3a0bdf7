# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that answer garbage, too much, too slowly or nothing: each has its reason, and costs the others nothing."""

from __future__ import annotations

import os
import re
import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest
from lvsd.check.check_task import Runner
from lvsd.check.health import CheckTimes, Health, Result
from lvsd.check.planned_check import CheckId, PlannedCheck
from lvsd.check.probe_spec import Probe, Target, TcpProbe
from lvsd.check.shared_probes import SharedProbes
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.loop import Loop
from probes import LOCALHOST, OK, Behaviour, answering, http, outcome, serving, silent

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NOISE = bytes(range(255, -1, -1)) * 256


def endless(start: bytes, more: bytes) -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(start)
        while True:
            connection.sendall(more)

    return behaviour


def leaving(connection: socket.socket) -> None:
    """Closes at once."""


# what it does, how, over TLS, the reason that is shown
BAD: list[tuple[str, Behaviour, bool, str]] = [
    ("random bytes", endless(os.urandom(99), NOISE), False, "no HTTP answer: .*"),
    ("NUL bytes", endless(b"", b"\0" * 65536), False, "no HTTP answer: .*x00.*"),
    ("an endless header", endless(b"HTTP/1.0 200 OK\r\nX: ", b"x" * 65536), False, "headers longer than 65536 bytes"),
    ("a header of 10 MB", answering(b"HTTP/1.0 200 OK\r\nX: " + b"x" * (10 << 20)), False, "headers longer than .*"),
    ("many headers", endless(b"HTTP/1.0 200 OK\r\n", b"X: y\r\n" * 9999), False, "headers longer than 65536 bytes"),
    ("interim answers", endless(b"", b"HTTP/1.1 102 P\r\n\r\n" * 99), False, "more than 16 interim answers"),
    ("chunked nonsense", answering(CHUNKED + b"this is no size\r\n"), False, "no chunk: .*"),
    ("a negative chunk", answering(CHUNKED + b"-5\r\nhello\r\n"), False, "no chunk: .*"),
    ("tiny chunks", endless(CHUNKED, b"1\r\nx\r\n" * 10000), False, "more than 20000 chunks|timeout .* in all, .*"),
    ("an endless chunk size", endless(CHUNKED, b"0" * 65536), False, "a chunk's size is too long"),
    ("a redirect", answering(b"HTTP/1.0 302 Found\r\nLocation: /\r\n\r\n"), False, "status 302"),
    ("nothing", silent, False, "timeout after 0.3 s, waiting for an answer"),
    ("it closes at once", leaving, False, "closed without an answer|connection reset by peer"),
    ("a byte now and then", answering(OK, pause=0.1, piece=1), False, "timeout after 1.5 s in all, .*"),
    ("noise for TLS", endless(NOISE, NOISE), True, "TLS: .*"),
    ("HTTP for TLS", answering(OK), True, "TLS: .*|timeout after 0.3 s, in the TLS handshake"),
    ("nothing for TLS", silent, True, "timeout after 0.3 s, in the TLS handshake"),
    ("it closes in TLS", leaving, True, "TLS: closed in the handshake|connection reset by peer"),
]


@pytest.mark.parametrize(("behaviour", "tls", "reason"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_it_fails_in_time_with_a_reason(behaviour: Behaviour, tls: bool, reason: str) -> None:
    began = time.thread_time()
    with serving(behaviour) as target:
        result = outcome(http(target, tls=tls), timeout=0.3)
    assert not result.passed
    assert re.fullmatch(reason, result.detail)
    assert result.latency < 3
    assert time.thread_time() - began < 1  # of CPU, in this thread: the servers have theirs


def test_all_at_once_they_delay_nobody() -> None:
    loop = Loop()
    prober = SharedProbes(loop)
    good: list[Result] = []
    runners: list[Runner] = []
    bad: dict[str, Result] = {}

    def check(number: int, probe: Probe, delay: float, tell: Any) -> None:
        destination = DestinationKey(ServiceKey.at(LOCALHOST, 80), LOCALHOST, number)
        schedule = CheckTimes(connect_timeout=0.3, delay_loop=delay, retry=0)
        plan = PlannedCheck(CheckId(destination, probe), schedule, 0)
        runners.append(Runner(loop, prober, plan, Health(up=True, probe_at=loop.now), tell))

    with ExitStack() as stack:
        targets: list[Target] = [stack.enter_context(serving(row[1])) for row in BAD]
        for number, (target, (name, _, tls, _)) in enumerate(zip(targets, BAD, strict=True)):
            check(number, http(target, tls=tls), 0.2, lambda _r, _b, result, name=name: bad.__setitem__(name, result))
        check(99, TcpProbe(stack.enter_context(serving(silent))), 0.05, lambda _r, _b, result: good.append(result))
        loop.call_later(2.5, loop.stop)
        loop.run()
        for runner in runners:
            runner.stop()
    prober.close()
    loop.close()
    assert set(bad) == {row[0] for row in BAD}
    assert not any(result.passed for result in bad.values())
    assert all(result.passed for result in good)
    assert len(good) > 10  # of 50 at most: the servers of this test take turns with the checks in one interpreter
