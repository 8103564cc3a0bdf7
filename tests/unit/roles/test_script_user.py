# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role makes the user that runs scripts, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.director.tests.unit.roles.local_run import TASKS, imported, run
from ansible_collections.lvs.director.tests.unit.roles.local_run import tasks as tasks_of


@pytest.mark.parametrize(("user", "made"), [("keepalived_script", True), ("root", False), ("ann", False)])
def test_only_the_user_without_rights_is_made(tmp_path: Path, user: str, made: bool) -> None:
    part = {"configuration": {"globals": {"script_user": [user]}}}
    tasks = [{"name": "Make it", "ansible.builtin.import_tasks": str(TASKS / "script_user.yml")}]
    code, said = run(tmp_path, tasks, "--check", director_part=part)
    assert code == 0, said
    assert ("skipped=0" in said) == made


def test_it_cannot_log_in_and_owns_nothing() -> None:
    (task,) = tasks_of("script_user.yml")
    user = task["ansible.builtin.user"]
    assert (user["system"], user["create_home"], user["shell"]) == (True, False, "/usr/sbin/nologin")


def test_it_is_made_before_the_configuration_that_names_it_is_written() -> None:
    names = imported("setup.yml")
    assert names.index("script_user.yml") < names.index("configure.yml")
