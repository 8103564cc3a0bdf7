# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two kinds of VRRP router under test, and one who listens: each a process on a host of the network."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvsd.control.server import Unreachable, request
from network import Host, end, eventually, lines

from tests.support.keepalived import HOST, release

RUNTIME = Path(__file__).parents[3] / "runtime"
WITHOUT = Path(__file__).parents[1] / "pure" / "keywords" / "without"  # takes a keyword's effect away
PATH = f"{WITHOUT}:{RUNTIME}" if "LVSD_WITHOUT" in os.environ else str(RUNTIME)


def instance(name: str = "VI_1", vrid: int = 51, priority: int = 100, *words: str, **blocks: str) -> str:
    """A vrrp_instance; `words` are further lines, `blocks` are `{ }` with one line per comma."""
    rows = ["interface eth0", *words] if not any(w.startswith("interface ") for w in words) else list(words)
    body = [f"virtual_router_id {vrid}", f"priority {priority}", "advert_int 1", *rows]
    for keyword, entries in blocks.items():
        body += [f"{keyword} {{", *(f"  {entry.strip()}" for entry in entries.split(",")), "}"]
    return "\n".join([f"vrrp_instance {name} {{", *(f"  {row}" for row in body), "}", ""])


class Lvsd:
    """The VRRP worker on its own."""

    def __init__(self, host: Host, text: str, *options: str) -> None:
        self.host = host
        self.options = options
        self.config = host.folder / "vrrp.conf"
        self.log = host.folder / "lvsd.log"
        self.socket = host.folder / "run" / "vrrp.sock"
        self.configure(text)
        self.start()

    def configure(self, text: str) -> None:
        self.config.write_text(text)

    def start(self) -> None:
        words = ("--worker", "vrrp", "--use-file", str(self.config), "--log-console", *self.options)
        where = ("--runtime-dir", str(self.socket.parent))
        program = (sys.executable, *self.command())
        self.process = self.host.start(*program, *words, *where, log=self.log, PYTHONPATH=PATH)
        eventually(self.answers, within=10)

    def command(self) -> tuple[str, ...]:
        """What Python runs."""
        return ("-m", "lvsd")

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.ask("ping")["pid"] == self.process.pid
        except Unreachable:
            return False

    def ask(self, verb: str, **arguments: object) -> dict[str, Any]:
        return request(self.socket, verb, timeout=5, **arguments)

    def show(self, name: str = "VI_1") -> dict[str, Any]:
        return next(i for i in self.ask("show")["instances"] if i["name"] == name)

    def state(self, name: str = "VI_1") -> str:
        return str(self.show(name)["state"])

    def reaches(self, state: str, name: str = "VI_1", within: float = 5.5) -> None:
        eventually(lambda: self.state(name) == state, within)

    def logged(self, text: str) -> int:
        return sum(text in line for line in lines(self.log))

    def stop(self) -> int:
        return end(self.process)

    def crash(self) -> None:
        self.process.kill()
        self.process.wait(5)

    def replace(self) -> int:
        """Start a successor beside it, and wait until that has taken over; the exit code of the one before."""
        before = self.process
        self.start()
        return before.wait(5)


class Keepalived:
    """keepalived of the distribution, or of a newer one's package, with its files in the host's folder."""

    def __init__(self, host: Host, text: str, suite: str = HOST) -> None:
        self.host = host
        self.release = release(suite)
        self.config = host.folder / "keepalived.conf"
        self.log = host.folder / "keepalived.log"
        self.config.write_text(f"global_defs {{\n  router_id {host.name}\n}}\n{text}")
        self.start()

    def start(self) -> None:
        names = {"-p": "keepalived", "-r": "vrrp", "-c": "checkers", "-b": "bfd"}
        files = {"-f": "keepalived.conf"} | {option: f"{name}.pid" for option, name in names.items()}
        words = [word for option, name in files.items() for word in (option, str(self.host.folder / name))]
        self.log.unlink(missing_ok=True)
        self.process = self.host.start(*self.release.command, "-n", "-l", "-D", "-P", *words, log=self.log)

    def entered(self, state: str, name: str = "VI_1") -> int:
        """How often it has entered MASTER, BACKUP or FAULT since its start."""
        return sum(f"({name}) Entering {state} STATE" in line for line in lines(self.log))

    def reaches(self, state: str, name: str = "VI_1", within: float = 5.5) -> None:
        eventually(lambda: self.last(name) == state, within)

    def last(self, name: str = "VI_1") -> str:
        head = f"({name}) Entering "
        found = [line.partition(head)[2].split()[0] for line in lines(self.log) if head in line]
        return found[-1] if found else ""

    def stop(self) -> int:
        return end(self.process)

    def crash(self) -> None:
        """Both processes at once: the child must not say good-bye, the parent must not start another."""
        child = int((self.host.folder / "vrrp.pid").read_text())
        os.kill(self.process.pid, signal.SIGSTOP)
        os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait(5)


class Listener:
    """Every frame that an interface sees: (seconds of the wall clock, bytes)."""

    def __init__(self, host: Host, interface: str = "eth0") -> None:
        self.file = host.folder / f"{interface}.frames"
        script = Path(__file__).with_name("listen.py")
        host.start(sys.executable, str(script), interface, str(self.file), log=host.folder / "listen.log")
        eventually(self.file.exists, within=5)

    def frames(self) -> list[tuple[float, bytes]]:
        rows = (line.split() for line in lines(self.file))
        return [(float(row[0]), bytes.fromhex(row[1])) for row in rows if len(row) == 2]

    def gratuitous_arps(self, address: bytes) -> list[float]:
        """When a gratuitous ARP for `address` was seen (RFC 5227 §3)."""
        return [
            when
            for when, frame in self.frames()
            if frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42] == address
        ]

    def neighbor_advertisements(self, address: bytes) -> list[float]:
        """When an unsolicited Neighbor Advertisement for `address` was seen (RFC 4861 §7.2.6)."""
        return [
            when
            for when, frame in self.frames()
            if frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 136 and frame[62:78] == address
        ]

    def advertisements(self) -> list[tuple[float, bytes]]:
        """VRRP over IPv4: when, and the bytes from the IPv4 header on."""
        return [(when, frame[14:]) for when, frame in self.frames() if frame[12:14] == b"\x08\0" and frame[23] == 112]


def counters(shown: Mapping[str, Any]) -> dict[str, int]:
    return dict(shown["counters"])
