# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.measured [OPTION OF PYTEST...]: the pure tests, and which statements of the daemon they run.

1: a test has failed, or a package is below its floor.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .floors import FLOORS
from .packages import problems, read, shares, table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".cache" / "measured"
SETTINGS = Path(__file__).with_name("coverage.ini")
TESTS = "tests/daemon/pure"


def coverage(*words: str) -> int:
    """Run coverage(1) with our settings; its exit code."""
    command, *more = words
    environment = {**os.environ, "LVSD_MEASURED": str(FOLDER)}
    line = [sys.executable, "-m", "coverage", command, f"--rcfile={SETTINGS}", *more]
    return subprocess.run(line, cwd=ROOT, env=environment, check=False).returncode


def main(options: list[str]) -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    failed = coverage("run", "-m", "pytest", "-q", *options, TESTS)
    document = FOLDER / "measured.json"
    if coverage("combine", "--quiet") or coverage("json", "--quiet", "--ignore-errors", "-o", str(document)):
        return 1
    found = shares(read(json.loads(document.read_text())))
    print(table(found, FLOORS))
    wrong = problems(found, FLOORS)
    for line in wrong:
        print(f"measured: {line}")
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
