# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations with many virtual servers, the same text for both daemons, and a look at the kernel's table."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey, Table

from tests.bench.daemons import environment

VIPS, REALS = IPv4Address("10.96.0.0"), IPv4Address("10.128.0.0")
PORT = 80
BACKLOG = 20000  # connections that wait to be accepted: more than there are real servers
RARELY = 3600  # seconds: so that no check happens while something else is measured


@dataclass(frozen=True, slots=True)
class Size:
    """So many virtual servers with so many real servers each."""

    services: int
    servers: int

    def __str__(self) -> str:
        return f"{self.services:,} × {self.servers}"

    @property
    def rows(self) -> int:
        return self.services * (1 + self.servers)

    def vip(self, number: int) -> IPv4Address:
        return VIPS + 1 + number

    def real(self, service: int, number: int) -> IPv4Address:
        return REALS + 1 + service * self.servers + number

    @property
    def last(self) -> ServiceKey:
        return ServiceKey.at(self.vip(self.services - 1), PORT)


def configuration(size: Size, check: str = "", delay: int = RARELY, head: str = "") -> str:
    """`check` is the block inside each real_server, such as TCP_CHECK."""
    blocks = [head]
    for service in range(size.services):
        blocks.append(
            f"virtual_server {size.vip(service)} {PORT} {{\n  delay_loop {delay}\n  lb_algo rr\n  lb_kind NAT\n"
        )
        blocks.append("  protocol TCP\n")
        for number in range(size.servers):
            server = f"  real_server {size.real(service, number)} {PORT} {{\n    weight 1\n    {check}\n  }}\n"
            blocks.append(server)
        blocks.append("}\n")
    return "".join(blocks)


def table(size: Size) -> Table:
    """The same as the kernel's objects."""
    wanted = Table()
    for service in range(size.services):
        key = ServiceKey.at(size.vip(service), PORT)
        wanted.services[key] = Service("rr")
        for number in range(size.servers):
            wanted.destinations[DestinationKey(key, size.real(service, number), PORT)] = Destination(weight=1)
    return wanted


def be_every_server() -> None:
    """Real servers are this machine itself."""
    subprocess.run(["ip", "route", "replace", "local", f"{REALS}/16", "dev", "lo"], check=True, timeout=20)
    Path("/proc/sys/net/core/somaxconn").write_text(str(BACKLOG))


def verify(size: Size) -> None:
    """The kernel holds exactly this many services and destinations, by ipvsadm. Raises AssertionError."""
    lines = ipvsadm("-Ln").splitlines()[3:]
    twice = [line for line, times in Counter(lines).items() if times > 1]
    assert len(lines) == size.rows, f"{len(lines)} lines of ipvsadm -Ln, not {size.rows}; twice: {twice}"


def ipvsadm(*words: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        ["ipvsadm", *words], input=stdin, capture_output=True, text=True, timeout=60, check=True, env=environment()
    )
    return done.stdout
