# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh to a machine: one shared connection per machine (a multiplexer), which the lab closes at its end."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .paths import LabError, Paths
from .process import eventually, running

Result = subprocess.CompletedProcess[str]


class CommandFailed(LabError):
    """A command on a machine ended with another exit code than 0; `result` has it all."""

    def __init__(self, where: str, result: Result) -> None:
        self.result = result
        super().__init__(f"{where}: {result.args!r} ended with {result.returncode}\n{result.stdout}{result.stderr}")


def options(where: Paths) -> list[str]:
    """Those that Ansible uses as well, so that both share the connections."""
    settings = {
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "GlobalKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
        "ConnectTimeout": "20",
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "3",
        "ControlMaster": "auto",
        "ControlPersist": "300",
        "ControlPath": f"{where.sockets}/ssh-%h",
    }
    return ["-F", "/dev/null", *(word for item in settings.items() for word in ("-o", "=".join(item)))]


def command(where: Paths, key: Path, address: str, *extra: str) -> list[str]:
    return ["ssh", *options(where), "-i", str(key), *extra, f"root@{address}"]


def run(
    where: Paths, key: Path, address: str, words: str | Sequence[str], *,
    timeout: float = 60, check: bool = True, stdin: str | None = None,
) -> Result:  # fmt: skip
    """Run a shell command (or a list of words, joined by spaces). Raises CommandFailed, subprocess.TimeoutExpired."""
    text = words if isinstance(words, str) else " ".join(words)
    result = subprocess.run(
        [*command(where, key, address), text], text=True, errors="replace", capture_output=True, timeout=timeout,
        **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
    )  # fmt: skip
    result.args = text
    if check and result.returncode != 0:
        raise CommandFailed(address, result)
    return result


def banner(address: str, timeout: float) -> bool:
    """Whether an ssh server greets within `timeout` seconds."""
    try:
        with socket.create_connection((address, 22), timeout) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def wait(address: str, within: float) -> bool:
    """Poll for the greeting; each try waits longer than a busy machine needs to answer."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if banner(address, 1.0):
            return True
        time.sleep(0.05)
    return False


def close(where: Paths, address: str) -> None:
    """End the multiplexer of one machine, if there is one, and wait until its process has gone."""
    path = where.sockets / f"ssh-{address}"
    if not path.exists():
        return
    control = ["ssh", "-F", "/dev/null", "-o", f"ControlPath={path}"]
    answer = subprocess.run([*control, "-O", "check", address], capture_output=True, text=True, timeout=10)
    subprocess.run([*control, "-O", "exit", address], capture_output=True, timeout=10)
    found = re.search(r"pid=(\d+)", answer.stderr)
    if found and not eventually(lambda: not running(int(found[1])), 10):
        raise LabError(f"the ssh multiplexer {found[1]} of {address} did not end")
    path.unlink(missing_ok=True)


def multiplexers(where: Paths) -> list[str]:
    """The addresses that have a control socket."""
    if not where.sockets.exists():
        return []
    return sorted(name.removeprefix("ssh-") for name in os.listdir(where.sockets) if name.startswith("ssh-"))
