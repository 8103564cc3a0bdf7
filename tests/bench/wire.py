# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts on a bridge, each a network namespace, and configurations of many virtual routers for them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.capture import Capture
from tests.bench.daemons import Daemon, environment
from tests.daemon.netns.network import Host, Network

BRIDGE = "lan"
NEAR, FAR = 1, 2  # the last bytes of the two hosts' addresses


class Wire:
    """`near` is the host under measurement, `far` its peer; `capture` hears both."""

    def __init__(self, network: Network) -> None:
        self.near = self._host(network, "near", NEAR)
        self.far = self._host(network, "far", FAR)
        self.capture = Capture(network.switch, BRIDGE)

    def _host(self, network: Network, name: str, number: int) -> Host:
        host = network.host(name, eth0=BRIDGE)
        host.ip(f"addr add 192.0.2.{number}/24 dev eth0")
        return host

    def daemon(self, kind: str, host: Host, text: str, only: str = "-P") -> Daemon:
        """One that lives on `host`."""

        def start(words: list[str], log: Path) -> subprocess.Popen[bytes]:
            return host.start(*words, log=log, **environment())

        return Daemon(kind, host.folder, text, start, only)


@contextmanager
def wire() -> Iterator[Wire]:
    """Everything on it is gone afterwards."""
    with TemporaryDirectory(prefix="lvsd-bench-") as folder, Network(Path(folder)) as network:
        made = Wire(network)
        try:
            yield made
        finally:
            made.capture.close()


def routers(count: int, priority: int, interval: float, globals_: str = "") -> str:
    """VRIDs 1 to `count`, version 3, one address each: 198.51.100.VRID; no second burst of gratuitous ARP."""
    head = f"global_defs {{\n  router_id bench\n  vrrp_garp_master_delay 0\n  {globals_}\n}}\n"
    return head + "".join(
        f"vrrp_instance VI_{vrid} {{\n  interface eth0\n  version 3\n  virtual_router_id {vrid}\n"
        f"  priority {priority}\n  advert_int {interval:g}\n"
        f"  virtual_ipaddress {{\n    198.51.100.{vrid}/32\n  }}\n}}\n"
        for vrid in range(1, count + 1)
    )
