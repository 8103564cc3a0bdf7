# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role makes the user that the workers run as, refuses another one of that name, and removes its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.director.tests.unit.roles.local_run import imported, run, tasks

OURS = ["x", "991", "992", "The workers", "/nonexistent", "/usr/sbin/nologin"]
GROUP = ["x", "992", ""]


def test_check_mode_works_where_there_is_no_group_yet(tmp_path: Path) -> None:
    code, said = run(tmp_path, [*tasks("viewers.yml"), *tasks("worker_user.yml")], "--check", director_viewers=[])
    assert code == 0, said


def test_it_cannot_log_in_owns_nothing_and_can_give_its_sockets_to_the_group_that_may_look() -> None:
    group, user, files = tasks("worker_user.yml")
    made = user["ansible.builtin.user"]
    assert group["ansible.builtin.group"] == {"name": "lvsd_worker", "system": True}
    assert (made["name"], made["group"], made["system"]) == ("lvsd", "lvsd_worker", True)
    assert (made["create_home"], made["shell"]) == (False, "/usr/sbin/nologin")
    assert (made["groups"], made["append"]) == (["lvsd"], True)
    assert files["ansible.builtin.file"]["group"] == "lvsd_worker"
    assert files["ansible.builtin.file"]["mode"] == "g=rX,o-w"  # it may read the configuration, and write none of it


def test_it_is_made_before_the_daemon_that_looks_for_it() -> None:
    names = imported("setup.yml")
    assert names.index("worker_user.yml") < names.index("runtime.yml")


@pytest.mark.parametrize(
    ("user", "group", "why"),
    [
        (None, None, None),
        (OURS, GROUP, None),
        ([*OURS[:5], "/bin/false"], GROUP, None),
        ([*OURS[:2], "990", *OURS[3:]], GROUP, "gid 990"),
        (OURS, None, "gid 992"),
        ([OURS[0], "0", *OURS[2:]], GROUP, "uid 0"),
        ([*OURS[:5], "/bin/bash"], GROUP, "shell /bin/bash"),
        ([*OURS[:5], ""], GROUP, "shell /bin/sh"),
    ],
    ids=["none", "ours", "false", "another group", "no group", "root", "a login", "the default login"],
)
def test_a_user_of_that_name_that_is_another_one_is_refused_before_anything_changes(
    tmp_path: Path, user: list[str] | None, group: list[str] | None, why: str | None
) -> None:
    (check,) = (
        task for task in tasks("supported.yml") if task["name"] == "Check that the workers can run as that user"
    )
    facts = {"getent_passwd": {"lvsd": user}, "getent_group": {"lvsd_worker": group}}
    code, said = run(tmp_path, [check], ansible_facts=facts)
    assert (code == 0) == (why is None), said
    if why is not None:
        assert f"localhost has a user lvsd that this role has not made: {'' if why[0] == 'u' else 'uid 991, '}" in said
        assert why in said
        assert "usermod --login NAME lvsd" in said


@pytest.mark.parametrize("denied", [False, True])
def test_a_host_whose_configuration_the_user_cannot_read_is_refused_before_the_unit_counts(
    tmp_path: Path, denied: bool
) -> None:
    look, judge = tasks("readable.yml")
    assert look["ansible.builtin.command"]["argv"][:4] == [
        "setpriv", "--reuid=lvsd", "--regid=lvsd_worker", "--groups=lvsd"
    ]  # fmt: skip
    said = ["/etc/lvsd/lvsd.conf:1: error: include: cannot read '/srv/a.conf': Permission denied"] if denied else []
    code, out = run(tmp_path, [judge], director_read_as_user={"stderr_lines": [*said, "1 error"]})
    assert (code == 0) is not denied
    assert ("'/srv/a.conf': Permission denied" in out and "chgrp lvsd_worker" in out) is denied
    names = [task["name"] for task in tasks("service.yml")]
    assert names.index("Check that the daemon can read its configuration") < names.index(
        "Run the daemon, now and after a boot"
    )
