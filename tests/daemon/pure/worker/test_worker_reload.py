# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's reload: a child reads, the worker goes on meanwhile and takes what the child has found."""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd import conf
from lvsd.control.server import Answer, Later, Refused
from lvsd.loop import Loop
from lvsd.model import Configuration
from lvsd.worker import reload
from lvsd.worker.reload import ConfigurationRead, ReadConfiguration, WorkerReload

from tests.support.loops import run_until

SERVICE = "virtual_server 192.0.2.1 {} {{\n real_server 192.0.2.11 80 {{\n }}\n}}\n"


class Asker:
    """A WorkerReload on a file, in a loop that runs until what is waited for is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loop = Loop()
        self.taken: list[Configuration] = []
        self.said: list[str] = []
        self.refusal: Refused | None = None
        self.reloads = WorkerReload(self.loop, path, self.take, self.said.append)
        self.answers: list[dict[str, Any]] = []

    def take(self, configuration: Configuration) -> Answer:
        if self.refusal:
            raise self.refusal
        self.taken.append(configuration)
        return {"changes": len(self.taken)}

    def write(self, port: int) -> None:
        self.path.write_text(SERVICE.format(port))

    def ask(self) -> None:
        later = self.reloads.ask({})
        assert isinstance(later, Later)
        later.then(self.answers.append)

    def until(self, there: Callable[[], Any]) -> None:
        run_until(self.loop, there, within=20)

    def ports(self) -> list[object]:
        return [taken.virtual_servers[0].port for taken in self.taken]


@pytest.fixture
def asker(tmp_path: Path) -> Iterator[Asker]:
    asker = Asker(tmp_path / "part.conf")
    asker.write(80)
    yield asker
    asker.loop.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], object]]:
    """The child waits with its reading until this is called, as for a large configuration; each child once."""
    reader, writer = os.pipe()
    look = reload.look

    def slowly(path: Path, running: Configuration) -> ConfigurationRead:
        os.close(writer)  # the child ends with the test, whatever becomes of that
        os.read(reader, 1)
        return look(path, running)

    monkeypatch.setattr(reload, "look", slowly)
    monkeypatch.setattr(os, "closerange", lambda low, high: None)  # the child keeps the pipe
    yield lambda: os.write(writer, b"x")
    os.close(reader)
    os.close(writer)


def test_what_the_file_says_is_taken_and_answered(asker: Asker) -> None:
    asker.ask()
    asker.until(lambda: asker.answers)
    assert asker.ports() == [80]
    assert asker.answers == [{"version": 1, "ok": True, "changes": 1}]
    assert asker.taken[0] == conf.load(asker.path).configuration


def test_the_loop_goes_on_while_the_child_reads(asker: Asker, gate: Callable[[], None]) -> None:
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(asker.loop.now)
        asker.loop.call_later(0.01, tick)

    asker.ask()
    tick()
    asker.until(lambda: len(ticks) > 20)
    assert asker.answers == []
    gate()
    asker.until(lambda: asker.answers)
    assert asker.answers[0]["ok"]


def test_requests_during_a_reading_are_answered_by_the_next_one(asker: Asker, gate: Callable[[], None]) -> None:
    asker.ask()
    asker.write(81)
    for _ in range(3):
        asker.ask()
    gate()
    asker.until(lambda: len(asker.answers) == 4)
    assert asker.ports()[-1] == 81
    assert len(asker.taken) == 2
    assert [answer["changes"] for answer in asker.answers] == [1, 2, 2, 2]


def test_what_runs_already_comes_as_the_very_same_object(asker: Asker) -> None:
    """So that the worker need not unpack and compare it: the child has."""
    running = conf.load(asker.path).configuration
    asker.reloads.running = running
    asker.path.write_text(f"# the same in other words\n{asker.path.read_text()}")
    asker.ask()
    asker.until(lambda: asker.answers)
    assert asker.taken[0] is running
    found = reload.look(asker.path, running)
    assert (found.errors, found.configuration) == ((), None)


def test_a_file_that_says_what_it_said_is_taken_without_a_child(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a child has read it; a file of before is not taken for the last one."""
    for port in (81, 82):
        asker.write(port)
        asker.ask()
        asker.until(lambda: not asker.reloads._reading)
    monkeypatch.setattr(os, "fork", no_process)
    asker.ask()
    assert asker.ports() == [81, 82, 82]
    assert asker.taken[2] is asker.taken[1] is asker.reloads.running
    asker.write(81)
    asker.ask()
    assert asker.ports() == [81, 82, 82]
    assert asker.answers[-1]["error"] == "the configuration cannot be read: Resource temporarily unavailable"


def no_process() -> int:
    raise OSError(11, "Resource temporarily unavailable")


@pytest.mark.parametrize(
    ("text", "reason"),
    [("virtual_server 192.0.2.1 80 {\n", "never closed"), (None, "No such file or directory")],
    ids=["wrong", "absent"],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(asker: Asker, text: str | None, reason: str) -> None:
    asker.path.unlink()
    if text:
        asker.path.write_text(text)
    asker.ask()
    asker.until(lambda: asker.answers)
    (answer,) = asker.answers
    assert (answer["ok"], asker.taken) == (False, [])
    assert answer["error"].startswith(f"{asker.path}:")
    assert answer["findings"][0] == answer["error"] == asker.said[0]
    asker.write(82)
    asker.ask()
    asker.until(lambda: len(asker.answers) == 2)
    assert asker.ports() == [82]


def test_what_the_worker_refuses_is_not_what_runs(asker: Asker) -> None:
    before = asker.reloads.running
    asker.refusal = Refused("no", why="the kernel")
    asker.ask()
    asker.until(lambda: asker.answers)
    assert asker.answers == [{"version": 1, "ok": False, "error": "no", "why": "the kernel"}]
    assert asker.reloads.running is before


def test_a_worker_that_stops_refuses_what_waits_and_what_comes(asker: Asker, gate: Callable[[], None]) -> None:
    asker.ask()
    asker.ask()
    child = asker.reloads._reading
    assert child is not None
    asker.reloads.end("it is stopping")
    asker.ask()
    assert [answer["error"] for answer in asker.answers] == ["it is stopping"] * 3
    asker.until(lambda: not Path(f"/proc/{child._child.pid}").exists())  # ended, and reaped
    assert asker.taken == []


def test_a_child_that_dies_is_a_refusal(asker: Asker, gate: Callable[[], None]) -> None:
    asker.ask()
    assert asker.reloads._reading is not None
    asker.reloads._reading._child.send(signal.SIGKILL)
    asker.until(lambda: asker.answers)
    assert asker.answers[0]["error"] == reload.ENDED_EARLY


def test_half_an_answer_is_none() -> None:
    whole = pickle.dumps(ConfigurationRead(configuration=Configuration()))
    assert reload.told(whole).configuration == Configuration()
    assert reload.told(whole[:-5]).errors == reload.told(b"").errors == (reload.ENDED_EARLY,)


def test_without_a_process_for_the_child_it_is_refused(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = set(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(os, "fork", no_process)
    asker.ask()
    assert asker.answers[0]["error"] == "the configuration cannot be read: Resource temporarily unavailable"
    assert set(os.listdir("/proc/self/fd")) <= opened


def test_the_child_has_its_pipe_and_nothing_else_of_its_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A connection that stays open in there would hide from the parent that the worker has died."""

    def look(_path: Path, _running: Configuration) -> ConfigurationRead:
        opened = {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2}
        return ConfigurationRead((str(len(opened) - 2),))  # the pipe, and that of listdir itself

    assert threading.active_count() == 1
    monkeypatch.setattr(reload, "look", look)
    loop = Loop()
    found: list[ConfigurationRead] = []
    ReadConfiguration(loop, tmp_path, Configuration(), lambda told: (found.append(told), loop.stop()))
    loop.run()
    assert found == [ConfigurationRead(("0",))]
    loop.close()
