# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the collection's playbooks against the lab, as a user would, and read the recap."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"
EXAMPLE = ROOT / "examples" / "pair" / "inventory.yml"
RECAP = re.compile(r"^(\S+)\s*: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
TASK = re.compile(r"^(?:TASK|PLAY|RUNNING HANDLER) \[(.*)\] \**$")
LONGEST = 900  # seconds for one playbook


class PlaybookFailed(Exception):
    """The playbook did not end well; the message is the end of its output."""


@dataclass(frozen=True, slots=True)
class Recap:
    """How a playbook ended on one host."""

    host: str
    ok: int
    changed: int
    failed: int  # failed tasks, and 1 more if the host could not be reached


def recap(lines: Iterable[str]) -> list[Recap]:
    """The lines of `PLAY RECAP`."""
    found = (RECAP.match(line) for line in lines)
    return [Recap(m[1], int(m[2]), int(m[3]), int(m[4]) + int(m[5])) for m in found if m]


def environment(collections: Path) -> dict[str, str]:
    return os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOST_KEY_CHECKING": "false",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_INJECT_FACT_VARS": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_FORKS": "4",
        "PYTHONUNBUFFERED": "1",
    }


def play(
    playbook: str,
    lab_inventory: Path,
    progress: Callable[[str], None],
    *arguments: str,
    collections: Path = COLLECTIONS,
) -> list[Recap]:
    """Run `playbook` over the example's inventory and the lab's; `progress` gets each task's name.

    The collection is this checkout, or the one below `collections`.

    Raises `PlaybookFailed`, also after `LONGEST` seconds.
    """
    command = [
        Path(sys.executable).with_name("ansible-playbook"),
        playbook,
        "-i",
        EXAMPLE,
        "-i",
        lab_inventory,
        *arguments,
    ]
    process = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env=environment(collections), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    lines: list[str] = []
    deadline = time.monotonic() + LONGEST
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if task := TASK.match(lines[-1]):
                progress(task[1])
            if time.monotonic() > deadline:
                raise PlaybookFailed(f"{playbook}: no end after {LONGEST} s")
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    hosts = recap(lines)
    if process.returncode or not hosts or any(host.failed for host in hosts):
        raise PlaybookFailed("\n".join([f"{playbook}: exit {process.returncode}", *lines[-40:]]))
    return hosts
