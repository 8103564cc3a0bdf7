# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of a role by themselves, on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

TASKS = Path(__file__).parents[3] / "roles" / "director" / "tasks"


def tasks(file: str) -> list[dict[str, Any]]:
    """Those of a file of the role `director`."""
    return list(yaml.safe_load((TASKS / file).read_text()))


def imported(file: str) -> list[str]:
    """The files that a file of the role imports, in that order."""
    return [task["ansible.builtin.import_tasks"] for task in tasks(file) if "ansible.builtin.import_tasks" in task]


def run(tmp_path: Path, tasks: list[dict[str, Any]], *words: str, **variables: Any) -> tuple[int, str]:
    """(exit code, what the run said, with one space between words)."""
    path = tmp_path / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}]))
    program = Path(sys.executable).parent / "ansible-playbook"
    given = json.dumps({"ansible_python_interpreter": sys.executable})
    done = subprocess.run(
        [program, "-i", "localhost,", "-c", "local", "-e", given, "-v", *words, path],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())
