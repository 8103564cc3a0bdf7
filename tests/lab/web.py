# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server that a real server of the lab runs: nginx, whose page on every path is the machine's name.

It is in the image and disabled; its configuration is guest/nginx.conf.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from .machine import Machine


def serve(machines: Iterable[Machine], timeout: float = 60) -> None:
    """Start it on all of them, side by side, now and at boot. Raises ssh.CommandFailed."""
    every = list(machines)
    with ThreadPoolExecutor(max_workers=max(1, len(every))) as pool:
        list(pool.map(lambda machine: machine.run("systemctl -q enable --now nginx", timeout=timeout), every))
