# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One parent as a process, and what it says."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lvsd.control.server import Unreachable, request

HERE = Path(__file__).parent
RUNTIME = HERE.parents[3] / "runtime"

VRRP = """vrrp_instance VI_1 {
    interface lo
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        192.0.2.1/24
    }
}
"""
CHECKER = """virtual_server 192.0.2.1 80 {
    protocol TCP
    lb_algo rr
    lb_kind NAT
    real_server 192.0.2.11 80 {
        TCP_CHECK {
        }
    }
}
"""
BROKEN = "vrrp_instance VI_1 {\n    interface lo\n    virtual_router_id 999\n}\n"


def eventually(condition: Callable[..., Any], within: float) -> Any:
    until = time.monotonic() + within
    while True:
        try:
            if found := condition():
                return found
        except (Unreachable, KeyError, IndexError, OSError):
            pass
        assert time.monotonic() < until, f"not within {within} s"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def is_fake(pid: int) -> bool:
    try:
        return b"fake_worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


class Daemon:
    """One parent below `directory`; `start` it, talk to it, `end` it."""

    def __init__(self, directory: Path) -> None:
        self.config = directory / "lvsd.conf"
        self.run = directory / "run"
        self.run.mkdir()
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(os.fspath(directory / "notify"))
        self.notified.settimeout(20)
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.fspath(RUNTIME),
            "NOTIFY_SOCKET": os.fspath(directory / "notify"),
        }
        self.log = directory / "log"
        self.started: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self.started is not None
        return self.started

    def start(self, text: str, *options: str) -> None:
        self.write(text)
        self.started = self.spawn(*options)
        self.await_line("READY=1")

    def spawn(self, *options: str) -> "subprocess.Popen[bytes]":
        argv = [sys.executable, os.fspath(HERE / "quick_parent.py"), "-n", "-f", os.fspath(self.config), *options]
        argv += ["--runtime-dir", os.fspath(self.run)]
        with self.log.open("ab") as log:
            return subprocess.Popen(argv, env=self.environment, stderr=log, stdout=log)

    def write(self, text: str) -> None:
        """As an editor does: a reader sees the old text or the new one."""
        new = self.config.with_suffix(".new")
        new.write_text(text)
        new.replace(self.config)

    def await_line(self, line: str) -> None:
        while line not in self.notified.recv(4096).decode().split("\n"):
            pass

    def behave(self, **workers: dict[str, Any]) -> None:
        (self.run / "behaviour.json").write_text(json.dumps(workers))

    def ask(self, verb: str, name: str = "lvsd", **arguments: Any) -> dict[str, Any]:
        return request(self.run / f"{name}.sock", verb, timeout=5, **arguments)

    def workers(self) -> dict[str, dict[str, Any]]:
        return {worker["name"]: worker for worker in self.ask("show")["workers"]}

    def pid(self, name: str) -> int:
        return int(self.ask("ping", name)["pid"])

    def messages(self) -> list[str]:
        return [event["message"] for event in self.ask("events")["events"]]

    def lines(self, file: str) -> list[str]:
        """What the fake workers have noted."""
        try:
            return (self.run / file).read_text().split()
        except FileNotFoundError:
            return []

    def wait(self) -> int:
        return self.process.wait(10)

    def end(self) -> None:
        if self.started is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.notified.close()
        for pid in self.lines("pids"):  # workers outlive their parent
            if is_fake(int(pid)):
                os.kill(int(pid), signal.SIGKILL)
