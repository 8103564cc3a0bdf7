# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole daemon on a host of the network: parent, VRRP worker, lvsctl."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from lvsd.control.server import Unreachable, request
from network import Network, eventually
from routers import PATH, instance

VIP = "192.0.2.1/24"
ONE = instance("VI_1", 51, 150, virtual_ipaddress=VIP)
TWO = ONE + instance("VI_2", 52, 150, virtual_ipaddress="192.0.2.2/24")


class Director:
    """`lvsd` on a host, in the foreground unless told otherwise, and `lvsctl` beside it."""

    def __init__(self, network: Network, name: str, address: str, text: str, *options: str) -> None:
        self.host = network.host(name, eth0="lan")
        self.host.ip(f"addr add {address} dev eth0")
        self.folder = self.host.folder
        self.run = self.folder / "run"
        self.config = self.folder / "lvsd.conf"
        self.log = self.folder / "log"
        self.options = options or ("-n",)
        self.config.write_text(text)
        self.start()

    def words(self) -> list[str]:
        where = ["--runtime-dir", str(self.run), "--state-dir", str(self.folder / "state")]
        return [sys.executable, "-m", "lvsd", "-f", str(self.config), *where, *self.options]

    def start(self) -> None:
        self.process = self.host.start(*self.words(), log=self.log, PYTHONPATH=PATH)
        eventually(lambda: self.pid("vrrp") and "vrrp" in self.workers(), within=15)

    def crash(self) -> None:
        """The parent, and nobody else."""
        self.process.kill()
        self.process.wait(5)
        self.host.network.running.append(self._end_orphan)

    def _end_orphan(self) -> None:
        if (pid := self.pid("vrrp")) and not self.pid("lvsd"):
            os.kill(pid, signal.SIGKILL)

    def pid(self, name: str) -> int | None:
        try:
            return int(request(self.run / f"{name}.sock", "ping", timeout=5)["pid"])
        except Unreachable:
            return None

    def workers(self) -> dict[str, dict[str, Any]]:
        """What the parent says of its workers, by name; nothing of those that it has not met yet."""
        try:
            return {row["name"]: row for row in request(self.run / "lvsd.sock", "show", timeout=5)["workers"]}
        except Unreachable:
            return {}

    def worker(self, name: str) -> dict[str, Any]:
        return self.workers()[name]

    def active(self) -> bool:
        try:
            instances = request(self.run / "vrrp.sock", "show", timeout=5)["instances"]
        except Unreachable:
            return False
        return bool(instances) and all(instance["state"] == "Active" for instance in instances)

    def lvsctl(self, *words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "lvsd.ctl", "--runtime-dir", str(self.run), *words],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(PATH)},
        )
        return done.returncode, done.stdout, done.stderr

    def holds(self, address: str = VIP) -> bool:
        return address in self.host.addresses()


def alone(network: Network, text: str = ONE, *options: str) -> Director:
    director = Director(network, "a", "192.0.2.11/24", text, *options)
    eventually(director.active, within=8)
    return director


def gone(pid: int | None) -> bool:
    """It has ended; whoever is to reap it may not have done so yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
