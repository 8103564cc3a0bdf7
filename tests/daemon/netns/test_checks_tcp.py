# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP_CHECK against real listeners on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from lvsd.check.probe_spec import Target, TcpProbe
from probes import LOCALHOST, RUNTIME, closed_port, http, outcome, serving, silent


def test_a_listening_server_passes_tcp() -> None:
    for address in ("127.0.0.1", "::1"):
        with serving(silent, address) as target:
            result = outcome(TcpProbe(target))
            assert (result.passed, result.detail) == (True, "connected")
            assert 0 < result.latency < 2


@pytest.mark.parametrize("kind", ["tcp", "http", "tls"])
def test_a_closed_port_is_refused(kind: str) -> None:
    target = closed_port()
    probe = TcpProbe(target) if kind == "tcp" else http(target, tls=kind == "tls")
    result = outcome(probe)
    assert (result.passed, result.looked, result.detail) == (False, True, "connection refused")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"bindto": ip_address("192.0.2.1")}, "cannot assign requested address"),
        ({"bind_if": "none"}, "no such device"),
    ],
)
def test_what_cannot_be_bound_says_nothing_about_the_server(how: dict[str, Any], reason: str) -> None:
    with serving(silent) as target:
        result = outcome(TcpProbe(Target(address=LOCALHOST, port=target.port, **how)))
    assert (result.looked, result.detail) == (False, reason)


def test_a_port_of_ours_that_is_still_taken_says_nothing_about_the_server() -> None:
    free = closed_port().port
    with serving(silent) as target:
        bound = Target(address=LOCALHOST, port=target.port, bind_port=free)
        with socket.create_connection((str(LOCALHOST), target.port), source_address=(str(LOCALHOST), free)):
            result = outcome(TcpProbe(bound))
    assert (result.looked, result.detail) == (False, "address already in use")


def test_without_a_descriptor_left_nothing_is_said_about_any_server() -> None:
    """Each kind of check; their modules may not have been read yet."""
    done = subprocess.run([sys.executable, "-c", NO_DESCRIPTOR], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["False"] * 4, done.stdout + done.stderr


NO_DESCRIPTOR = f"""
import os, resource, sys
sys.path[:0] = [{str(RUNTIME)!r}, {str(RUNTIME.parent)!r}, {str(Path(__file__).parent)!r}]
from probes import LOCALHOST, Loop, Result, Searcher, Target, http, start
from lvsd.programs.client import Programs
from lvsd.check.probe_spec import MiscProbe, TcpProbe
from lvsd.model import Command
loop = Loop()
searcher = Searcher(loop)
target = Target(address=LOCALHOST, port=9)
true = MiscProbe(command=Command(("/bin/true",), "root"))
probes = [TcpProbe(target), http(target, digest="0" * 32), http(target, tls=True), true]
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
held = []
while True:
    try:
        held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        break
results = []
for probe in probes:
    start(loop, probe, 0, 2.0, lambda result: (results.append(result), loop.stop()), searcher, Programs(loop))
    loop.run()
for number in held:
    os.close(number)
print(*(result.looked for result in results))
"""


def test_a_port_that_cannot_be_is_a_failure_not_a_crash() -> None:
    result = outcome(TcpProbe(Target(address=LOCALHOST, port=70000)))
    assert (result.passed, result.looked) == (False, True)
    assert not outcome(TcpProbe(Target(address=LOCALHOST, port=0))).passed


def test_a_check_is_bound_to_address_and_port() -> None:
    seen: list[Any] = []
    free = closed_port().port
    with serving(lambda connection: seen.append(connection.getpeername())) as target:
        bound = Target(address=LOCALHOST, port=target.port, bindto=ip_address("127.0.0.9"), bind_port=free)
        assert outcome(TcpProbe(bound)).passed
    assert seen == [("127.0.0.9", free)]
