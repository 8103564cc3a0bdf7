# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab has on the host: its state file, and finding and removing all the rest, whoever left it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import network, process, ssh
from .paths import Paths, paths
from .topology import management_host


@contextmanager
def lock(where: Paths) -> Iterator[None]:
    """One `up` or `down` of a lab at a time."""
    where.run.mkdir(parents=True, exist_ok=True)
    with (where.run / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def read_state(where: Paths) -> dict[str, Any] | None:
    try:
        state = json.loads(where.state.read_text())
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def remove(where: Paths) -> None:
    """What there is of: machines, multiplexers, processes inside, namespaces, link, disks, sockets; in this order."""
    records = where.run / "processes"
    for name in process.recorded(records):
        process.end(records, name)
    for address in ssh.multiplexers(where):
        ssh.close(where, address)
    process.end_all(network.members(where))
    network.remove(where)
    for folder in (where.disks, where.sockets, records):
        shutil.rmtree(folder, ignore_errors=True)
    where.state.unlink(missing_ok=True)


def leftovers(where: Paths | None = None) -> list[str]:
    """What there is of the lab on the host, one line each; empty after `down`."""
    where = where or paths()
    found = [f"namespace {name}" for name in network.namespaces(where)]
    found += [f"process {pid} in a namespace of the lab" for pid in network.members(where)]
    found += [f"process {pid}: {line}" for pid, line in processes_naming(f"{where.sockets}/")]
    found += [f"network interface {where.host_link}"] if network.host_link_exists(where) else []
    subnet = str(management_host(where.name).network).removesuffix(".0/24")
    found += [f"route {row}" for row in routes() if row.startswith(f"{subnet}.")]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found += [f"mount {row.split()[4]}" for row in mounts if row.split()[4].startswith(f"{where.cache}/")]
    found += [f"folder {folder}" for folder in (where.sockets, where.disks) if folder.exists()]
    return found


def processes_naming(text: str) -> Iterator[tuple[int, str]]:
    """Processes other than this one with `text` in their command line: QEMU and ssh name the sockets' folder."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid() and process.lives(int(entry), text):
            command = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            yield int(entry), command


def routes() -> list[str]:
    """Destinations of the host's IPv4 routes, as addresses."""
    rows = [row.split() for row in Path("/proc/net/route").read_text().splitlines()[1:]]
    return [".".join(str(byte) for byte in reversed(bytes.fromhex(row[1]))) for row in rows]
