# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker as a process, and the configurations that the tests give it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inside import eventually, run
from lvsd.control.server import Unreachable, request

RUNTIME = Path(__file__).parents[3] / "runtime"
WITHOUT = Path(__file__).parents[1] / "pure" / "keywords" / "without"  # takes a keyword's effect away
SERVICE = "192.0.2.10:80/TCP"
FIRST, SECOND = "10.0.0.11:80", "10.0.0.12:80"


def script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def real(number: int, weight: int = 1, check: str = "", more: str = "") -> str:
    return f" real_server 10.0.0.{number} 80 {{\n weight {weight}\n {more}\n {check}\n }}\n"


def service(*servers: str, more: str = "", head: str = "virtual_server 192.0.2.10 80", algo: str = "wrr") -> str:
    base = f" protocol TCP\n delay_loop 0.2\n delay_before_retry 0.1\n lb_algo {algo}\n lb_kind NAT\n{more}\n"
    return f"{head} {{\n{base}{''.join(servers)}}}\n"


def flag_check(flag: Path, more: str = "") -> str:
    """Up while the file exists."""
    return f'MISC_CHECK {{\n misc_path "/usr/bin/test -e {flag}"\n misc_timeout 5\n user root\n {more}\n }}'


@dataclass
class Checker:
    """`lvsd --worker checker`, with its files in `folder`."""

    folder: Path
    options: tuple[str, ...] = ()
    within: tuple[str, ...] = ()  # what starts it, and becomes it
    process: subprocess.Popen[bytes] | None = None
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "checker.conf"

    def start(self, configuration: str | None = None) -> None:
        """Returns once it answers."""
        if configuration is not None:
            self.config.write_text(configuration)
        words = ["--worker", "checker", "--use-file", str(self.config), "--log-console", "--no-syslog", "--log-detail"]
        places = ["--runtime-dir", str(self.folder / "run"), "--state-dir", str(self.folder / "state")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.within, sys.executable, "-m", "lvsd", *words, *places, *self.options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
            )
        self.started.append(self.process)
        eventually(self.answers, within=60)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the checker ended\n{self.log}"
        try:
            return self.ask("ping")["pid"] == self.process.pid
        except Unreachable:
            return False

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        return request(self.folder / "run" / "checker.sock", verb, timeout=15, **arguments)

    def reload(self, configuration: str) -> dict[str, Any]:
        self.config.write_text(configuration)
        return self.ask("reload")

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def show(self, service: str = SERVICE) -> dict[str, Any]:
        answer = self.ask("show")
        assert answer["ok"], answer
        return next(shown for shown in answer["services"] if shown["key"] == service)

    def end(self, number: int) -> int:
        """Send a signal and wait; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(15)

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait(15)


def environment() -> dict[str, str]:
    """Ours, but what is compiled once is kept: the disk is read-only."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = f"{WITHOUT}:{RUNTIME}" if "LVSD_WITHOUT" in os.environ else str(RUNTIME)
    return {**kept, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": "/run/tmp/pycache"}


def table() -> str:
    """What `ipvsadm -Ln` prints, without its heading and without the counters."""
    lines = run("ipvsadm", "-Ln").splitlines()[3:]
    return "\n".join(" ".join(words[:4] if words[0] == "->" else words) for words in map(str.split, lines))
