# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end in order."""

import os
import signal

import pytest
from daemons import CHECKER, VRRP, Daemon, alive, eventually


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_vrrp_stops_before_the_checker(daemon: Daemon, number: int) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    os.kill(daemon.process.pid, number)
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\nchecker\n"
    assert not any(map(alive, pids))
    assert not list(daemon.run.glob("*.sock"))
    assert not list(daemon.run.glob("*.pid"))


def test_a_worker_that_will_not_stop_is_killed(daemon: Daemon) -> None:
    daemon.behave(vrrp={"stubborn": True})
    daemon.start(VRRP + CHECKER)
    pid = daemon.pid("vrrp")
    os.kill(daemon.process.pid, signal.SIGTERM)
    assert daemon.wait() == 0
    assert not alive(pid)
    assert (daemon.run / "ended").read_text() == "checker\n"


def test_a_worker_that_has_crashed_is_started_to_leave_in_order(daemon: Daemon) -> None:
    daemon.behave(vrrp={"exit": 3})
    daemon.start(VRRP)
    eventually(lambda: daemon.workers()["vrrp"]["restarts"] >= 5, within=10)  # the next waits 1.6 s or longer
    daemon.behave()
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\n"


def test_a_stop_does_not_wait_for_a_reload(daemon: Daemon) -> None:
    daemon.start(VRRP + CHECKER)
    pids = daemon.pid("vrrp"), daemon.pid("checker")
    daemon.behave(vrrp={"mute": True})
    daemon.write(VRRP.replace("192.0.2.1/", "192.0.2.3/"))
    os.kill(daemon.process.pid, signal.SIGHUP)
    eventually(lambda: "192.0.2.11" not in (daemon.run / "checker.conf").read_text(), within=5)
    daemon.process.terminate()
    assert daemon.wait() == 0
    assert (daemon.run / "ended").read_text() == "vrrp\nchecker\n"
    assert not any(map(alive, pids))
