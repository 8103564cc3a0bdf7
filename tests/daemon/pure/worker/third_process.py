# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of the worker that works at nothing (tests/daemon/pure/supervisor/third), started by hand."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lvsd.control.server import Unreachable, request

ROOT = Path(__file__).parents[4]
THIRD = ROOT / "tests" / "daemon" / "pure" / "supervisor"
SERVICE = "virtual_server 192.0.2.1 {} {{\n real_server 192.0.2.11 80 {{\n }}\n}}\n"


def eventually(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + 20
    while True:
        try:
            if found := condition():
                return found
        except (Unreachable, OSError):
            pass
        assert time.monotonic() < until
        time.sleep(0.02)


class Third:
    """Processes of the third worker, started by hand on one part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "third.conf"
        self.processes: list[subprocess.Popen[bytes]] = []

    def write(self, *ports: int) -> None:
        self.config.write_text("".join(SERVICE.format(port) for port in ports))

    def spawn(self, *options: str, umask: int = -1) -> "subprocess.Popen[bytes]":
        words = [
            "--worker",
            "third",
            "--use-file",
            str(self.config),
            "--log-console",
            "--runtime-dir",
            str(self.folder),
        ]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{THIRD}"}
        with (self.folder / "log").open("ab") as log:
            argv = [sys.executable, "-m", "third", *words, *options]
            process = subprocess.Popen(argv, env=environment, stderr=log, stdin=subprocess.DEVNULL, umask=umask)
        self.processes.append(process)
        return process

    def start(self) -> "subprocess.Popen[bytes]":
        """Returns once it answers."""
        process = self.spawn()
        eventually(lambda: self.ask("ping")["pid"] == process.pid)
        return process

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        return request(self.folder / "third.sock", verb, timeout=10, **arguments)

    @property
    def notes(self) -> list[str]:
        return (self.folder / "third.notes").read_text().split()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextmanager
def thirds(folder: Path) -> Iterator[Third]:
    """Processes on a part with one service, which end with the block."""
    third = Third(folder)
    third.write(80)
    yield third
    for process in third.processes:
        process.kill()
        process.wait()
