# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of an attempt and its socket: exactly one result, in bounded time, and whose fault it is."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.connection import OURS, STEPS, Ending, ProbeConnection, failure, opened, unlooked
from lvsd.check.probe_spec import Target
from lvsd.loop import Loop

from tests.support.attempts import turns
from tests.support.loop_server import LoopServer, closed_port
from tests.support.loops import run_until
from tests.support.virtual_time import VirtualTime

LOCALHOST = ip_address("127.0.0.1")


class Attempt:
    """An `Ending` in virtual time, and what it has called."""

    def __init__(self, timeout: float = 2.0) -> None:
        self.time = VirtualTime()
        self.results: list[Result] = []
        self.released = 0
        self.ending = Ending(self.time.loop, timeout, self.results.append, self.release)

    def release(self) -> None:
        assert self.results == [], "what the attempt holds is given back before its result is told"
        self.released += 1


# --- the end ------------------------------------------------------------------------------------


def test_an_attempt_ends_once_with_its_result_and_the_time_that_it_took() -> None:
    attempt = Attempt()
    attempt.ending.finish(Result(True, "weight 7", weight=7))
    attempt.ending.finish(Result(False, "too late"))
    attempt.time.run(60)
    (result,) = attempt.results
    assert (result.passed, result.detail, result.weight, result.looked) == (True, "weight 7", 7, True)
    assert 0 <= result.latency < 5
    assert attempt.released == 1
    assert attempt.ending.ended


def test_what_could_not_look_stays_so() -> None:
    attempt = Attempt()
    attempt.ending.finish(Result(False, "ours", looked=False))
    assert not attempt.results[0].looked


def test_a_result_of_the_beginning_is_told_from_the_loop() -> None:
    attempt = Attempt()
    attempt.ending.finish_soon(Result(True, "known"))
    assert (attempt.results, attempt.released) == ([], 0)
    attempt.time.turn()
    assert [result.detail for result in attempt.results] == ["known"]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_cancelled_attempt_gives_back_what_it_holds_and_tells_nothing(at_once: bool) -> None:
    attempt = Attempt()
    attempt.ending.finish_soon(Result(True, "known"))
    attempt.ending.cancel(at_once)
    attempt.ending.cancel(at_once)
    attempt.time.run(60)
    assert (attempt.results, attempt.released, attempt.ending.ended) == ([], 1, True)


def test_to_cancel_what_has_ended_does_nothing() -> None:
    attempt = Attempt()
    attempt.ending.finish(Result(True, "x"))
    attempt.ending.cancel()
    assert attempt.released == 1


# --- its deadlines ------------------------------------------------------------------------------


def test_a_step_that_takes_too_long_is_named() -> None:
    attempt = Attempt(timeout=1.5)
    attempt.time.run(1.49)
    assert attempt.results == []
    attempt.time.run(0.01)
    assert [(result.passed, result.looked, result.detail) for result in attempt.results] == [
        (False, True, "timeout after 1.5 s, connecting")
    ]
    attempt.time.run(60)
    assert (len(attempt.results), attempt.released) == (1, 1)


def test_each_step_has_the_timeout_anew() -> None:
    attempt = Attempt(timeout=2.0)
    attempt.time.run(1.9)
    attempt.ending.step("in the TLS handshake")
    attempt.time.run(1.9)
    assert attempt.results == []
    attempt.time.run(0.1)
    assert attempt.results[0].detail == "timeout after 2 s, in the TLS handshake"


def test_all_steps_together_have_a_few_times_as_much() -> None:
    attempt = Attempt(timeout=2.0)
    for _ in range(99):
        attempt.time.run(0.1)
        attempt.ending.step("waiting for an answer")
    assert attempt.time.clock.now == pytest.approx(9.9)
    assert attempt.results == []
    attempt.time.run(0.11)
    assert attempt.results[0].detail == f"timeout after {STEPS * 2:g} s in all, waiting for an answer"


def test_a_step_of_ours_that_takes_too_long_says_nothing_about_the_server() -> None:
    attempt = Attempt(timeout=2.0)
    attempt.ending.step("searching the answer", ours=True)
    attempt.time.run(2)
    assert not attempt.results[0].looked
    assert attempt.results[0].detail == "timeout after 2 s, searching the answer"


def test_a_step_of_the_server_after_one_of_ours_is_the_servers_again() -> None:
    attempt = Attempt(timeout=2.0)
    attempt.ending.step("searching", ours=True)
    attempt.ending.step("waiting")
    attempt.time.run(2)
    assert attempt.results[0].looked


# --- the socket ---------------------------------------------------------------------------------


class Connecting:
    """A connection on a real loop."""

    def __init__(self, loop: Loop, target: Target, connected: Callable[[], None] | None = None) -> None:
        self.loop = loop
        self.heard: list[str] = []
        self.results: list[Result] = []
        self.before = set(loop._callbacks)
        self.ending = Ending(loop, 5.0, self.results.append, self.release)
        self.connection: ProbeConnection | None = None
        self.connection = ProbeConnection(loop, target, self.ending, self.connected)

    def connected(self) -> None:
        self.heard.append("connected")

    def release(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def until_it_ends(self) -> Result:
        assert self.results == []
        run_until(self.loop, lambda: self.results, every=0.001)
        turns(self.loop)
        assert set(self.loop._callbacks) == self.before
        assert self.heard == []
        (result,) = self.results
        return result


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_server_that_listens_is_connected_to_once(loop: Loop, address: str) -> None:
    server = LoopServer(loop, address=address)
    there = Connecting(loop, server.target)
    assert there.heard == []
    run_until(loop, lambda: there.heard and server.clients, every=0.001)
    turns(loop)
    assert (there.heard, there.results) == (["connected"], [])
    assert there.connection is not None
    assert there.connection.socket is not None
    assert not there.connection.socket.getblocking()
    there.connection.close()
    there.connection.close()  # does nothing
    assert there.connection.socket is None
    there.ending.cancel()
    server.close()


def test_a_port_where_nothing_listens_is_the_servers_fault(loop: Loop) -> None:
    result = Connecting(loop, closed_port()).until_it_ends()
    assert (result.passed, result.looked, result.detail) == (False, True, "connection refused")


@pytest.mark.parametrize(
    ("port", "detail"), [(65536, "invalid argument"), (-1, "invalid argument"), (1 << 70, "invalid argument")]
)
def test_a_port_that_cannot_be_ends_the_attempt_and_not_the_checker(loop: Loop, port: int, detail: str) -> None:
    result = Connecting(loop, Target(address=LOCALHOST, port=port)).until_it_ends()
    assert (result.passed, result.detail) == (False, detail)


@pytest.mark.parametrize(
    ("how", "detail"),
    [
        ({"bindto": ip_address("192.0.2.1")}, "cannot assign requested address"),
        ({"bind_if": "no-such-link"}, "no such device"),
        ({"bind_port": 65536}, "bind(): port must be 0-65535."),
    ],
)
def test_what_keeps_us_from_opening_is_ours(loop: Loop, how: dict[str, Any], detail: str) -> None:
    result = Connecting(loop, Target(address=LOCALHOST, port=9, **how)).until_it_ends()
    assert not result.looked
    assert result.detail.endswith(detail)


@pytest.mark.parametrize("mark", [1, (1 << 31) - 1, 1 << 31, (1 << 32) - 1])
def test_every_mark_that_the_configuration_allows_is_set(loop: Loop, mark: int) -> None:
    """All of 32 bits.  Who may not set marks learns that it is not the server's fault."""
    there = Connecting(loop, Target(address=LOCALHOST, port=9, fwmark=mark))
    assert there.connection is not None
    if there.connection.socket is None:
        assert there.until_it_ends().detail == "operation not permitted"
        return
    assert there.connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_MARK, 4) == mark.to_bytes(4, sys.byteorder)
    there.connection.close()
    there.ending.cancel()


def test_a_port_of_ours_that_is_taken_is_ours(loop: Loop) -> None:
    with socket.create_server((str(LOCALHOST), 0)) as listener:
        target = Target(address=LOCALHOST, port=listener.getsockname()[1])
        with socket.create_connection((str(LOCALHOST), target.port), source_address=(str(LOCALHOST), 0)) as taken:
            result = Connecting(loop, replace(target, bind_port=taken.getsockname()[1])).until_it_ends()
    assert (result.looked, result.detail) == (False, "address already in use")


def test_a_connection_that_was_closed_while_it_was_woken_says_nothing(loop: Loop) -> None:
    server = LoopServer(loop)
    there = Connecting(loop, server.target)
    assert there.connection is not None
    woken = there.connection._writable
    there.connection.close()
    woken()
    assert (there.heard, there.results) == ([], [])
    there.ending.cancel()
    server.close()


def test_a_wake_up_that_was_meant_for_a_former_user_of_the_descriptor_is_passed_over(loop: Loop) -> None:
    there = Connecting(loop, Target(address=LOCALHOST, port=9))
    assert there.connection is not None
    fresh = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    there.connection.close()
    there.connection.socket = fresh  # not connected, and without an error
    loop.add_writer(fresh.fileno(), there.connection._writable)
    there.connection._writable()
    assert (there.heard, there.results) == ([], [])
    there.connection.close()
    there.ending.cancel()


def test_the_socket_is_bound_as_the_check_asks() -> None:
    with opened(Target(address=LOCALHOST, port=9, bindto=ip_address("127.0.0.9"))) as bound:
        assert bound.getsockname()[0] == "127.0.0.9"
        assert bound.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        assert not os.get_inheritable(bound.fileno())
    with opened(Target(address=ip_address("::1"), port=9, bind_port=closed_port().port)) as bound:
        assert (bound.family, bound.getsockname()[0]) == (socket.AF_INET6, "::")
        assert bound.getsockname()[1]
    with opened(Target(address=LOCALHOST, port=9)) as free:
        assert free.getsockname() == ("0.0.0.0", 0)


def test_a_socket_that_cannot_be_bound_is_closed_again() -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match="assign requested address") as refused:
        opened(Target(address=LOCALHOST, port=9, bindto=ip_address("192.0.2.1")))
    assert os.listdir("/proc/self/fd") == before
    assert refused.tb is not None  # which holds the socket: that it is closed is no work of the collector


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(OURS | {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ETIMEDOUT}))
def test_an_errno_in_words_and_whose_fault_it_is(code: int) -> None:
    result = failure(code)
    assert (result.passed, result.detail) == (False, os.strerror(code).lower())
    assert result.looked is (code not in OURS)


def test_our_own_errors_in_words() -> None:
    assert unlooked(OSError(errno.EMFILE, "x")).detail == "too many open files"
    assert unlooked(OSError("Without a number")).detail == "without a number"
    assert unlooked(OverflowError("Too Large")).detail == "too large"
    assert not unlooked(OverflowError("x")).looked
