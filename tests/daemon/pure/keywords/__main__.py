# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the effect of every keyword of live_effects.py away, one after the other, and sees that its test fails.

    python -m tests.daemon.pure.keywords [Class.field ...]      all without an argument; as root

The others are taken away in test_table.py.  Exit 1 if a test passes without the effect that it is there to show.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
sys.path[:0] = [str(HERE), str(ROOT / "runtime")]

from effects import fields  # noqa: E402
from live_effects import LIVE  # noqa: E402

LONGEST = 300  # seconds for one test


def pytest(tests: tuple[str, ...], without: str) -> int:
    """The exit code of these tests while every object keeps the default of the field `without`."""
    path = [str(HERE / "without"), str(ROOT / "runtime"), str(ROOT)]
    environment = {**os.environ, "LVSD_WITHOUT": without, "PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST, check=False
    ).returncode


def main(names: list[str]) -> int:
    tests: dict[str, set[str]] = {}
    known = fields()
    for key, test in LIVE.items():
        for field in known[key]:
            if not names or field in names:
                tests.setdefault(field, set()).add(test)
    passed = []
    for number, (field, found) in enumerate(sorted(tests.items()), 1):
        failed = pytest(tuple(sorted(found)), field) == 1
        print(
            f"{number:3}/{len(tests)}  {field:40} {'fails without it' if failed else 'PASSES WITHOUT IT'}", flush=True
        )
        passed += [] if failed else [field]
    print(f"keywords: {len(tests) - len(passed)} passed, {len(passed)} failed")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
