# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsctl reexec` waits until all processes run the new version, and says which one did not."""

from __future__ import annotations

import socket
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.server import ControlServer, EventLog, Refused
from lvsd.ctl import reexec as ctl
from lvsd.ctl.sockets import Failed
from lvsd.loop import Loop


def shown(image: int, *workers: tuple[str, int], complete: bool = True, problems: tuple[str, ...] = ()) -> Any:
    """What the parent shows: its image and its workers with the images that they run."""
    return {
        "release": f"0.{image}",
        "digest": f"d{image}",
        "pid": 1,
        "started_at": float(image),
        "complete": complete,
        "takeover": {"problems": list(problems)},
        "workers": [{"name": name, "release": f"0.{of}", "digest": f"d{of}", "pid": 10 + of} for name, of in workers],
    }


class Parent:
    """The socket of a parent, answered by a loop in a thread: one answer after the other, the last one for ever."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: list[Any] = []
        self.refusal = ""
        self.orders = 0
        self.loop = Loop()
        self.ending, self.end = socket.socketpair()
        handlers: dict[str, Any] = {"show": self.show, "reexec": self.reexec}
        self.server = ControlServer(self.loop, folder / "lvsd.sock", handlers, EventLog("lvsd"))
        self.loop.add_reader(self.ending.fileno(), self.loop.stop)
        self.thread = threading.Thread(target=self.loop.run)
        self.thread.start()

    def show(self, _: Any) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise Refused("not now")
        return answer

    def reexec(self, _: Any) -> dict[str, Any]:
        self.orders += 1
        if self.refusal:
            raise Refused(self.refusal)
        return {}

    def stop(self) -> None:
        self.end.send(b"x")
        self.thread.join(10)
        self.server.close()
        self.loop.close()
        self.ending.close()
        self.end.close()

    def run(self, wait: float = 20.0) -> Any:
        return ctl.reexec(Namespace(runtime_dir=self.folder, wait=wait))


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    parent = Parent(tmp_path)
    yield parent
    parent.stop()


OLD = shown(1, ("vrrp", 1), ("checker", 1))
NEW = shown(2, ("vrrp", 2), ("checker", 2))


def test_the_versions_before_and_after(parent: Parent) -> None:
    parent.answers = [OLD, NEW]
    document, text = parent.run()
    assert (document["ok"], parent.orders) == (True, 1)
    assert document["before"]["vrrp"] == {"release": "0.1", "digest": "d1", "pid": 11}
    assert document["after"]["checker"] == {"release": "0.2", "digest": "d2", "pid": 12}
    assert text().splitlines() == [
        "PROCESS  BEFORE           AFTER",
        "lvsd     0.1 d1 (pid 1)   0.2 d2 (pid 1)",
        "vrrp     0.1 d1 (pid 11)  0.2 d2 (pid 12)",
        "checker  0.1 d1 (pid 11)  0.2 d2 (pid 12)",
    ]


def test_it_waits_until_the_next_image_has_all_its_workers(parent: Parent) -> None:
    unfinished = shown(2, ("vrrp", 2), ("checker", 1), complete=False)
    parent.answers = [OLD, OLD, None, unfinished, unfinished, NEW]
    document, _text = parent.run()
    assert document["after"] == ctl.versions(NEW)
    assert len(parent.answers) == 1


def test_what_was_not_replaced_is_a_failure(parent: Parent) -> None:
    parent.answers = [OLD, shown(2, ("vrrp", 1), ("checker", 2), problems=("vrrp: does not answer",))]
    with pytest.raises(Failed, match="not all was replaced: vrrp: does not answer") as error:
        parent.run()
    assert error.value.answer["ok"] is False
    assert error.value.answer["after"]["vrrp"]["release"] == "0.1"


def test_a_refusal_is_passed_on(parent: Parent) -> None:
    parent.answers, parent.refusal = [OLD], "the new version does not start"
    with pytest.raises(Failed, match="the new version does not start"):
        parent.run()


def test_it_does_not_wait_for_ever(parent: Parent) -> None:
    parent.answers = [OLD]
    with pytest.raises(Failed, match="not complete in time"):
        parent.run(wait=0.3)


def test_a_process_that_is_new_or_gone_is_a_dash() -> None:
    before: dict[str, dict[str, Any]] = {
        "lvsd": {"release": "0.1", "digest": None, "pid": 1},
        "old": {"release": "0.1", "digest": "d", "pid": 2},
    }
    after: dict[str, dict[str, Any]] = {
        "lvsd": {"release": "0.2", "digest": "e", "pid": 1},
        "new": {"release": "0.2", "digest": "e", "pid": None},
    }
    rows = {line.split()[0]: line for line in ctl.text(before, after).splitlines()}
    assert " ".join(rows["lvsd"].split()) == "lvsd 0.1 (pid 1) 0.2 e (pid 1)"
    assert rows["old"].endswith("-")
    assert rows["new"].split() == ["new", "-", "-"]
