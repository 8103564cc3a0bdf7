# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A steady stream of HTTP requests, and what it says about a service. Standard library only.

    python3 -m tests.lab.traffic http://192.168.122.140/ --rate 20 --duration 30 --output requests.jsonl

Requests start at fixed times, whatever became of the ones before; each has a connection of its own and a bound on
its whole time. One JSON line per request goes to the output as soon as the request has ended. SIGTERM ends the
stream early: requests under way are finished.
"""

from __future__ import annotations

import argparse
import json
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock
from typing import TextIO
from urllib.parse import urlsplit

LIMIT = 65536  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `start`: monotonic seconds, `time`: wall clock at the start, `latency` in milliseconds;
    `status` 0 and `error` when there was no answer; `server`: the first line of the body."""

    start: float
    time: float
    latency: float
    status: int = 0
    server: str = ""
    error: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def end(self) -> float:
        """Monotonic seconds."""
        return self.start + self.latency / 1000


@dataclass(frozen=True, slots=True)
class Summary:
    """`gap`: the longest time in ms from the end of one good answer to the end of the next; `gap_began`: the wall
    clock at which it began; `shares`: good answers per server; `errors`: failures per reason."""

    requests: int
    failures: int
    gap: float
    gap_began: float
    shares: dict[str, int]
    errors: dict[str, int]
    median: float
    slowest: float


# --- pure ------------------------------------------------------------------------------------------------------------


def read_requests(text: str) -> tuple[Request, ...]:
    """The output of a stream, in the order of start; a last line that is still being written is left out."""
    rows = [row for row in text.splitlines(keepends=True) if row.endswith("\n")]
    return tuple(sorted((Request(**json.loads(row)) for row in rows), key=lambda request: request.start))


def summarize(requests: Iterable[Request]) -> Summary:
    """Pure. With fewer than two good answers the gap is 0 and says nothing: look at `failures`."""
    every = tuple(requests)
    good = sorted((request for request in every if request.good), key=lambda request: request.end)
    gap, began = longest_gap(good)
    latencies = sorted(request.latency for request in good)
    return Summary(
        requests=len(every),
        failures=len(every) - len(good),
        gap=gap,
        gap_began=began,
        shares=dict(sorted(Counter(request.server for request in good).items())),
        errors=dict(Counter(request.error or f"status {request.status}" for request in every if not request.good)),
        median=latencies[len(latencies) // 2] if latencies else 0.0,
        slowest=latencies[-1] if latencies else 0.0,
    )


def longest_gap(good: Sequence[Request]) -> tuple[float, float]:
    """(milliseconds, wall clock at its begin), of good answers in the order of their ends."""
    gaps = [((b.end - a.end) * 1000, a.time + a.latency / 1000) for a, b in pairwise(good)]
    return max(gaps, default=(0.0, 0.0))


def read_answer(data: bytes) -> tuple[int, str]:
    """(status, first line of the body) of an HTTP answer. ValueError when it is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if not words[0].startswith(b"HTTP/") or len(words) < 2:
        raise ValueError("not an HTTP answer")
    return int(words[1]), body.decode(errors="replace").strip().partition("\n")[0]


# --- the generator ---------------------------------------------------------------------------------------------------


def request(url: str, timeout: float) -> Request:
    """One GET with a bound on its whole time. Never raises for what the network does: see `error`."""
    start, wall = time.monotonic(), time.time()
    try:
        status, server, error = *read_answer(fetch(url, start + timeout)), ""
    except TimeoutError:
        status, server, error = 0, "", "timeout"
    except OSError as problem:
        status, server, error = 0, "", problem.strerror or type(problem).__name__
    except ValueError as problem:
        status, server, error = 0, "", str(problem)
    return Request(start, wall, (time.monotonic() - start) * 1000, status, server, error)


def fetch(url: str, deadline: float) -> bytes:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    question = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, port), left(deadline)) as connection:
        connection.sendall(question.encode())
        data = b""
        while len(data) < LIMIT:
            connection.settimeout(left(deadline))
            received = connection.recv(LIMIT)
            if not received:
                break
            data += received
    return data


def left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def generate(url: str, rate: float, duration: float, timeout: float, output: TextIO, stop: Event) -> None:
    """Start a request every 1/`rate` seconds for `duration` seconds or until `stop` is set; then finish them."""
    lock = Lock()

    def one() -> None:
        row = json.dumps(asdict(request(url, timeout)))
        with lock:
            output.write(row + "\n")
            output.flush()

    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=max(4, int(rate * timeout) + 4)) as pool:
        for number in range(int(rate * duration)):
            if stop.wait(max(0.0, began + number / rate - time.monotonic())):
                break
            pool.submit(one)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab.traffic", description="A steady stream of requests.")
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--duration", type=float, default=60.0, help="seconds")
    parser.add_argument("--timeout", type=float, default=1.0, help="seconds for one whole request")
    parser.add_argument("--output", type=Path, help="file for the JSON lines (standard output)")
    chosen = parser.parse_args(arguments)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    output = chosen.output.open("a") if chosen.output else sys.stdout
    try:
        generate(chosen.url, chosen.rate, chosen.duration, chosen.timeout, output, stop)
    finally:
        output.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
