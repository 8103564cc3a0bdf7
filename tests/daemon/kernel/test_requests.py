# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real server sees of a check: the same bytes from keepalived and from us."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkers import Checker
from inside import eventually

# what it is -> the block inside real_server
CHECKS = {
    "plain": "HTTP_GET {\n url {\n path /a\n }\n }",
    "query": 'HTTP_GET {\n url {\n path "/a/b?c=d&e"\n status_code 200-299 304\n }\n }',
    "virtualhost": "HTTP_GET {\n virtualhost outer\n url {\n path /a\n virtualhost www.example.org\n }\n }",
    "outer virtualhost": "HTTP_GET {\n virtualhost outer.example.org\n url {\n path /a\n }\n }",
    "1.0C": "HTTP_GET {\n http_protocol 1.0C\n url {\n path /a\n }\n }",
    "1.1": "HTTP_GET {\n http_protocol 1.1\n url {\n path /a\n }\n }",
    "real server's virtualhost": "virtualhost real.example.org\n HTTP_GET {\n url {\n path /a\n }\n }",
}


IPV6 = ("plain", "1.1")
CASES = [(name, "127.0.0.1") for name in CHECKS] + [(name, "::1") for name in IPV6]


class CheckStateFile:
    """Answers with 200 and keeps the last request."""

    def __init__(self, port: int) -> None:
        self.request = b""
        self.listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    self.request = connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def recorders() -> Iterator[list[CheckStateFile]]:
    """One for each case, on ports from 8080."""
    recorders = [CheckStateFile(8080 + n) for n in range(len(CASES))]
    yield recorders
    for recorder in recorders:
        recorder.close()


def configuration() -> str:
    services = []
    for n, (name, address) in enumerate(CASES):
        head = f"virtual_server {'2001:db8::10' if ':' in address else '192.0.2.10'} {8080 + n}"
        base = "protocol TCP\n delay_loop 60\n warmup 0\n lb_algo rr\n lb_kind NAT"
        services.append(f"{head} {{\n {base}\n real_server {address} {8080 + n} {{\n {CHECKS[name]}\n }}\n}}\n")
    return "".join(services)


@contextlib.contextmanager
def keepalived(config: Path) -> Iterator[None]:
    files = [f"--{name}={config.with_suffix('.' + name)}" for name in ("pid", "checkers_pid")]
    process = subprocess.Popen(
        ["keepalived", "-C", "-n", "-l", "-f", str(config), *files],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin"},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def taken(recorders: list[CheckStateFile]) -> dict[tuple[str, str], bytes]:
    """What each was asked, once all have been."""
    eventually(lambda: all(recorder.request for recorder in recorders), within=30)
    requests = {case: recorder.request for case, recorder in zip(CASES, recorders, strict=True)}
    for recorder in recorders:
        recorder.request = b""
    return requests


def test_a_server_sees_the_same_request_from_keepalived_and_from_us(
    recorders: list[CheckStateFile], tmp_path: Path
) -> None:
    config = tmp_path / "checker.conf"
    config.write_text(configuration())
    with keepalived(config):
        theirs = taken(recorders)
    checker = Checker(tmp_path)
    try:
        checker.start()
        ours = taken(recorders)
    finally:
        checker.close()
    assert ours == theirs
