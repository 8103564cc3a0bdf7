# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's side, beside a starter that the test plays."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from lvsd.loop import Loop
from lvsd.model import Command
from lvsd.programs import client as module
from lvsd.programs import protocol
from lvsd.programs.client import Programs, Run, Shown
from lvsd.programs.protocol import (
    ConfiguredReport,
    ConfigureOrder,
    Ended,
    EndOrder,
    EndReport,
    JudgedReport,
    JudgeOrder,
    NotRun,
    Order,
    RefusedProgram,
    Report,
    SocketOrder,
    SocketReport,
    StartOrder,
)

Kind = TypeVar("Kind", bound=Order)

TRUE = Command(("/bin/true",))
GONE = RefusedProgram("/x", "root", "/x: no such file or directory", 1.0)


class Scene:
    def __init__(self) -> None:
        self.loop = Loop()
        self.programs = Programs(self.loop)
        ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.theirs.setblocking(False)
        self.told: list[Ended | NotRun] = []
        self.judged: list[tuple[list[RefusedProgram], str | None]] = []
        self.losses: list[str] = []
        self.programs.connect(ours, lambda programs, error: self.judged.append((programs, error)), self.losses.append)

    def start(self, *arguments: str) -> Run:
        told = self.told.append
        return self.programs.start(TRUE, arguments, limit=9, grace=0.01, done=told, refused=told)

    def turn(self, seconds: float = 0.02) -> None:
        self.loop.call_later(seconds, self.loop.stop)
        self.loop.run()

    def until(self, condition: Callable[[], object]) -> None:
        for _ in range(500):
            if condition():
                return
            self.turn()
        raise AssertionError

    def orders(self) -> list[Order]:
        found: list[Order] = []
        while True:
            try:
                found.append(protocol.order(self.theirs.recv(1 << 20)))
            except BlockingIOError:
                return found

    def orders_of(self, kind: type[Kind]) -> list[Kind]:
        """The orders that have arrived; all are of this kind."""
        found = self.orders()
        known: list[Kind] = [order for order in found if isinstance(order, kind)]
        assert len(known) == len(found)
        return known

    def say(self, *reports: Report) -> None:
        for report in reports:
            self.theirs.send(protocol.packet(report))


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.programs.close()
    scene.theirs.close()
    scene.loop.close()


def test_without_a_starter_no_program_is_run_and_the_caller_holds_the_run_first() -> None:
    loop = Loop()
    told: list[Ended | NotRun] = []
    shown: list[Shown] = []

    def refused(why: NotRun) -> None:
        told.append(why)
        loop.stop()

    programs = Programs(loop)
    programs.start(TRUE, limit=1, grace=1, done=told.append, refused=refused)
    assert told == []
    loop.run()
    assert told == [NotRun("there is no process that starts programs")]
    programs.configure()
    programs.refused(shown.append)
    assert shown == [[]]
    programs.close()
    loop.close()


def test_orders_that_have_no_room_wait_and_keep_their_order(scene: Scene) -> None:
    for n in range(3000):
        scene.start(str(n), "x" * 500)
    assert scene.programs._waiting  # and no call has waited
    orders: list[StartOrder] = []
    scene.until(lambda: orders.extend(scene.orders_of(StartOrder)) or len(orders) == 3000)
    assert [order.arguments[0] for order in orders] == [str(n) for n in range(3000)]
    scene.say(*(EndReport(order.run, Ended(0)) for order in orders[:50]))
    scene.until(lambda: len(scene.told) == 50)


def test_what_has_no_room_at_the_end_is_sent_before_the_connection_is_closed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FLUSHED_WITHIN", 20.0)
    for n in range(1000):
        scene.start(str(n), "x" * 500)
    received: list[bytes] = []

    def read() -> None:
        for _ in range(1001):
            received.append(scene.theirs.recv(1 << 20))

    scene.theirs.setblocking(True)
    reader = threading.Thread(target=read)
    reader.start()
    scene.programs.close()
    reader.join(20)
    orders = [protocol.order(packet) for packet in received[:-1]]
    starts = [order.arguments[0] for order in orders if isinstance(order, StartOrder)]
    assert starts == [str(n) for n in range(1000)]
    assert received[-1] == b""


def test_arguments_that_are_too_long_for_a_packet_are_refused(scene: Scene) -> None:
    scene.start("x" * protocol.LONGEST)
    scene.until(lambda: scene.told)
    assert scene.told == [NotRun("its arguments are too long")]
    assert scene.orders() == []


def test_a_run_that_no_signal_ends_is_given_up_and_its_end_is_not_told_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GIVE_UP", 0.05)
    run = scene.start()
    run.stop()
    start, end = scene.orders()
    assert isinstance(start, StartOrder)
    assert end == EndOrder(start.run, at_once=False)
    scene.until(lambda: scene.told)
    assert scene.told == [Ended(None)]
    scene.say(EndReport(start.run, Ended(0)))
    scene.turn()
    assert scene.told == [Ended(None)]
    run.kill()
    assert scene.orders() == []


def test_the_refused_programs_are_those_of_the_answer(scene: Scene) -> None:
    shown: list[Shown] = []
    scene.programs.refused(shown.append)
    (order,) = scene.orders_of(JudgeOrder)
    scene.say(GONE, JudgedReport(order.asked))
    scene.until(lambda: shown)
    assert shown == [[GONE.shown()]]
    scene.say(ConfiguredReport(0))
    scene.until(lambda: scene.judged)
    assert scene.judged == [([], None)]


def test_a_starter_that_does_not_answer_leaves_what_was_known(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JUDGED_WITHIN", 0.05)
    scene.say(GONE, ConfiguredReport(0, "wrong"))
    scene.until(lambda: scene.judged)
    assert scene.judged == [([GONE], "wrong")]
    shown: list[Shown] = []
    scene.programs.refused(shown.append)
    scene.until(lambda: shown)
    assert shown == [[GONE.shown()]]
    scene.say(JudgedReport(scene.orders_of(JudgeOrder)[0].asked))  # too late
    scene.turn()
    assert len(shown) == 1


def test_a_configuration_has_settled_when_the_last_order_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[str] = []
    scene.programs.settled(lambda: settled.append("none"))
    assert settled == ["none"]
    scene.programs.configure()
    scene.programs.configure()
    scene.programs.settled(lambda: settled.append("both"))
    first, second = scene.orders_of(ConfigureOrder)
    scene.say(ConfiguredReport(first.asked))
    scene.turn()
    assert settled == ["none"]
    scene.say(ConfiguredReport(second.asked))
    scene.until(lambda: settled == ["none", "both"])
    monkeypatch.setattr(module, "SETTLED_WITHIN", 0.05)
    scene.programs.configure()
    scene.programs.settled(lambda: settled.append("late"))
    scene.until(lambda: settled[-1] == "late")


def test_a_starter_that_ends_ends_every_run_and_every_question(scene: Scene) -> None:
    shown: list[Shown] = []
    for _ in range(3):
        scene.start()
    scene.programs.refused(shown.append)
    scene.theirs.close()
    scene.until(lambda: scene.losses)
    assert scene.told == 3 * [Ended(None, "the process that starts programs has ended")]
    assert shown == [[]]
    scene.start()
    scene.until(lambda: len(scene.told) == 4)
    assert scene.told[3] == NotRun("the process that starts programs has ended")
    assert len(scene.losses) == 1


def test_an_order_to_one_that_has_ended_raises_nothing(scene: Scene) -> None:
    scene.theirs.close()
    scene.start()
    scene.start()
    scene.until(lambda: len(scene.told) == 2)
    assert len(scene.losses) == 1


def test_a_starter_that_cannot_be_understood_is_given_up(scene: Scene) -> None:
    scene.start()
    scene.theirs.send(b"what?")
    scene.until(lambda: scene.losses)
    assert "cannot be understood" in scene.losses[0]
    assert scene.told == [Ended(None, "the process that starts programs has ended")]
    assert scene.theirs.recv(1 << 20)  # the order
    assert scene.theirs.recv(1) == b""


def test_a_socket_that_was_asked_for_comes_once_or_not_at_all(scene: Scene) -> None:
    got: list[socket.socket | None] = []
    scene.programs.make_socket(got.append)
    scene.programs.make_socket(got.append)
    first, second = scene.orders_of(SocketOrder)
    with socket.socket(socket.AF_UNIX) as bound:
        socket.send_fds(scene.theirs, [protocol.packet(SocketReport(first.asked))], [bound.fileno()])
    scene.until(lambda: got)
    passed = got[0]
    assert passed is not None
    assert passed.family == socket.AF_UNIX
    assert not passed.get_inheritable()
    passed.close()
    scene.say(SocketReport(second.asked, "permission denied"), SocketReport(99))
    scene.until(lambda: got[1:])
    assert got[1] is None


def test_whoever_waits_for_a_socket_hears_that_the_starter_has_ended(scene: Scene) -> None:
    got: list[socket.socket | None] = []
    scene.programs.make_socket(got.append)
    scene.theirs.close()
    scene.until(lambda: got)
    scene.programs.make_socket(got.append)
    scene.until(lambda: got[1:])
    assert got == [None, None]
