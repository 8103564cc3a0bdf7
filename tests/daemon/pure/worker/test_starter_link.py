# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that is not root's, and a socket that systemd would listen on."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.loop import Loop
from lvsd.model import Command, Configuration
from lvsd.programs import protocol
from lvsd.programs.client import HAS_ENDED, Programs
from lvsd.programs.protocol import Ended, NotRun, RefusedProgram
from lvsd.worker import starter_link
from lvsd.worker.starter_link import StarterLink, socket_of

from tests.support.programs import naming

COMMAND = Command(("/bin/true",))


class Scene:
    """The worker's side, and a systemd that does what the test says."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.programs = Programs(self.loop)
        self.path = socket_of(folder / "lvsd")
        self.said: list[str] = []
        self.judged: list[tuple[list[RefusedProgram], str | None]] = []
        self.running: Configuration = conf.parse(naming(COMMAND)).configuration
        self.link = StarterLink(self.programs, self.path, self._judge, lambda text, _severity: self.said.append(text))
        self.listening: socket.socket | None = None

    def _judge(self, refused: list[RefusedProgram], error: str | None) -> None:
        self.judged.append((refused, error))

    def listen(self) -> None:
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listening.bind(str(self.path))
        self.listening.listen(4)

    def accept(self) -> socket.socket:
        """A connection whose first order has arrived: to read the configuration."""
        assert self.listening is not None
        self.listening.settimeout(10)
        connection, _unused = self.listening.accept()
        return connection

    def follow(self) -> None:
        self.programs.take(self.running)

    def until(self, condition: Callable[[], Any]) -> None:
        def look() -> None:
            if condition():
                self.loop.stop()
            else:
                self.loop.call_later(0.005, look)

        limit = self.loop.call_later(10, self.loop.stop)
        self.loop.call_later(0, look)
        self.loop.run()
        limit.cancel()
        assert condition()

    def start(self) -> Any:
        told: list[Ended | NotRun] = []
        self.programs.start(COMMAND, limit=9, grace=1, done=told.append, refused=told.append)
        self.until(lambda: told)
        return told[0]

    def shown(self) -> list[dict[str, Any]]:
        told: list[list[dict[str, Any]]] = []
        self.programs.refused(told.append)
        self.until(lambda: told)
        return told[0]

    def close(self) -> None:
        self.link.close()
        self.programs.close()
        self.loop.close()
        if self.listening is not None:
            self.listening.close()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(starter_link, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(starter_link, "LONGEST_PAUSE", 0.05)
    scene = Scene(tmp_path)
    yield scene
    scene.close()


def configured(connection: socket.socket) -> int:
    """The number of the order to read the configuration."""
    connection.settimeout(10)
    order = protocol.order(connection.recv(1 << 17))
    assert isinstance(order, protocol.ConfigureOrder)
    return order.asked


def test_the_socket_stands_beside_the_folder_of_the_system_user() -> None:
    assert socket_of(Path("/run/lvsd")) == Path("/run/lvsd-starter.sock")


def test_where_no_one_listens_every_program_is_refused_with_the_reason_which_is_said_once(scene: Scene) -> None:
    scene.follow()
    why = f"there is no starter: {scene.path}: no such file or directory"
    assert scene.start() == scene.start() == NotRun(why, known=True)
    (shown,) = scene.shown()
    assert (shown["program"], shown["reason"]) == ("/bin/true", why)
    text = "no program is run until systemd has started a starter (lvsd-starter.socket): "
    assert scene.said == [f"{text}{scene.path}: no such file or directory"]
    assert not scene.programs.lost


def test_without_a_descriptor_it_asks_again_and_the_worker_has_its_configuration(scene: Scene) -> None:
    """The checker has changed the kernel's table by then: an error would be a refusal of what it has taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    scene.listen()
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        scene.follow()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (said,) = scene.said
    assert said.endswith("too many open files")
    scene.until(lambda: scene.programs.connected)


def test_it_asks_again_until_there_is_one(scene: Scene) -> None:
    scene.follow()
    scene.listen()
    scene.until(lambda: scene.programs._connection)
    with scene.accept() as connection:
        connection.send(protocol.packet(protocol.ConfiguredReport(configured(connection))))
        scene.until(lambda: scene.judged)
    assert scene.judged == [([], None)]
    assert scene.said[1:] == ["programs are run again"]


def test_another_one_follows_a_starter_that_ends_and_what_ran_is_told(scene: Scene) -> None:
    scene.listen()
    scene.follow()
    told: list[Any] = []
    scene.programs.start(COMMAND, limit=9, grace=1, done=told.append, refused=told.append)
    scene.accept().close()
    scene.until(lambda: told)
    assert told == [Ended(None, HAS_ENDED)]
    scene.until(lambda: scene.programs._connection)
    with scene.accept() as connection:
        connection.send(protocol.packet(protocol.ConfiguredReport(configured(connection))))
        scene.until(lambda: len(scene.said) == 2)
    assert scene.said[1] == "programs are run again"


def test_a_starter_that_ends_again_and_again_is_complained_about_once(scene: Scene) -> None:
    scene.listen()
    scene.follow()
    for _ in range(4):
        scene.accept().close()
        scene.until(lambda: scene.programs._connection is None)
        scene.until(lambda: scene.programs._connection)
    assert len(scene.said) == 1


def test_the_user_that_would_have_run_it_is_shown(scene: Scene) -> None:
    scene.running = conf.parse("global_defs {\n script_user nobody\n}\n" + naming(COMMAND)).configuration
    scene.follow()
    assert [program["user"] for program in scene.shown()] == ["nobody"]


def test_it_does_not_ask_behind_its_end(scene: Scene) -> None:
    scene.follow()
    scene.link.close()
    scene.listen()
    timer = scene.loop.call_later(0.1, scene.loop.stop)
    scene.loop.run()
    timer.cancel()
    assert scene.programs._connection is None


def test_a_worker_whose_starter_has_ended_stays_and_says_why_no_program_runs(scene: Scene) -> None:
    """It has not lost what it cannot get again: it makes no room for a successor."""
    scene.listen()
    scene.follow()
    assert scene.listening is not None
    connection = scene.accept()
    scene.listening.close()
    connection.close()
    scene.until(lambda: scene.said)
    assert not scene.programs.lost
    assert scene.start().reason.startswith("there is no starter: ")


def test_a_worker_without_programs_asks_for_no_starter_until_a_reload_brings_one(scene: Scene) -> None:
    named, scene.running = scene.running, Configuration()
    scene.listen()
    scene.follow()
    assert not scene.programs.connected
    assert scene.said == []
    scene.running = named
    scene.follow()
    with scene.accept() as connection:
        first = configured(connection)
        scene.follow()
        assert configured(connection) > first  # each reload is read


def test_a_starter_that_ends_is_not_asked_for_again_where_no_program_is_left(scene: Scene) -> None:
    scene.listen()
    scene.follow()
    connection = scene.accept()
    scene.running = Configuration()
    scene.follow()
    connection.close()
    scene.until(lambda: not scene.programs.connected)
    timer = scene.loop.call_later(0.1, scene.loop.stop)
    scene.loop.run()
    timer.cancel()
    assert not scene.programs.connected
    assert scene.said == []
