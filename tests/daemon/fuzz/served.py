# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process with the control socket of a worker: `python -m tests.daemon.fuzz.served SOCKET`.

The verbs are the checker's own, over two services; and one whose answer comes later, one whose answer is there at
once, and one with a long answer.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from lvsd.check.commands import Verbs
from lvsd.check.pool import pools
from lvsd.check.services import Services
from lvsd.check.shared_probes import SharedProbes
from lvsd.control.server import Answer, ControlServer, EventLog, Later
from lvsd.kernel.ipvs_types import Table
from lvsd.loop import Loop
from lvsd.model import Configuration, RealServer, VirtualServer

LONG = "x" * 300_000


def configuration() -> Configuration:
    servers = tuple(RealServer(address=ip_address(f"10.0.0.{n}"), port=80) for n in (11, 12))
    services = ("192.0.2.10", "192.0.2.11")
    return Configuration(
        virtual_servers=tuple(
            VirtualServer(address=ip_address(address), port=80, protocol="TCP", real_servers=servers)
            for address in services
        )
    )


def most_memory() -> int:
    """Bytes that this process has ever had at once (ru_maxrss would know of its parent too)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


class Served:
    """Later answers are given when the next request of anybody comes."""

    def __init__(self, loop: Loop, path: Path) -> None:
        self.loop = loop
        self.log = EventLog("served")
        self.services = Services(loop, SharedProbes(loop), lambda *_: None)
        self.services.load(pools(configuration()), {}, Table())
        verbs = Verbs(self.services, lambda key, order, peer: None, lambda key: {"key": key.endpoint})
        self.server = ControlServer(
            loop,
            path,
            {
                "drain": verbs.drain,
                "enable": verbs.enable,
                "weight": verbs.weight,
                "later": self.later,
                "at_once": self.at_once,
                "show": lambda _: {"services": LONG},
                "memory": lambda _: {"most": most_memory()},
            },
            self.log,
        )

    def later(self, _: Mapping[str, Any]) -> Later:
        later = Later()
        self.loop.call_later(0.001, lambda: later.answer({"late": True}))
        return later

    def at_once(self, _: Mapping[str, Any]) -> Answer | Later:
        later = Later()
        later.answer({"late": False})
        return later


def main() -> None:
    loop = Loop()
    served = Served(loop, Path(sys.argv[1]))
    print("ready", flush=True)
    loop.add_reader(sys.stdin.fileno(), loop.stop)  # ends with whoever started it
    loop.run()
    served.server.close()


if __name__ == "__main__":
    main()
