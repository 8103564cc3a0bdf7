# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket of a process of its own: whatever clients send, and whenever they leave, it answers `ping` after.

Every complete answer is one JSON object with a version, and an error names what is wrong with the request, never an
exception of ours; nothing reaches standard error.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lvsd.control.connection import LONGEST
from lvsd.control.server import request

from tests.daemon.fuzz.box import fuzz
from tests.daemon.fuzz.noise import either

MOST_MEMORY = 64 << 20  # bytes that the server may ever have
QUICK = 0.02  # seconds without an answer after which a client has seen enough
PATIENT = 10.0
VERBS = ("ping", "events", "drain", "enable", "weight", "show", "later", "at_once", "reload", "", "échec", "\ud800")
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 65535, 10**30, 1.5, float("nan"), float("inf"), "", "192.0.2.10:80/TCP", "192.0.2.10:80",
    "10.0.0.11:80", "10.0.0.12", "x" * 1000, "\0", "\ud800", [], ["10.0.0.11:80"], {}, {"a": [{}]}, [[[[]]]],
)  # fmt: skip
FIELDS = ("service", "server", "weight", "name", "since", "follow", "verb", "")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("control") / "served.sock"
    errors = path.with_name("errors")
    with errors.open("wb") as said:
        served = subprocess.Popen(
            [sys.executable, "-m", "tests.daemon.fuzz.served", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            assert served.stdout is not None
            assert served.stdin is not None
            assert served.stdout.readline() == b"ready\n"
            yield path
            assert request(path, "ping")["pid"] == served.pid
            assert request(path, "memory")["most"] < MOST_MEMORY
            served.stdin.close()
            assert served.wait(PATIENT) == 0
        finally:
            served.kill()
            served.wait(PATIENT)
    assert errors.read_text() == ""


def lines(draw: Random) -> bytes:
    """Requests, one of them perhaps with noise in it, perhaps without an end."""
    found = [json.dumps(asked(draw)).encode() for _ in range(draw.choice((1, 1, 2, 5)))]
    data = b"\n".join(found) + draw.choice((b"\n", b"\n", b"\r\n", b""))
    return either(draw, [data], 4096) if draw.random() < 0.5 else data


def asked(draw: Random) -> dict[str, Any]:
    fields = {draw.choice(FIELDS): draw.choice(VALUES) for _ in range(draw.randint(0, 4))}
    return {**fields, "verb": draw.choice(VERBS)} if draw.random() < 0.9 else fields


def connected(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(str(path))  # waits while the backlog is full
    client.settimeout(PATIENT)
    return client


def sent(client: socket.socket, data: bytes) -> None:
    try:
        client.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server has cut us off: its right


def answers(client: socket.socket, patience: float) -> list[dict[str, Any]]:
    """What comes until it closes, or is silent for so long; a piece of an answer at the end does not count."""
    received = bytearray()
    while select.select([client], [], [], patience)[0]:
        try:
            data = client.recv(1 << 16)
        except ConnectionResetError:
            break
        if not data:
            break
        received += data
    return [json.loads(line) for line in received.split(b"\n")[:-1]]


def sound(answer: dict[str, Any]) -> None:
    if "event" in answer:
        return
    assert answer["version"] == 1
    assert isinstance(answer["ok"], bool)
    if not answer["ok"]:
        first = answer["error"].split(":")[0]
        assert not first.endswith(("Error", "Exception")), answer["error"]


def test_requests_of_every_kind(path: Path) -> None:
    """The client ends its side, and reads what comes; or leaves in the middle."""

    def ask(given: tuple[bytes, int]) -> None:
        data, manner = given
        with connected(path) as client:
            sent(client, data)
            if manner == 0:
                return  # gone, without reading
            if manner == 1:
                select.select([client], [], [], QUICK)
                return  # gone in mid-answer
            client.shutdown(socket.SHUT_WR)
            for answer in answers(client, PATIENT if b"follow" not in data else QUICK):
                sound(answer)

    fuzz("control socket", lambda draw: (lines(draw), draw.choice((0, 1, 2, 2, 2))), ask)
    assert request(path, "ping")["ok"]


MONSTERS = {
    "a line of ten megabytes": b"x" * (10 << 20),
    "a line of ten megabytes of JSON": b'{"verb": "ping", "x": "' + b"y" * (10 << 20) + b'"}\n',
    "ten megabytes of NUL": b"\0" * (10 << 20),
    "ten megabytes of line ends": b"\n" * (10 << 20),
    "lists without end": b"[" * 500_000 + b"\n",
    "objects without end": b'{"a":' * 100_000 + b"\n",
    "a closed nest": b'{"verb": "ping", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "a number of a hundred thousand digits": b'{"verb": "events", "since": ' + b"9" * 100_000 + b"}\n",
    "a hundred thousand requests": b'{"verb": "ping"}\n' * 100_000,
    "requests behind one that is never answered": b'{"verb": "later"}\n' * 100_000,
    "long answers that nobody reads": b'{"verb": "show"}\n' * 900,
    "answers that are there at once": b'{"verb": "at_once"}\n' * 900,
    "a longest line": b'{"verb": "ping"}'.ljust(LONGEST) + b"\n",
}


@pytest.mark.parametrize("monster", MONSTERS, ids=lambda name: name.replace(" ", "-"))
def test_monsters(path: Path, monster: str) -> None:
    """Sent by one who does not read; then by one who does."""
    with connected(path) as rude:
        rude.settimeout(0.2)
        try:
            sent(rude, MONSTERS[monster])
        except TimeoutError:
            pass  # it does not take more before we read: as it should be
        began = time.monotonic()
        assert request(path, "ping")["ok"]
        assert time.monotonic() - began < PATIENT


def test_answers_that_are_there_at_once_do_not_nest(path: Path) -> None:
    """They did: the depth of Python's calls was the limit of what one client could send ahead."""
    with connected(path) as client:
        sent(client, MONSTERS["answers that are there at once"])
        client.shutdown(socket.SHUT_WR)
        assert answers(client, PATIENT) == 900 * [{"version": 1, "ok": True, "late": False}]


def test_thousands_of_connections(path: Path) -> None:
    """Opened and left, some with half a request; more than it takes at once are turned away."""
    held = []
    try:
        for number in range(2000):
            client = connected(path)
            if number % 3 == 0:
                sent(client, b'{"verb": ')
            held.append(client)
            if len(held) > 100:
                held.pop(0).close()
    finally:
        for client in held:
            client.close()
    assert request(path, "ping")["ok"]
