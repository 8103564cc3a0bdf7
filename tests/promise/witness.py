# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Those who see whether the promise is kept: on each director, on the wire between them, and the client.

`Scene.under_load` is the whole of it: a steady stream of requests and one long transfer, something done to the active
director meanwhile, and then what everybody saw, as a row of the table.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.demo.wire import IPV4, VRRP, Frames, listening, read_frames
from tests.lab import Lab, LabError, eventually
from tests.lab.machine import Machine
from tests.lab.paths import REPOSITORY
from tests.lab.topology import CLIENT
from tests.lab.traffic import summarize

from .place import GATEWAY, REAL_SERVERS, THERE, URL, VIP
from .tally import Row

RATE = 20.0  # requests a second
TIMEOUT = 1.0  # seconds for one request: not enough for a lost packet to be sent again
LONGEST = 900.0  # seconds that one kind may take
TABLE = f"{VIP}:80={','.join(f'{address}:80' for address in REAL_SERVERS.values())}"


@dataclass(frozen=True, slots=True)
class Watch:
    """watch.py on a director."""

    process: subprocess.Popen[str]

    def look(self, connection: str = "") -> dict[str, Any]:
        """What it has seen since the last look."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"look {connection}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise LabError(f"the watch on a director has ended with {self.process.wait()}")
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer


@contextmanager
def watching(machine: Machine, *tables: str) -> Iterator[Watch]:
    command = [*machine.ssh_command("-T"), f"python3 -I {THERE}/watch.py {' '.join(tables)}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise LabError(f"the watch on {machine.name} did not start")
            yield Watch(process)
        finally:
            process.communicate(timeout=20)  # the end of its input ends it


@dataclass(frozen=True, slots=True)
class Transfer:
    """A long download (transfer.py) of the client."""

    process: subprocess.Popen[bytes]
    output: Path

    def lines(self) -> list[dict[str, Any]]:
        rows = self.output.read_text().splitlines(keepends=True) if self.output.exists() else []
        return [json.loads(row) for row in rows if row.endswith("\n")]

    @property
    def begun(self) -> dict[str, Any]:
        return self.lines()[0]

    def end(self) -> dict[str, Any]:
        """End it as its reader would; what became of it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return self.lines()[-1]


@contextmanager
def transferring(lab: Lab, server: str = "") -> Iterator[Transfer]:
    """A long download through the service, from `server` if it is given."""
    output = lab.where.logs / "transfer.jsonl"
    output.unlink(missing_ok=True)
    words = [sys.executable, "-m", "tests.promise.transfer", VIP, "80", str(output), *([server] if server else [])]
    process = subprocess.Popen(lab.client().command(words), cwd=REPOSITORY, stdin=subprocess.DEVNULL)
    transfer = Transfer(process, output)
    try:
        if not eventually(lambda: bool(transfer.lines()), 20):
            raise LabError("the long transfer did not begin")
        yield transfer
    finally:
        process.kill()
        process.wait()


@dataclass(slots=True)
class Scene:
    """The running pair with its witnesses; `active` is the director that things are done to."""

    lab: Lab
    active: Machine
    peer: Machine
    watches: dict[str, Watch]
    wire: Path  # frames of the peer's leg in the synchronisation network
    rows: list[Row] = field(default_factory=list)

    def under_load(self, kind: str, rounds: int, act: Callable[[], object], server: str = "") -> Row:
        """Do `act` under load, with the long transfer from `server` if it is given; what was seen goes to the table."""
        with transferring(self.lab, server) as transfer:
            connection = f"{CLIENT.links[0].addresses[0].partition('/')[0]}:{transfer.begun['port']}"
            entry = self.look(connection)[self.active.name]["destination"]
            heard = len(read_frames(self.wire))
            stream = self.lab.client().stream(URL, rate=RATE, duration=LONGEST, timeout=TIMEOUT, name="steady")
            self.answered(stream.requests, 0)
            act()
            self.answered(stream.requests, len(stream.requests()))
            seen = self.look(connection)
            client = summarize(stream.stop())
            outcome = transfer.end()
        mine = seen[self.active.name]
        moved = [change for one in seen.values() for change in one["addresses"] if change[1] in (VIP, GATEWAY)]
        moves = len(moved) + handed_over(read_frames(self.wire)[heard:], self.address_of(self.active))
        alive = outcome.get("right") and mine["destination"] == entry is not None
        row = Row(
            kind, rounds, client.requests, client.failures, client.slowest, moves,
            mine["missing"] + mine["restarted"], "alive" if alive else outcome.get("problem") or "another entry",
            outcome.get("pause", 0.0), " ".join(f"{reason}: {n}" for reason, n in client.errors.items()),
        )  # fmt: skip
        self.rows.append(row)
        return row

    def look(self, connection: str = "") -> dict[str, dict[str, Any]]:
        return {name: watch.look(connection) for name, watch in self.watches.items()}

    def answered(self, requests: Callable[[], tuple[object, ...]], before: int) -> None:
        """Wait for half a second's worth of further requests to have ended."""
        if not eventually(lambda: len(requests()) >= before + RATE / 2, 30):
            raise LabError("the stream of requests stands still")

    @staticmethod
    def address_of(machine: Machine) -> bytes:
        """In the synchronisation network, packed."""
        text = machine.interface("sync").addresses[0].partition("/")[0]
        return bytes(int(byte) for byte in text.split("."))


def handed_over(frames: Frames, active: bytes) -> int:
    """Advertisements that only a hand-over sends: of priority 0, or of another router than the active one."""
    adverts = [frame for _, frame in frames if frame[12:14] == IPV4 and frame[23] == VRRP]
    return sum(frame[26:30] != active or frame[36] == 0 for frame in adverts)


@contextmanager
def witnesses(lab: Lab, active: Machine, peer: Machine) -> Iterator[Scene]:
    with ExitStack() as stack:
        watches = {active.name: stack.enter_context(watching(active, TABLE))}
        watches[peer.name] = stack.enter_context(watching(peer))
        wire = stack.enter_context(listening(lab, peer, "eth1"))
        yield Scene(lab, active, peer, watches, wire)
