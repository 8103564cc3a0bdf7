# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of several processes on one timeline, and a worker's stream of them."""

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.ctl import events
from lvsd.ctl.events import _Stream

LOG = st.lists(st.integers(0, 5).map(float))


def test_events_of_all_workers_stand_on_one_timeline() -> None:
    a = [{"time": 1.0, "source": "vrrp", "seq": 1}, {"time": 3.0, "source": "vrrp", "seq": 2}]
    b = [{"time": 2.0, "source": "checker", "seq": 1}, {"time": 3.0, "source": "checker", "seq": 2}]
    order = [(event["source"], event["seq"]) for event in events.merged([a, b], 100)]
    assert order == [("vrrp", 1), ("checker", 1), ("checker", 2), ("vrrp", 2)]
    assert len(events.merged([a, b], 3)) == 3
    assert events.merged([a, b], 0) == []


def test_an_event_is_a_line_with_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    event = {"time": 1000.5, "source": "vrrp", "message": "VI_1: Backup -> Active (timeout)"}
    assert events.line(event) == "1970-01-01 00:16:40.500  vrrp     VI_1: Backup -> Active (timeout)"
    assert "\033[32m" in events.line(event, colour=True)


@given(st.dictionaries(st.sampled_from(["lvsd", "vrrp", "checker"]), LOG), st.integers(-2, 20))
def test_the_newest_are_left_in_the_order_of_time_and_of_each_source(logs: dict[str, list[float]], last: int) -> None:
    made = [
        [{"time": when, "source": source, "seq": number} for number, when in enumerate(sorted(times))]
        for source, times in logs.items()
    ]
    every = events.merged(made, 1000)
    assert [event["time"] for event in every] == sorted(event["time"] for event in every)
    assert len(every) == sum(map(len, made))
    for log in made:
        assert [event for event in every if log and event["source"] == log[0]["source"]] == log
    assert events.merged(made, last) == (every[-last:] if last > 0 else [])


@pytest.mark.parametrize(
    ("message", "colour"),
    [
        ("VI_1: Backup -> Active (timeout)", "\033[32m"),
        ("10.0.0.1:80 is up", "\033[32m"),
        ("VI_1: Active -> Initialize (eth0 is down)", "\033[31m"),
        ("lvsd: reload refused", "\033[31m"),
        ("VI_1: Active -> Backup (preempted)", "\033[33m"),
        ("vrrp: started (pid 7)", ""),
    ],
)
def test_an_event_has_the_colour_of_what_it_means(message: str, colour: str) -> None:
    text = events.line({"time": 0.0, "source": "vrrp", "message": message}, colour=True)
    assert text.endswith(f"{colour}{message}\033[0m" if colour else f"  {message}")


class Worker:
    """A worker's socket; the test says what comes over it."""

    def __init__(self, path: Path) -> None:
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(os.fspath(path))
        self.listening.listen()
        self.path = path

    def accept(self) -> socket.socket:
        connection, _ = self.listening.accept()
        assert json.loads(connection.recv(4096)) == {"verb": "events", "follow": True}
        return connection


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "vrrp.sock")
    yield worker
    worker.listening.close()


def event(seq: int, when: float) -> dict[str, Any]:
    return {"time": when, "source": "vrrp", "seq": seq, "message": str(seq)}


def opened(worker: Worker, *log: dict[str, Any], since: float = 0.0) -> tuple[_Stream, socket.socket, list[Any]]:
    """A stream of which the first line was answered with that log."""
    stream = _Stream(worker.path)
    stream.since = since
    stream.socket, far = socket.socketpair()
    far.sendall(json.dumps({"ok": True, "events": log}).encode() + b"\n")
    return stream, far, stream.read()


def test_a_worker_that_is_not_there_gives_nothing_and_no_descriptor(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    stream = _Stream(tmp_path / "none.sock")
    assert stream.connect() == []
    assert stream.socket is None
    assert os.listdir("/proc/self/fd") == before


def test_of_the_log_of_a_worker_that_has_restarted_only_what_is_new_is_shown(worker: Worker) -> None:
    stream, far, new = opened(worker, event(1, 10.0), event(2, 20.0), since=10.0)
    with far:
        assert new == [event(2, 20.0)]
        assert stream.since == 20.0
    assert stream.read() == []
    assert stream.socket is None


def test_what_follows_the_log_is_shown_whatever_the_clock_says(worker: Worker) -> None:
    stream, far, _ = opened(worker, event(1, 10.0))
    with far:
        far.sendall(json.dumps({"event": event(2, 3.0)}).encode() + b"\n")
        assert stream.read() == [event(2, 3.0)]
        assert stream.since == 10.0
    assert stream.socket
    stream.socket.close()


@pytest.mark.parametrize("at", [1, 20, 60])
def test_an_event_that_comes_in_pieces_is_one_event(worker: Worker, at: int) -> None:
    stream, far, _ = opened(worker)
    line = json.dumps({"event": event(1, 1.0)}).encode() + b"\n"
    with far:
        far.sendall(line[:at])
        assert stream.read() == []
        far.sendall(line[at:] + line)
        assert stream.read() == [event(1, 1.0)] * 2
    assert stream.socket
    stream.socket.close()
