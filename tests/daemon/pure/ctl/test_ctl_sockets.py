# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the processes of the daemon, and what to do next where there is no answer."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.server import ControlServer, EventLog, Refused
from lvsd.ctl.sockets import Failed, Silent, Sockets
from lvsd.loop import Loop
from lvsd.worker.registry import WORKERS


class Processes:
    """The sockets of some processes below one directory, answered by one loop in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = Loop()
        self.servers: list[ControlServer] = []
        self.ending, self.end = socket.socketpair()
        self.thread = threading.Thread(target=self.loop.run)

    def run(self, *names: str) -> Sockets:
        for name in names:
            handlers: dict[str, Any] = {"show": lambda _, name=name: {"name": name}, "reload": self.refuse}
            self.servers.append(ControlServer(self.loop, self.folder / f"{name}.sock", handlers, EventLog(name)))
        self.loop.add_reader(self.ending.fileno(), self.loop.stop)
        self.thread.start()
        return Sockets(self.folder)

    @staticmethod
    def refuse(_: Any) -> dict[str, Any]:
        raise Refused("a.conf:1: no", findings=[{"line": 1}])

    def stop(self) -> None:
        if self.thread.is_alive():
            self.end.send(b"x")
            self.thread.join(10)
        for server in self.servers:
            server.close()
        self.loop.close()
        self.ending.close()
        self.end.close()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.stop()


def test_an_answer_is_what_the_worker_said(processes: Processes) -> None:
    assert processes.run("vrrp").ask("vrrp", "show") == {"version": 1, "ok": True, "name": "vrrp"}


def test_a_refusal_has_the_reason_and_the_whole_answer(processes: Processes) -> None:
    with pytest.raises(Failed, match=r"^a\.conf:1: no$") as failed:
        processes.run("lvsd").ask("lvsd", "reload")
    assert failed.value.answer["findings"] == [{"line": 1}]


def test_a_failure_that_no_worker_has_answered_has_an_answer_all_the_same() -> None:
    assert Failed("why").answer == {"version": 1, "ok": False, "error": "why"}


def test_without_a_daemon_the_advice_is_to_look_at_the_daemon(tmp_path: Path) -> None:
    for name in ("lvsd", "vrrp"):
        with pytest.raises(Silent) as silent:
            Sockets(tmp_path).ask(name, "show")
        assert str(silent.value).splitlines() == [
            f"{tmp_path}/{name}.sock: [Errno 2] No such file or directory",
            "is lvsd running? systemctl status lvsd; journalctl -u lvsd",
        ]


def test_without_a_worker_the_advice_is_to_look_at_the_configuration(processes: Processes) -> None:
    with pytest.raises(Silent) as silent:
        processes.run("lvsd").ask("checker", "show")
    assert str(silent.value).splitlines()[1] == (
        "lvsd runs without a checker worker: nothing is configured for it, or it restarts (lvsctl status)"
    )


def test_all_are_shown_and_one_that_is_silent_or_refuses_is_none(processes: Processes) -> None:
    sockets = processes.run("lvsd", "vrrp")
    shown = sockets.show_all()
    answered = {name: answer and answer["name"] for name, answer in shown.items()}
    assert answered == {"lvsd": "lvsd", **dict.fromkeys(WORKERS), "vrrp": "vrrp"}


def test_where_all_are_silent_the_first_reason_is_the_parent_s(tmp_path: Path) -> None:
    with pytest.raises(Silent, match=r"lvsd\.sock: "):
        Sockets(tmp_path).show_all()
