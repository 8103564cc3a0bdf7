# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test`: every level in order, then one line per level: passed, failed, or not run and why.

Exit 0 only if every level ran and passed.  Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LONGEST = 45 * 60  # seconds; a level that takes longer has hung


@dataclass(frozen=True)
class Level:
    name: str
    targets: tuple[str, ...]
    needs_root: bool
    proves: str


LEVELS = (
    Level("pure", ("lint", "types", "runtime"), False, "tables, properties, simulation; lint and types"),
    Level("collection", ("collection",), False, "modules, inventory model, argument specs"),
    Level("network", ("netns",), True, "elections against keepalived in namespaces"),
    Level("kernel", ("kernel",), True, "IPVS in a User-Mode Linux kernel"),
    Level("system", ("system",), True, "the lab's machines: Molecule, the demo"),
)


def obstacle(level: Level) -> str:
    """Why this machine cannot run the level; empty if it can."""
    if level.needs_root and os.geteuid() != 0:
        return "needs root (namespaces, taps, machines)"
    return ""


def run(level: Level) -> tuple[str, float]:
    reason = obstacle(level)
    if reason:
        return f"not run: {reason}", 0.0
    print(f"\n=== {level.name}: {level.proves}", flush=True)
    began = time.monotonic()
    make = subprocess.Popen(["make", "--no-print-directory", *level.targets], cwd=ROOT, start_new_session=True)
    try:
        code = make.wait(LONGEST)
    except BaseException as error:
        os.killpg(make.pid, signal.SIGTERM)  # the tests' own clean-up still runs
        make.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        return f"FAILED: no end after {LONGEST // 60} minutes", time.monotonic() - began
    return "passed" if code == 0 else f"FAILED: exit {code}", time.monotonic() - began


def main(names: list[str]) -> int:
    chosen = [level for level in LEVELS if not names or level.name in names]
    results = [(level, *run(level)) for level in chosen]
    print("\n=== levels")
    for level, outcome, seconds in results:
        print(f"{level.name:12} {seconds:6.0f} s  {outcome}")
    passed = sum(outcome == "passed" for _, outcome, _ in results)
    print(f"levels: {passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
