# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a configuration can be read by the daemon, which is not root, and by no other user."""

from __future__ import annotations

import grp
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils import _place
from ansible_collections.lvs.director.plugins.module_utils._place import changes, put

WANTED: dict[str, str | None] = {"conf.d/10.d/server.conf": "# text\n"}


@pytest.fixture
def owners(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """A host of root's with the group lvsd_worker; what was given to which group."""
    given: list[tuple[int, int]] = []

    def group(name: str) -> Any:
        assert name == "lvsd_worker"
        return SimpleNamespace(gr_gid=64992)

    monkeypatch.setattr(grp, "getgrnam", group)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for change in ("fchown", "chown"):
        monkeypatch.setattr(os, change, lambda _what, uid, gid: given.append((uid, gid)))
    return given


def test_files_and_folders_are_given_to_the_group_and_one_of_another_group_is_a_difference(
    tmp_path: Path, owners: list[tuple[int, int]]
) -> None:
    put(changes(str(tmp_path), WANTED))
    assert owners == [(-1, 64992)] * 3
    (again,) = changes(str(tmp_path), WANTED)  # nothing has really been given to the group
    assert again.before == again.after


@pytest.mark.parametrize("without", ["the group", "root"])
def test_without_the_group_or_without_root_it_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owners: list[tuple[int, int]], without: str
) -> None:
    def none(_name: str) -> None:
        raise KeyError

    if without == "root":
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    else:
        monkeypatch.setattr(grp, "getgrnam", none)
    put(changes(str(tmp_path), WANTED))
    assert (owners, changes(str(tmp_path), WANTED), _place.readers()) == ([], [], None)


def test_every_user_may_search_the_folders_that_are_made_whatever_the_umask_is(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        put(changes(str(tmp_path / "etc" / "lvsd"), WANTED))
    finally:
        os.umask(before)
    made = ("etc", "etc/lvsd", "etc/lvsd/conf.d", "etc/lvsd/conf.d/10.d")
    assert [(tmp_path / path).stat().st_mode & 0o777 for path in made] == [0o755] * 4
    assert (tmp_path / "etc/lvsd/conf.d/10.d/server.conf").stat().st_mode & 0o777 == 0o640
