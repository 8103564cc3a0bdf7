# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP_CHECK: a connection that is established passes, and is closed without a word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.tcp import TcpAttempt
from lvsd.check.probe_spec import Target
from lvsd.loop import Loop

from tests.support.attempts import outcome, turns
from tests.support.loop_server import LoopServer, closed_port
from tests.support.loops import run_until


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


def attempt(loop: Loop, target: Target, timeout: float = 5.0) -> Result:
    return outcome(loop, lambda done: TcpAttempt(loop, target, timeout, done))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_server_that_accepts_passes_and_hears_nothing_but_the_end(loop: Loop, address: str) -> None:
    server = LoopServer(loop, address=address)
    result = attempt(loop, server.target)
    assert (result.passed, result.looked, result.detail) == (True, True, "connected")
    assert result.latency > 0
    run_until(loop, lambda: server.clients and server.clients[0].left)
    assert [client.heard for client in server.clients] == [b""]
    server.close()


def test_a_server_that_ends_the_connection_at_once_passes_too(loop: Loop) -> None:
    server = LoopServer(loop, greet=lambda client: client.reset())
    assert attempt(loop, server.target).passed
    server.close()


def test_a_server_whose_queue_is_not_emptied_passes(loop: Loop) -> None:
    """The kernel accepts for it: as in keepalived, a process that hangs is not seen by this check."""
    server = LoopServer(loop)
    loop.remove(server.listener.fileno())
    assert attempt(loop, server.target).passed
    server.close()


def test_a_closed_port_fails(loop: Loop) -> None:
    result = attempt(loop, closed_port())
    assert (result.passed, result.looked, result.detail) == (False, True, "connection refused")


def test_a_cancelled_attempt_tells_nothing_and_leaves_nothing(loop: Loop) -> None:
    before, results = set(loop._callbacks), list[Result]()
    running = [TcpAttempt(loop, target, 0.001, results.append) for target in (closed_port(), closed_port())]
    running[0].cancel()
    running[1].cancel(at_once=True)
    turns(loop)
    assert results == []
    assert set(loop._callbacks) == before
