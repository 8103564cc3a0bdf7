# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd is told."""

from pathlib import Path

from daemons import VRRP, Daemon


def test_systemd_is_told_what_goes_on_and_that_it_goes_on(daemon: Daemon) -> None:
    daemon.environment["WATCHDOG_USEC"] = "100000"
    daemon.start(VRRP)
    for _ in range(3):
        daemon.await_line("WATCHDOG=1")
    daemon.ask("reload")
    daemon.await_line("RELOADING=1")
    daemon.await_line("READY=1")
    daemon.process.terminate()
    daemon.await_line("STOPPING=1")
    assert daemon.wait() == 0


def test_workers_do_not_speak_to_systemd(daemon: Daemon) -> None:
    daemon.start(VRRP)
    environment = Path(f"/proc/{daemon.pid('vrrp')}/environ").read_bytes()
    assert b"PYTHONPATH=" in environment
    assert b"NOTIFY_SOCKET" not in environment
