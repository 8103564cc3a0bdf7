# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role makes the user that runs scripts, and no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

TASKS = Path(__file__).parents[3] / "roles" / "director" / "tasks"


@pytest.mark.parametrize(("user", "made"), [("keepalived_script", True), ("root", False), ("ann", False)])
def test_only_the_user_without_rights_is_made(tmp_path: Path, user: str, made: bool) -> None:
    part = {"configuration": {"globals": {"script_user": [user]}}}
    tasks = [{"name": "Make it", "ansible.builtin.import_tasks": str(TASKS / "script_user.yml")}]
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"director_part": part}, "tasks": tasks}
    path = tmp_path / "play.yml"
    path.write_text(yaml.safe_dump([play]))
    words: list[str | Path] = [
        Path(sys.executable).parent / "ansible-playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
        "--check",
        path,
    ]
    environment = {**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_NOCOLOR": "1"}
    words += ["-e", json.dumps({"ansible_python_interpreter": sys.executable}), "-v"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("skipped=0" in done.stdout) == made


def test_it_cannot_log_in_and_owns_nothing() -> None:
    (task,) = yaml.safe_load((TASKS / "script_user.yml").read_text())
    user = task["ansible.builtin.user"]
    assert (user["system"], user["create_home"], user["shell"]) == (True, False, "/usr/sbin/nologin")


def test_it_is_made_before_the_configuration_that_names_it_is_written() -> None:
    names = [task["ansible.builtin.import_tasks"] for task in yaml.safe_load((TASKS / "setup.yml").read_text())
             if "ansible.builtin.import_tasks" in task]  # fmt: skip
    assert names.index("script_user.yml") < names.index("configure.yml")
