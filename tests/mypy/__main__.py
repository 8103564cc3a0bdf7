# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.mypy [NAME...]` asks mypy about everything or the named parts; exit 1 where it finds a fault."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.mypy.questions import QUESTIONS, ROOT, Question


def ask(name: str, question: Question) -> bool:
    """Whether mypy finds no fault; standard output gets those that it finds."""
    options = ("--config-file", question.configuration, "--cache-dir", f".mypy_cache/{name}")
    command = [sys.executable, "-m", "mypy", *options, *question.files]
    variables = {**os.environ, "MYPYPATH": os.pathsep.join(question.imports_from)}
    done = subprocess.run(command, cwd=ROOT, env=variables, check=False, stdout=subprocess.PIPE, text=True)
    print(done.stdout if done.returncode else f"{name}: as it should be", flush=True)
    return done.returncode == 0


def main(names: list[str]) -> int:
    verdicts = [ask(name, QUESTIONS[name]) for name in names or QUESTIONS]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
