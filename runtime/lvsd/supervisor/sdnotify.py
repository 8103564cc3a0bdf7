# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sd_notify(3) without a library: one datagram of KEY=value lines to $NOTIFY_SOCKET."""

from __future__ import annotations

import os
import socket
import time

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")  # said to the parent alone


def notify(*lines: str) -> None:
    """Tell systemd, if it asked to be told; never raises for what happens on that side."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as sender:
        try:
            sender.sendto("\n".join(lines).encode(), name)
        except OSError:
            pass


def reloading() -> None:
    """Tell systemd that a reload begins (sd_notify(3), RELOADING=1)."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def watchdog_interval() -> float | None:
    """How often `WATCHDOG=1` is due, in seconds: half of WatchdogSec; None where there is no watchdog."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 2e6 if microseconds.isdigit() and for_us else None
