# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benches that need IPVS run in one boot of a User-Mode Linux machine: one core, a kernel of its own."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench import memory
from tests.bench.daemons import PYTHON, RUNTIME
from tests.bench.figures import AtMost, Row
from tests.bench.plan import Plan
from tests.daemon.kernel.uml import Machine, MachineError
from tests.support.keepalived import UNSTABLE, cache_folder, release

ROOT = RUNTIME.parent
LONGEST = 1500  # seconds for everything inside
MEMORY = "memory"  # measured by a shell, before anything of Python runs inside


def run(plan: Plan, names: Sequence[str]) -> Iterator[Row]:
    """The rows of these benches; at their end raises MachineError if one of them failed."""
    with Machine() as machine:
        (machine.folder / "memory.conf").write_text(memory.demo())
        for name in ("rows", "progress", "memory"):
            (machine.folder / name).touch()
        machine.start(job(plan, names))
        code = follow(machine, plan)
        if MEMORY in names and (measured := (machine.folder / "memory").read_text().splitlines()):
            yield from memory.rows(measured)
        for line in (machine.folder / "rows").read_text().splitlines():
            yield read(json.loads(line))
        if code != 0:
            raise MachineError(f"the benches inside have ended with {code}\n{machine.last_words()}")


def job(plan: Plan, names: Sequence[str]) -> str:
    """The shell script for the machine; its output goes where the host follows it."""
    newest = release(UNSTABLE).command  # unpacked here: the machine only reads the host's disk
    lines = [f"cd {shlex.quote(str(ROOT))} && exec 2>/run/job/progress || exit 1"]
    if MEMORY in names:
        folder = "/run/tmp/memory"
        rounds = min(plan.rounds, 3)  # it hardly varies
        script = shlex.join(
            ["sh", "tests/bench/memory.sh", str(rounds), str(memory.SETTLED), folder, PYTHON, str(RUNTIME), *newest]
        )
        lines.append("echo 'memory: the demo' >&2")
        lines.append(
            f"mkdir -p {folder} && cp /run/job/memory.conf {folder}/conf && {script} >/run/job/memory || exit 1"
        )
    inside = [name for name in names if name != MEMORY]
    if inside:
        words = ["-m", "tests.bench", "--inside", "--rounds", str(plan.rounds), *(["--quick"] if plan.quick else [])]
        environment = f"PYTHONPATH={RUNTIME}:{ROOT} PYTHONPYCACHEPREFIX=/run/tmp/pycache TMPDIR=/run/tmp"
        environment += f" LVS_KEEPALIVED_CACHE={shlex.quote(str(cache_folder()))}"
        only = f"--only {','.join(inside)}"
        lines.append(f"exec env {environment} {shlex.quote(sys.executable)} {shlex.join(words)} {only} >/run/job/rows")
    return "\n".join(lines) + "\n"


def follow(machine: Machine, plan: Plan) -> int | None:
    """Show what is said inside until the job has ended: its exit code, None if it was not to be had."""
    deadline, shown = time.monotonic() + LONGEST, 0
    while True:
        code, running = machine.exit_code, machine.running
        text = (machine.folder / "progress").read_text(errors="replace")
        for line in text[shown:].splitlines():
            plan.say(line)
        shown = len(text)
        if code is not None or not running or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    return code


def write(row: Row) -> str:
    """A row as a line of JSON."""
    return json.dumps(asdict(row))


def read(document: dict[str, Any]) -> Row:
    goal = document.pop("goal")
    ours, theirs = tuple(document.pop("ours")), tuple(document.pop("theirs"))
    return Row(**document, ours=ours, theirs=theirs, goal=None if goal is None else AtMost(**goal))
