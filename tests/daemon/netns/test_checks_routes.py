# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes in a namespace where packets vanish and marks choose the route."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from probes import RUNTIME

ONE_PROBE = """
import json, sys
from ipaddress import ip_address
from lvsd.check.probe.start import start
from lvsd.check.probe.regex_search import Searcher
from lvsd.check.probe_spec import Target, TcpProbe
from lvsd.loop import Loop
from lvsd.programs.client import Programs
options = json.loads(sys.argv[1])
timeout = options.pop("timeout")
options["address"] = ip_address(options["address"])
loop = Loop()
def done(result):
    print(json.dumps([result.looked, result.detail, result.latency]))
    loop.stop()
start(loop, TcpProbe(Target(**options)), 0, timeout, done, Searcher(loop), Programs(loop))
loop.run()
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@pytest.fixture
def blackhole() -> Iterator[str]:
    """A namespace in which 192.0.2.9 is a neighbour that nobody is, and mark 7 leads to a route of its own."""
    name = f"lvsd-check-{os.getpid()}"
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "add", "left", "type", "veth", "peer", "name", "right")
        for device in ("left", "right"):
            ip("-n", name, "link", "set", device, "up")
        ip("-n", name, "address", "add", "192.0.2.1/24", "dev", "left")
        ip("-n", name, "neighbour", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev", "left")
        ip("-n", name, "rule", "add", "fwmark", "7", "lookup", "7")
        ip("-n", name, "route", "add", "prohibit", "default", "table", "7")
        yield name
    finally:
        ip("netns", "delete", name)


def probed(name: str, **options: Any) -> tuple[bool, str, float]:
    command = ["ip", "netns", "exec", name, sys.executable, "-c", ONE_PROBE, json.dumps(options)]
    environment = {**os.environ, "PYTHONPATH": str(RUNTIME)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20, env=environment)
    looked, detail, latency = json.loads(done.stdout)
    return looked, detail, latency


def test_packets_that_vanish_are_a_timeout(blackhole: str) -> None:
    looked, detail, latency = probed(blackhole, address="192.0.2.9", port=80, timeout=0.5)
    assert (looked, detail) == (True, "timeout after 0.5 s, connecting")
    assert 0.5 <= latency < 2


def test_without_a_route_a_check_fails_at_once(blackhole: str) -> None:
    assert probed(blackhole, address="198.51.100.1", port=80, timeout=5)[:2] == (True, "network is unreachable")


def test_a_mark_chooses_the_route_and_a_device_is_bound(blackhole: str) -> None:
    marked = probed(blackhole, address="192.0.2.9", port=80, timeout=0.5, fwmark=7)
    assert marked[:2] == (True, "permission denied")
    bound = probed(blackhole, address="127.0.0.1", port=80, timeout=0.5, bind_if="lo")
    assert bound[:2] == (True, "connection refused")
    assert probed(blackhole, address="192.0.2.1", port=80, timeout=0.5, bind_if="none")[:2] == (False, "no such device")
