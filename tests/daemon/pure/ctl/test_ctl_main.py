# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsctl` as a process in all but name: arguments in, text and exit code out, real sockets between."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lvsd.control.peer import ASKED_BY
from lvsd.control.server import ControlServer, EventLog, Refused
from lvsd.ctl import events
from lvsd.ctl.__main__ import main
from lvsd.ctl.sockets import Sockets
from lvsd.loop import Loop

SERVERS = {
    "10.0.0.11:80": {
        "key": "10.0.0.11:80",
        "weight": 2,
        "effective_weight": 2,
        "up": True,
        "admin": "enabled",
        "checks": [],
        "active_connections": 3,
        "inactive_connections": 0,
    }
}


class Workers:
    """Parent, vrrp and checker sockets below one directory, answered by one loop in a thread."""

    def __init__(self, directory: Path) -> None:
        self.loop = Loop()
        self.asked: list[Mapping[str, Any]] = []
        self.server = dict(SERVERS["10.0.0.11:80"])
        self.looks = 0
        self.at_look: dict[int, Any] = {}  # what happens while this look is answered
        self.logs = {name: EventLog(name) for name in ("lvsd", "vrrp", "checker")}
        handlers: dict[str, dict[str, Any]] = {
            "lvsd": {"show": self.parent, "reload": self.reload, "config": lambda _: {"text": "global_defs {\n}\n"}},
            "vrrp": {"show": lambda _: {"instances": [], "groups": []}, "failover": self.failover},
            "checker": {"show": self.checker, "drain": self.order, "enable": self.order, "weight": self.order},
        }
        self.servers = [
            ControlServer(self.loop, directory / f"{name}.sock", handlers[name], log) for name, log in self.logs.items()
        ]
        self.todo: list[Any] = []
        self.wake, wake = socket.socketpair()
        self.loop.add_reader(wake.fileno(), lambda: (wake.recv(1), self.todo.pop(0)()))
        self.thread = threading.Thread(target=self.loop.run)

    def parent(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"pid": 1, "version": "0.1.0", "workers": [], "config": "/x", "loaded_at": time.time(), "findings": []}

    def reload(self, _: Mapping[str, Any]) -> dict[str, Any]:
        raise Refused("a.conf:3: wrong", findings=[{"path": "a.conf", "line": 3, "message": "wrong"}])

    def failover(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append({name: value for name, value in request.items() if name != ASKED_BY})
        return {"released": [request["name"] or "VI_1"]}

    def checker(self, _: Mapping[str, Any]) -> dict[str, Any]:
        self.looks += 1
        if self.looks > 2:
            self.server["active_connections"] = 0
        self.at_look.get(self.looks, lambda: None)()
        return {
            "services": [
                {
                    "key": "192.0.2.10:80/TCP",
                    "scheduler": "rr",
                    "forwarding": "NAT",
                    "quorum": {"up": True, "weight": 2, "needed": 1},
                    "sorry_in_use": False,
                    "kernel": None,
                    "servers": [self.server] if self.server else [],
                }
            ]
        }

    def order(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append({name: value for name, value in request.items() if name != ASKED_BY})
        return {"server": self.server}

    def do(self, action: Any) -> None:
        """Have the loop's thread do something."""
        self.todo.append(action)
        self.wake.send(b"x")

    def stop(self) -> None:
        self.do(self.loop.stop)
        self.thread.join(5)
        for server in self.servers:
            server.close()
        self.loop.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path)
    for number, log in enumerate(workers.logs.values()):
        log.add("state", "x", f"event {number}")
    workers.thread.start()
    yield workers
    workers.stop()


@pytest.fixture
def lvsctl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(line: str) -> tuple[int, str, str]:
        code = main(["--runtime-dir", str(tmp_path), *line.split()])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("status", "lvsd 0.1.0, pid 1"),
        ("show vrrp", "no vrrp_instance"),
        ("show checks", "10.0.0.11:80"),
        ("show ipvs", "192.0.2.10:80/TCP"),
        ("show config", "global_defs"),
        ("failover", "handed over: VI_1"),
        ("failover VI_2", "handed over: VI_2"),
        ("drain 192.0.2.10:80 10.0.0.11:80", "10.0.0.11:80 of 192.0.2.10:80/TCP"),
        ("events", "event 2"),
        ("explain nopreempt", "vrrp_instance"),
        ("explain --unimplemented", "not implemented"),
    ],
)
def test_every_verb_has_a_text_and_a_json_form(workers: Workers, lvsctl: Any, line: str, expected: str) -> None:
    code, out, _ = lvsctl(line)
    assert code == 0
    assert expected in out
    for together in (f"--json {line}", f"{line} --json"):
        code, out, _ = lvsctl(together)
        assert code == 0
        assert json.loads(out)["version"] == 1


def test_a_refusal_is_1_with_the_reason_and_the_findings(workers: Workers, lvsctl: Any) -> None:
    code, out, err = lvsctl("reload")
    assert (code, out) == (1, "")
    assert err == "lvsctl: a.conf:3: wrong\na.conf:3: wrong\n"
    code, out, _ = lvsctl("reload --json")
    assert code == 1
    assert json.loads(out)["ok"] is False


def test_what_the_kernel_refuses_after_a_reload_is_1(workers: Workers, lvsctl: Any) -> None:
    refused = {"changes": {}, "refused": ["service 192.0.2.1:80/TCP: scheduler wlc unknown to the kernel"]}
    workers.servers[0].handlers["reload"] = lambda _: refused
    code, _, err = lvsctl("reload")
    assert code == 1
    assert "scheduler wlc unknown to the kernel" in err


def test_no_daemon_is_3_and_says_what_to_look_at(lvsctl: Any) -> None:
    for line in ("status", "show vrrp", "reload", "events", "drain a b"):
        code, out, err = lvsctl(line)
        assert (code, out) == (3, "")
        assert "systemctl status lvsd" in err


def test_a_worker_that_is_not_there_is_3_with_the_likely_reason(workers: Workers, lvsctl: Any, tmp_path: Path) -> None:
    (tmp_path / "vrrp.sock").unlink()
    code, _, err = lvsctl("show vrrp")
    assert code == 3
    assert "nothing is configured for it" in err
    assert lvsctl("status")[0] == 0


@pytest.mark.parametrize("line", ["", "dance", "show", "show everything", "weight s r", "weight s r -1", "explain"])
def test_wrong_usage_is_2(lvsctl: Any, line: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        lvsctl(line)
    assert stopped.value.code == 2


def test_the_orders_reach_the_checker_with_whole_keys(workers: Workers, lvsctl: Any) -> None:
    lvsctl("weight 192.0.2.10 10.0.0.11 5")
    lvsctl("weight 192.0.2.10:80 10.0.0.11:80 default")
    lvsctl("enable 192.0.2.10:80/TCP 10.0.0.11:80")
    keys = {"service": "192.0.2.10:80/TCP", "server": "10.0.0.11:80"}
    assert workers.asked == [
        {"verb": "weight", **keys, "weight": 5},
        {"verb": "weight", **keys, "weight": None},
        {"verb": "enable", **keys},
    ]


def test_drain_waits_for_the_last_connection(workers: Workers, lvsctl: Any) -> None:
    code, _, err = lvsctl("drain 192.0.2.10:80 10.0.0.11:80 --wait 5")
    assert code == 0
    assert "3 connections left" in err


def test_drain_that_waited_in_vain_is_1_with_the_number(workers: Workers, lvsctl: Any) -> None:
    code, out, err = lvsctl("drain 192.0.2.10:80 10.0.0.11:80 --wait 0 --json")
    assert code == 1
    assert "3 connections are left after 0 s" in err
    assert json.loads(out)["connections"] == 3


def test_an_interrupted_wait_is_not_done(workers: Workers, lvsctl: Any) -> None:
    workers.at_look[2] = lambda: os.kill(os.getpid(), signal.SIGINT)
    code, out, err = lvsctl("drain 192.0.2.10:80 10.0.0.11:80 --wait 30")
    assert (code, out) == (1, "")
    assert "interrupted" in err
    assert [request["verb"] for request in workers.asked] == ["drain"]


def test_a_server_that_vanishes_while_it_is_waited_for_is_not_drained(workers: Workers, lvsctl: Any) -> None:
    workers.at_look[2] = workers.server.clear
    code, _, err = lvsctl("drain 192.0.2.10:80 10.0.0.11:80 --wait 30")
    assert code == 1
    assert "10.0.0.11:80 of 192.0.2.10:80/TCP is not configured any more" in err


def test_a_checker_that_restarts_is_waited_for(workers: Workers, lvsctl: Any, tmp_path: Path) -> None:
    there, away = tmp_path / "checker.sock", tmp_path / "away"
    came_back: list[bool] = []

    def go_away() -> None:
        there.rename(away)
        workers.loop.call_later(0.8, lambda: (away.rename(there), came_back.append(True)))

    workers.at_look[2] = go_away
    code, _, err = lvsctl("drain 192.0.2.10:80 10.0.0.11:80 --wait 30")
    assert code == 0
    assert came_back
    assert "0 connections left" in err


def test_a_checker_that_does_not_come_back_in_time_is_3(workers: Workers, lvsctl: Any, tmp_path: Path) -> None:
    workers.at_look[2] = (tmp_path / "checker.sock").unlink
    code, _, err = lvsctl("drain 192.0.2.10:80 10.0.0.11:80 --wait 1")
    assert code == 3
    assert "checker" in err


def test_events_are_followed_across_the_restart_of_a_worker(workers: Workers, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    seen: list[str] = []

    def take(event: Mapping[str, Any]) -> None:
        seen.append(str(event["message"]))
        if len(seen) == 5:
            raise Enough

    def act() -> None:
        workers.logs["vrrp"].add("state", "x", "first")
        restarted = EventLog("vrrp")
        restarted.add("state", "x", "second")
        workers.servers[1].close()
        workers.servers[1] = ControlServer(workers.loop, tmp_path / "vrrp.sock", {}, restarted)

    workers.do(lambda: workers.loop.call_later(0.3, act))
    with pytest.raises(Enough):
        events.follow(Sockets(tmp_path), 100, take)
    assert seen == ["event 0", "event 1", "event 2", "first", "second"]


def test_events_are_followed_when_the_clock_steps_back(workers: Workers, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    seen: list[str] = []

    def take(event: Mapping[str, Any]) -> None:
        seen.append(str(event["message"]))
        if len(seen) == 4:
            raise Enough

    workers.do(lambda: workers.loop.call_later(0.3, lambda: workers.logs["vrrp"].add("state", "x", "after", time=1.0)))
    with pytest.raises(Enough):
        events.follow(Sockets(tmp_path), 100, take)
    assert seen[-1] == "after"
