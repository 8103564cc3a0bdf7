# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server on a machine whose page is the machine's name: what a real server of the lab serves.

nginx comes from the image's own repository, as a user would install it.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from .machine import Machine

SCRIPT = """
set -e
apt-get -q update >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get -qy install nginx-light >/dev/null
hostname > /var/www/html/index.html
systemctl -q enable --now nginx
"""


def serve(machines: Iterable[Machine], timeout: float = 180) -> None:
    """Install and start it on all of them, side by side; does nothing where it is. Raises ssh.CommandFailed."""
    every = list(machines)
    with ThreadPoolExecutor(max_workers=max(1, len(every))) as pool:
        list(pool.map(lambda machine: machine.run(f"test -e /usr/sbin/nginx || ({SCRIPT})", timeout=timeout), every))
