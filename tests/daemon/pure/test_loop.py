# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop: what is due is done in order, what has arrived is heard first."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from functools import partial

import pytest
from lvsd.loop import AT_MOST, Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    loop.call_later(10, loop.stop)  # no test hangs
    yield loop
    loop.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    yield left, right
    left.close()
    right.close()


def test_timers_run_in_the_order_of_their_deadlines_then_of_their_making(loop: Loop) -> None:
    ran: list[str] = []
    loop.call_later(0.02, loop.stop)
    loop.call_later(0.01, lambda: ran.append("c"))
    loop.call_at(loop.now, lambda: ran.append("a"))
    loop.call_at(loop.now, lambda: ran.append("b"))
    loop.run()
    assert ran == ["a", "b", "c"]


def test_a_timer_is_not_early_and_hardly_late(loop: Loop) -> None:
    due = loop.now + 0.0203
    at: list[float] = []
    loop.call_at(due, lambda: (at.append(time.monotonic()), loop.stop()))
    loop.run()
    assert 0 <= at[0] - due < 0.5


def test_a_cancelled_timer_never_runs_even_if_it_is_due_in_the_same_wake_up(loop: Loop) -> None:
    ran: list[str] = []
    loop.call_at(loop.now, lambda: second.cancel())
    second = loop.call_at(loop.now, lambda: ran.append("second"))
    loop.call_at(loop.now, loop.stop)
    loop.run()
    assert ran == []


def test_what_is_decided_is_carried_out_together_and_before_anything_new(loop: Loop) -> None:
    ran: list[str] = []

    def decide(name: str) -> None:
        ran.append(name)
        loop.before_sleep(lambda: ran.append(f"{name} carried out"))
        loop.call_at(loop.now, loop.stop)  # due at once, but of the next wake-up

    loop.call_at(loop.now, lambda: decide("first"))
    loop.call_at(loop.now, lambda: decide("second"))
    loop.run()
    assert ran == ["first", "second", "first carried out", "second carried out"]


def test_of_very_many_the_first_does_not_wait_for_the_last(loop: Loop) -> None:
    ran: list[int] = []
    for number in range(3 * AT_MOST):
        loop.call_at(loop.now, partial(loop.before_sleep, partial(ran.append, number)))
    waiting: list[int] = []
    loop.call_at(loop.now, lambda: (waiting.extend(ran), loop.stop()))
    loop.run()
    assert ran == [*range(3 * AT_MOST)]
    assert waiting == ran  # none of them waits: the last sixteen were carried out before whoever came next


def test_it_stays_awake_until_then_and_hears_what_arrives(
    loop: Loop, pair: tuple[socket.socket, socket.socket]
) -> None:
    heard: list[bytes] = []
    left, right = pair
    loop.add_reader(left.fileno(), lambda: heard.append(left.recv(100)))
    loop.stay_awake(loop.now + 0.4)
    loop.call_at(loop.now, lambda: right.send(b"1"))
    before = time.process_time()
    loop.call_later(0.4, loop.stop)
    loop.run()
    assert heard == [b"1"]
    assert not loop.awake
    assert time.process_time() - before > 0.005  # of 0.4 s, of which other processes may take most


def test_leisure_comes_one_by_one_after_whoever_is_ready_or_due(
    loop: Loop, pair: tuple[socket.socket, socket.socket]
) -> None:
    ran: list[str] = []
    left, right = pair
    loop.add_reader(left.fileno(), lambda: (left.recv(100), ran.append("heard")))
    for name in ("first", "second", "third"):
        loop.call_at_leisure(partial(ran.append, name), 5)
    loop.call_at_leisure(lambda: ran.append("cancelled"), 5).cancel()
    loop.call_at_leisure(loop.stop, 5)
    loop.call_at(loop.now, lambda: (ran.append("due"), right.send(b"1")))
    began = loop.now
    loop.run()
    assert ran == ["due", "first", "heard", "second", "third"] or ran == ["due", "heard", "first", "second", "third"]
    assert loop.now - began < 5


def test_without_leisure_it_comes_when_its_time_is_over_and_not_twice(loop: Loop) -> None:
    ran: list[bool] = []
    loop.stay_awake(loop.now + 0.2)
    loop.call_at_leisure(lambda: ran.append(loop.awake), 0.05)
    loop.call_later(0.25, loop.stop)
    loop.run()
    assert ran == [True]


def test_the_end_carries_out_what_is_decided(loop: Loop) -> None:
    ran: list[str] = []
    loop.call_at(loop.now, lambda: (loop.before_sleep(lambda: ran.append("carried out")), loop.stop()))
    loop.run()
    assert ran == ["carried out"]


def test_what_the_carrying_out_decides_does_not_wait_for_an_event(loop: Loop) -> None:
    loop.before_sleep(lambda: loop.before_sleep(loop.stop))
    loop.run()


def test_a_timer_in_the_past_runs_at_once(loop: Loop) -> None:
    loop.call_at(loop.now - 5, loop.stop)
    before = time.monotonic()
    loop.run()
    assert time.monotonic() - before < 1


def test_what_has_arrived_is_heard_before_a_due_timer(loop: Loop, pair: tuple[socket.socket, socket.socket]) -> None:
    heard: list[str] = []
    left, right = pair
    loop.add_reader(left.fileno(), lambda: heard.append(left.recv(100).decode()))
    loop.call_later(0.01, lambda: (heard.append("timeout"), loop.stop()))
    time.sleep(0.05)  # the process was held up: both are due
    right.send(b"advertisement")
    loop.run()
    assert heard == ["advertisement", "timeout"]


def test_what_arrives_while_the_process_wakes_up_is_heard_before_a_due_timer(
    loop: Loop, pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause between the end of the sleep and the reading of the clock must not promote a Backup."""
    heard: list[str] = []
    left, right = pair
    clock = time.monotonic

    def paused_then() -> float:
        monkeypatch.setattr(time, "monotonic", clock)
        right.send(b"advertisement")
        return clock() + 1

    loop.add_reader(left.fileno(), lambda: heard.append(left.recv(100).decode()))
    loop.call_later(0.5, lambda: (heard.append("timeout"), loop.stop()))
    loop.call_later(0.0, lambda: monkeypatch.setattr(time, "monotonic", paused_then))
    loop.call_later(0.01, lambda: None)
    loop.run()
    assert heard == ["advertisement", "timeout"]


def test_a_timer_that_renews_itself_at_once_does_not_keep_readers_waiting(
    loop: Loop, pair: tuple[socket.socket, socket.socket]
) -> None:
    def again() -> None:
        loop.call_later(0, again)

    again()
    loop.add_reader(pair[0].fileno(), loop.stop)
    pair[1].send(b"x")
    loop.run()
    assert time.monotonic() - loop.now < 5


def test_a_reader_removed_by_the_writer_before_it_is_not_called(
    loop: Loop, pair: tuple[socket.socket, socket.socket]
) -> None:
    called: list[str] = []
    left, right = pair
    loop.add_writer(left.fileno(), lambda: (called.append("writer"), loop.remove(left.fileno()), loop.stop()))
    loop.add_reader(left.fileno(), lambda: called.append("reader"))
    right.send(b"x")
    loop.run()
    assert called == ["writer"]


def test_reader_and_writer_of_one_descriptor_come_and_go_alone(
    loop: Loop, pair: tuple[socket.socket, socket.socket]
) -> None:
    left, right = pair
    loop.add_reader(left.fileno(), lambda: (left.recv(10), loop.stop()))
    loop.add_writer(left.fileno(), lambda: loop.remove_writer(left.fileno()))
    loop.call_later(0.01, lambda: right.send(b"x"))
    loop.run()
    loop.remove_reader(left.fileno())
    loop.remove_reader(left.fileno())  # twice does not matter


def test_the_end_of_the_other_side_is_a_reason_to_read(loop: Loop, pair: tuple[socket.socket, socket.socket]) -> None:
    got: list[bytes] = []
    loop.add_reader(pair[0].fileno(), lambda: (got.append(pair[0].recv(10)), loop.stop()))
    pair[1].close()
    loop.run()
    assert got == [b""]


def test_signals_are_delivered_in_the_loop_and_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    loop = Loop()
    try:
        loop.on_signal(signal.SIGUSR1, loop.stop)
        loop.call_later(0.01, lambda: os.kill(os.getpid(), signal.SIGUSR1))
        loop.run()
    finally:
        loop.close()
    assert signal.getsignal(signal.SIGUSR1) == before


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", -9), ("exit 0", 0)])
def test_a_child_is_reaped_with_its_exit_code(loop: Loop, script: str, code: int) -> None:
    ended: list[int] = []
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", script], os.environ)
    loop.watch_child(pid, lambda status: (ended.append(status), loop.stop()))
    loop.run()
    assert ended == [code]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_that_ended_before_it_was_watched_is_still_reported(loop: Loop) -> None:
    pid = os.posix_spawn("/bin/true", ["true"], os.environ)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    loop.watch_child(pid, lambda _: loop.stop())
    loop.run()
    assert loop._children == {}


def test_many_children_ending_together_are_all_reaped(loop: Loop) -> None:
    left = {os.posix_spawn("/bin/true", ["true"], os.environ) for _ in range(20)}

    def ended(pid: int, _status: int) -> None:
        left.discard(pid)
        if not left:
            loop.stop()

    for pid in tuple(left):
        loop.watch_child(pid, partial(ended, pid))
    loop.run()
    assert left == set()
