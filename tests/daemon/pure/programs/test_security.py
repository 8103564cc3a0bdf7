# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs may run, by what stands on their path."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lvsd.programs.security import Account, FileKind, PathStep, verdict

ROOT = Account("root", 0, 0)
WEB = Account("web", 33, 33, (33, 40))
TOP, BIN = PathStep(path="/", kind=FileKind.FOLDER, mode=0o755), PathStep(path="/bin", kind=FileKind.FOLDER, mode=0o755)
FILE = PathStep(path="/bin/x", kind=FileKind.FILE, mode=0o755)
LINK = PathStep(path="/bin/l", kind=FileKind.LINK, mode=0o777)


def judged(*steps: PathStep, account: Account = ROOT, security: bool = True) -> str | None:
    return verdict((TOP, *steps), account, security=security)


def refusal(*steps: PathStep, account: Account = ROOT) -> str:
    reason = judged(*steps, account=account)
    assert reason is not None
    return reason


def test_what_only_root_can_change_runs() -> None:
    assert judged(BIN, LINK, FILE) is None


CHANGEABLE: dict[str, tuple[PathStep, ...]] = {
    "a file that all users can write": (BIN, replace(FILE, mode=0o757)),
    "a file that its group can write": (BIN, replace(FILE, mode=0o775, gid=33)),
    "a file of a user": (BIN, replace(FILE, uid=1000)),
    "a folder that all users can write": (replace(BIN, mode=0o777), FILE),
    "a folder that its group can write": (replace(BIN, mode=0o775, gid=33), FILE),
    "a folder of a user": (replace(BIN, uid=1000), FILE),
    "a folder of a user with the sticky bit": (replace(BIN, uid=1000, mode=0o1777), FILE),
    "a link of a user": (BIN, replace(LINK, uid=1000), FILE),
    "a folder of a user that holds a link": (replace(BIN, path="/home/u", uid=1000), LINK, BIN, FILE),
}


@pytest.mark.parametrize("steps", CHANGEABLE.values(), ids=CHANGEABLE)
def test_what_others_can_change_does_not_run_as_root(steps: tuple[PathStep, ...]) -> None:
    assert refusal(*steps).endswith("and it would run as root")


@pytest.mark.parametrize("steps", CHANGEABLE.values(), ids=CHANGEABLE)
def test_it_runs_without_enable_script_security_and_as_a_user_without_rights(steps: tuple[PathStep, ...]) -> None:
    assert judged(*steps, security=False) is None
    assert judged(*steps, account=WEB) is None


def test_the_group_root_counts_as_root_on_both_sides() -> None:
    writable = replace(FILE, mode=0o775)
    assert judged(BIN, writable) is None
    assert judged(BIN, replace(writable, mode=0o777), account=Account("web", 33, 0)) is not None


def test_a_folder_with_the_sticky_bit_is_no_way_in_where_all_in_it_is_roots() -> None:
    sticky = replace(BIN, mode=0o1777)
    assert judged(sticky, FILE) is None
    assert judged(sticky, replace(FILE, uid=1000)) is not None
    assert judged(sticky, replace(LINK, uid=1000), BIN, FILE) is not None


@pytest.mark.parametrize(("step", "account", "runs"), [
    (replace(FILE, mode=0o644), ROOT, False),
    (replace(FILE, mode=0o010), ROOT, True),
    (replace(FILE, mode=0o700), WEB, False),
    (replace(FILE, mode=0o744), WEB, False),
    (replace(FILE, mode=0o701), WEB, True),
    (replace(FILE, mode=0o700, uid=33), WEB, True),
    (replace(FILE, mode=0o655, uid=33), WEB, False),  # the bits of the owner count, not those of all
    (replace(FILE, mode=0o750, gid=40), WEB, True),
    (replace(FILE, mode=0o745, gid=40), WEB, False),
])  # fmt: skip
@pytest.mark.parametrize("security", [True, False])
def test_who_has_no_execute_permission_does_not_run_it(
    step: PathStep, account: Account, runs: bool, security: bool
) -> None:
    reason = verdict((TOP, BIN, step), account, security=security)
    assert reason is None if runs else "no execute permission" in (reason or "")


def test_a_folder_that_the_user_may_not_search_is_named() -> None:
    reason = refusal(replace(BIN, path="/root", mode=0o700), FILE, account=WEB)
    assert reason == "/root: web has no permission to search the folder (mode 0700)"


@pytest.mark.parametrize("kind", [FileKind.FOLDER, FileKind.OTHER])
def test_only_a_file_is_a_program(kind: FileKind) -> None:
    assert refusal(BIN, replace(FILE, kind=kind)).endswith("no program")


def test_users_and_groups_are_named() -> None:
    name = {33: "www-data"}.__getitem__
    reason = verdict((TOP, replace(FILE, mode=0o775, gid=33)), ROOT, security=True, user=name, group=name)
    assert reason == "/bin/x can be written by the group www-data (mode 0775), and it would run as root"
