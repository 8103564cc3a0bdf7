# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role makes the group that may look at the daemon, and puts users into it; it makes no user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

TASKS = Path(__file__).parents[3] / "roles" / "director" / "tasks"


def checked(tmp_path: Path, *viewers: str) -> tuple[int, str]:
    """(exit code, what the run said) of the tasks in check mode."""
    tasks = [{"name": "Make it", "ansible.builtin.import_tasks": str(TASKS / "viewers.yml")}]
    given = {"director_viewers": list(viewers)}
    play = {"hosts": "localhost", "gather_facts": False, "vars": given, "tasks": tasks}
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
    words += ["-e", json.dumps({"ansible_python_interpreter": sys.executable}), "-v"]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}
    )
    return done.returncode, done.stdout + done.stderr


def tasks() -> list[dict[str, Any]]:
    return list(yaml.safe_load((TASKS / "viewers.yml").read_text()))


def test_check_mode_works_where_there_is_no_group_yet(tmp_path: Path) -> None:
    for viewers in ((), ("root",)):
        code, said = checked(tmp_path, *viewers)
        assert code == 0, said


def test_a_user_who_does_not_exist_is_refused_and_not_made(tmp_path: Path) -> None:
    code, said = checked(tmp_path, "root", "no-such-user-here")
    assert code != 0
    assert "no-such-user-here" in said
    names = [next(key for key in task if key.startswith("ansible.builtin.")) for task in tasks()]
    assert names.index("ansible.builtin.getent") < names.index("ansible.builtin.user")


def test_it_is_a_system_group_and_the_users_keep_their_other_groups() -> None:
    group, _unused, user = tasks()
    assert group["ansible.builtin.group"] == {"name": "lvsd", "system": True}
    assert user["ansible.builtin.user"] == {"name": "{{ item }}", "groups": ["lvsd"], "append": True}


def test_it_is_made_before_the_daemon_that_looks_for_it() -> None:
    names = [task["ansible.builtin.import_tasks"] for task in yaml.safe_load((TASKS / "setup.yml").read_text())
             if "ansible.builtin.import_tasks" in task]  # fmt: skip
    assert names.index("viewers.yml") < names.index("runtime.yml")
