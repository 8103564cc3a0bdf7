# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role makes the group that may look at the daemon, and puts users into it; it makes no user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lvs.director.tests.unit.roles.local_run import TASKS, imported, run
from ansible_collections.lvs.director.tests.unit.roles.local_run import tasks as tasks_of


def checked(tmp_path: Path, *viewers: str) -> tuple[int, str]:
    """(exit code, what the run said) of the tasks in check mode."""
    tasks = [{"name": "Make it", "ansible.builtin.import_tasks": str(TASKS / "viewers.yml")}]
    return run(tmp_path, tasks, "--check", director_viewers=list(viewers))


def tasks() -> list[dict[str, Any]]:
    return tasks_of("viewers.yml")


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
    names = imported("setup.yml")
    assert names.index("viewers.yml") < names.index("runtime.yml")
