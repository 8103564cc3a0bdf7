# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the lab: a namespace in which commands run, and from which a steady stream of requests may come."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import network, process
from .paths import REPOSITORY, LabError, Paths
from .topology import Topology
from .traffic import Request, read_requests


@dataclass(frozen=True, slots=True)
class Stream:
    """A running generator (traffic.py). `output` grows by one JSON line per request."""

    name: str
    where: Paths
    output: Path

    @property
    def running(self) -> bool:
        return process.find(self.where.run / "processes", self.name) is not None

    def requests(self) -> tuple[Request, ...]:
        """Those that have ended so far, in the order of their start."""
        return read_requests(self.output.read_text()) if self.output.exists() else ()

    def wait(self, within: float) -> tuple[Request, ...]:
        """Until the stream's own end. Raises LabError when it has not ended `within` seconds."""
        if not process.eventually(lambda: not self.running, within):
            raise LabError(f"the stream {self.name} still runs after {within:.0f} s")
        return self.stop()

    def stop(self) -> tuple[Request, ...]:
        """End the stream: no new requests, those under way are finished. Gives back all."""
        process.end(self.where.run / "processes", self.name, signal.SIGTERM, within=30)
        return self.requests()


@dataclass(frozen=True, slots=True)
class Client:
    """A namespace with a leg on one or more networks."""

    name: str
    topology: Topology
    where: Paths

    @property
    def namespace(self) -> str:
        return self.where.client_namespace(self.name)

    def command(self, words: list[str]) -> list[str]:
        """The command line that runs `words`, a command of the host, in this namespace as the same process."""
        return [*network.enter_command(self.namespace), *words]

    def run(self, words: list[str], *, timeout: float = 60, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the host here. Raises CalledProcessError (unless `check` is False), TimeoutExpired."""
        return subprocess.run(self.command(words), text=True, capture_output=True, timeout=timeout, check=check)

    def stream(
        self, url: str, *, rate: float = 20.0, duration: float = 60.0, timeout: float = 1.0, name: str = "requests"
    ) -> Stream:
        """Start a steady stream: `rate` requests a second, each with its own connection, for `duration` seconds.

        The process outlives its starter, but not its duration nor the lab. A stream of the same name is ended first.
        """
        stream = Stream(f"{self.name}.{name}", self.where, self.where.logs / f"{self.name}.{name}.jsonl")
        stream.stop()
        stream.output.unlink(missing_ok=True)
        words = [
            sys.executable, "-m", "tests.lab.traffic", url, "--rate", str(rate), "--duration", str(duration),
            "--timeout", str(timeout), "--output", str(stream.output),
        ]  # fmt: skip
        with (self.where.logs / f"{stream.name}.log").open("w") as log:
            started = subprocess.Popen(
                self.command(words), cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        process.record(self.where.run / "processes", stream.name, started.pid, str(stream.output))
        started.returncode = 0  # it is ended by its record, also by another process: not this object's to wait for
        if not process.eventually(lambda: stream.output.exists(), 15):
            raise LabError(f"the stream did not start: {(self.where.logs / f'{stream.name}.log').read_text()}")
        return stream
