# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every signal that somebody may send to a process of ours: the service goes on."""

from __future__ import annotations

import os
import signal
import time

import pytest
from directors import Director, alone
from lvsd import signals
from lvsd.control.server import request
from lvsd.signals import USELESS
from network import Network, eventually, lines

pytestmark = pytest.mark.beside


def tells(director: Director, name: str, text: str) -> int:
    """How often the process has said this since it started."""
    events = request(director.run / f"{name}.sock", "events", timeout=5)["events"]
    return sum(text in event["message"] for event in events)


def test_useless_signals_are_ignored_by_each_process_with_one_line(network: Network) -> None:
    director = alone(network)
    processes = {name: director.pid(name) for name in ("lvsd", "vrrp")}
    for number in sorted(USELESS):
        for pid in processes.values():
            assert pid is not None
            for _ in range(50):
                os.kill(pid, number)
    for name, pid in processes.items():
        eventually(lambda name=name: tells(director, name, "SIGRTMAX ignored") == 1, within=5)
        assert director.pid(name) == pid
        for number in USELESS:
            assert tells(director, name, f"{name}: {signals.name(number)} ignored") == 1
    assert director.worker("vrrp")["restarts"] == 0
    assert director.active()
    assert director.holds()


def test_a_storm_while_it_starts_and_runs_ends_nothing_and_an_order_to_stop_is_heard(network: Network) -> None:
    """Those that keepalived's tools send, to both processes, from the moment that there is a pid file."""
    director = alone(network)
    parent = director.process.pid
    first = director.pid("vrrp")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until, storms, worker = time.monotonic() + 3, 0, None
    while time.monotonic() < until:
        worker = int(next(iter(lines(director.run / "vrrp.pid")), "0")) or None
        for pid in filter(None, (parent, worker)):
            for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGRTMIN + 2, 63, signal.SIGALRM):
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
        storms += 1
        time.sleep(0.0005)
    assert storms > 100
    eventually(lambda: director.active() and director.holds(), within=8)
    assert director.process.poll() is None
    assert director.pid("vrrp") == worker
    assert director.worker("vrrp")["restarts"] == 1
    assert tells(director, "vrrp", "reloaded") < 10
    for _ in range(2000):
        os.kill(parent, signal.SIGUSR1)
    director.process.terminate()
    assert director.process.wait(10) == 0
    assert not director.holds()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGQUIT, 33])
def test_a_worker_that_reports_an_error_of_its_own_is_started_again(network: Network, number: int) -> None:
    director = alone(network)
    pid = director.pid("vrrp")
    assert pid is not None
    os.kill(pid, number)
    eventually(lambda: director.pid("vrrp") not in (None, pid), within=10)
    eventually(lambda: director.active() and director.holds(), within=8)
    assert any(f"ended with signal {signals.name(number)}" in line for line in lines(director.log))
