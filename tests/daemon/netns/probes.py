# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on loopback that behave as they are told, and one probe at a time to look at them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from lvsd.check.health import Result
from lvsd.check.probe.regex_search import Searcher
from lvsd.check.probe.start import start
from lvsd.check.probe_spec import HttpProbe, Page, Probe, Target
from lvsd.loop import Loop

from tests.support.programs import LocalPrograms

RUNTIME = Path(__file__).parents[3] / "runtime"
LOCALHOST = ip_address("127.0.0.1")
BODY = b"hello, world"
OK = b"HTTP/1.0 200 OK\r\n\r\n" + BODY

Behaviour = Callable[[socket.socket], None]


@contextmanager
def serving(behaviour: Behaviour, address: str = "127.0.0.1") -> Iterator[Target]:
    """A server that treats every connection so, each in a thread; gone at the end."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    threads: list[threading.Thread] = []
    with socket.create_server((address, 0), family=family) as listener:

        def one(connection: socket.socket) -> None:
            with connection:
                connection.settimeout(5)
                try:
                    behaviour(connection)
                except OSError:  # the probe has left
                    pass

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=one, args=(connection,)))
                threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield Target(address=ip_address(address), port=listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(5)
            for thread in threads:
                thread.join(10)


def answering(answer: bytes, pause: float = 0.0, piece: int = 1 << 20) -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            received = connection.recv(4096)
            if not received:  # the probe has left before it asked
                return
            request += received
        for n in range(0, len(answer), piece):
            connection.sendall(answer[n : n + piece])
            time.sleep(pause)

    return behaviour


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def outcome(probe: Probe, timeout: float = 2.0, url: int = 0, within: float = 8.0) -> Result:
    """Run one probe on a loop of its own: it must end exactly once and leave nothing registered."""
    loop = Loop()
    programs = LocalPrograms(loop)
    before = set(loop._callbacks)
    searcher = Searcher(loop)
    results: list[Result] = []

    def done(result: Result) -> None:
        results.append(result)
        loop.call_later(0.05, loop.stop)

    try:
        start(loop, probe, url, timeout, done, searcher, programs)
        assert not results, "a probe never ends within start()"
        loop.call_later(within, loop.stop)
        loop.run()
        assert len(results) == 1
        searcher.close()
        assert set(loop._callbacks) == before
    finally:
        searcher.close()
        loop.close()
    return results[0]


def http(target: Target, tls: bool = False, path: str = "/", **more: Any) -> HttpProbe:
    settings = {"ssl": more.pop("ssl")} if "ssl" in more else {}
    request = f"GET {path} HTTP/1.0\r\n\r\n".encode()
    return HttpProbe(target=target, pages=(Page(path=path, request=request, **more),), tls=tls, **settings)


def closed_port() -> Target:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return Target(address=LOCALHOST, port=listener.getsockname()[1])
