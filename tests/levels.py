# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test`: every level, then one line per level: passed, failed, or not run and why.

Levels that do not disturb each other run side by side; the network level measures times, and the system level needs
every core, so each of them runs alone.  Exit 0 only if every level ran and passed.  Standard library only: it runs
before anything is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import side_by_side
from tests.side_by_side import Job, Result

ROOT = Path(__file__).parent.parent
LOGS = ROOT / ".cache" / "levels"
LONGEST = 45 * 60  # seconds; a level that takes longer has hung
AT_ONCE = min(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Level:
    name: str
    targets: tuple[str, ...]
    needs_root: bool
    proves: str


LEVELS = (
    Level("pure", ("style", "types", "runtime"), False, "tables, properties, simulation; style and types"),
    Level("gates", ("gates", "pages"), False, "the collection: units, sanity, docs, importer, package; the pages"),
    Level("network", ("netns",), True, "elections against keepalived in namespaces"),
    Level("kernel", ("kernel",), True, "IPVS in a User-Mode Linux kernel"),
    Level("system", ("system",), True, "the lab's machines: Molecule, the demo"),
)
STEPS = (("kernel", "pure", "gates"), ("network",), ("system",))


def obstacle(level: Level) -> str:
    """Why this machine cannot run the level; empty if it can."""
    if level.needs_root and os.geteuid() != 0:
        return "needs root (namespaces, taps, machines)"
    return ""


def prepare() -> int:
    """Install what the levels share, before two of them try to at once."""
    targets = ["prepare", "packages"] if os.geteuid() == 0 else ["prepare"]
    return subprocess.run(["make", "--no-print-directory", *targets], cwd=ROOT, check=False).returncode


def job(level: Level) -> Job:
    command = ("make", "--no-print-directory", *level.targets)
    return Job(level.name, command, ROOT, LOGS / f"{level.name}.log", LONGEST)


def outcomes(levels: list[Level]) -> dict[str, Result]:
    """What each level came to, by name."""
    hindered = {level.name: obstacle(level) for level in levels if obstacle(level)}
    found = {name: Result(name, side_by_side.NOT_RUN, 0.0, (reason,)) for name, reason in hindered.items()}
    able = {level.name: level for level in levels if level.name not in hindered}
    for step in STEPS:
        chosen = [able[name] for name in step if name in able]
        for level in chosen:
            print(f"=== {level.name}: {level.proves}", flush=True)
        found |= {result.name: result for result in side_by_side.run([job(level) for level in chosen], AT_ONCE)}
    return found


def main(names: list[str]) -> int:
    chosen = [level for level in LEVELS if not names or level.name in names]
    if prepare():
        print("levels: none ran, what they need could not be installed")
        return 1
    found = outcomes(chosen)
    results = [found[level.name] for level in chosen]
    print("\n=== levels")
    print(side_by_side.table(results))
    passed = sum(result.code == side_by_side.PASSED for result in results)
    print(f"levels: {passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
