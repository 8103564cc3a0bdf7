# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the VRRP worker begin with: hosts with addresses, configurations, scripts that tell."""

from __future__ import annotations

from network import Host, Network, eventually, lines
from routers import instance

DOWN = 3 + 156 / 256  # Active_Down_Interval of priority 100 at one second
SLACK = 1.5  # seconds for the start of a process and a busy machine
VIP = "192.0.2.100/24"


def single(network: Network, name: str = "ours", number: int = 1) -> Host:
    host = network.host(name, eth0="lan")
    host.ip(f"addr add 192.0.2.{number}/24 dev eth0")
    return host


def double(network: Network, name: str, number: int) -> Host:
    host = network.host(name, eth0="lan", eth1="back")
    host.ip(f"addr add 192.0.2.{number}/24 dev eth0", f"addr add 10.0.0.{number}/24 dev eth1")
    return host


def one(priority: int = 100, *words: str, vips: str = VIP) -> str:
    return instance("VI_1", 51, priority, *words, virtual_ipaddress=vips)


def group(priority: int, *words: str) -> str:
    front = instance("front", 51, priority, "interface eth0", *words, virtual_ipaddress=VIP)
    back = instance("back", 52, priority, "interface eth1", *words, virtual_ipaddress="10.0.0.100/24")
    return f"vrrp_sync_group VG {{\n  group {{\n    front\n    back\n  }}\n}}\n{front}{back}"


def tells(folder: Host) -> str:
    """A notify script that appends its arguments to a file."""
    script = folder.folder / "notify.sh"
    script.write_text(f'#!/bin/sh\nsleep 0.05\necho "$@" >> {folder.folder}/told\n')
    script.chmod(0o755)
    return str(script)


def told(host: Host) -> list[str]:
    return list(lines(host.folder / "told"))


class Monitor:
    """`ip monitor address` on a host: which addresses came and went."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.log = host.folder / "monitor.log"
        self.process = host.start("ip", "monitor", "address", log=self.log)
        self._marks = 0
        self._catch_up()

    def _catch_up(self) -> None:
        """Wait until it has shown a change made now, and so everything before it."""
        self._marks += 1
        mark = f"198.51.100.{self._marks}/32"

        def seen() -> bool:
            self.host.ip(f"addr replace {mark} dev lo")
            return any(mark in line for line in lines(self.log))

        eventually(seen, within=5)
        assert self.process.poll() is None

    def changes(self, address: str) -> list[str]:
        """Every line about `address` so far."""
        self._catch_up()
        return [line for line in lines(self.log) if f" {address} " in line]
