# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which user is taken, and which is not although it has the name."""

from pathlib import Path

import pytest
from lvsd.worker import system_user
from lvsd.worker.system_user import SystemUser, chosen

GROUPS = "root:x:0:\nlvsd:x:990:ann\nlvsd_worker:x:991:\n"
USERS = "root:x:0:0:root:/root:/bin/bash\n{}\nann:x:1000:1000::/home/ann:/bin/bash\n"
ENTRY = "lvsd:x:991:991:The workers of lvsd:/nonexistent:/usr/sbin/nologin"


def test_a_system_user_with_a_group_of_its_own_is_taken() -> None:
    assert chosen(USERS.format(ENTRY), GROUPS) == SystemUser(991, 991)
    assert chosen(USERS.format(ENTRY.replace("/usr/sbin/nologin", "/bin/false")), "") == SystemUser(991, 991)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("lvsd_worker:x:991:991:::/bin/false", "there is no user lvsd"),
        (ENTRY.replace(":991:991:", ":0:991:"), "the user lvsd has the rights of root"),
        (ENTRY.replace(":991:991:", ":991:0:"), "the user lvsd has the rights of root"),
        (ENTRY.replace("991", "990"), "the primary group of the user lvsd is the group lvsd, whose members may look"),
        (ENTRY.replace("/usr/sbin/nologin", "/bin/bash"), "the user lvsd can log in (/bin/bash)"),
        (ENTRY.replace("/usr/sbin/nologin", ""), "the user lvsd can log in (/bin/sh)"),
        (ENTRY.replace(":991:991:", "::991:"), "the entry of the user lvsd in /etc/passwd cannot be read"),
        ("lvsd:x:991", "the entry of the user lvsd in /etc/passwd cannot be read"),
    ],
)  # fmt: skip
def test_another_one_is_not_and_the_reason_is_said(entry: str, why: str) -> None:
    assert chosen(USERS.format(entry), GROUPS) == why


def test_a_daemon_that_root_has_not_started_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_user.os, "geteuid", lambda: 1000)
    assert system_user.on_this_host() == "the daemon was not started by root"
    assert system_user.group_of_workers() is None


def test_files_that_cannot_be_read_are_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(system_user.os, "geteuid", lambda: 0)
    monkeypatch.setattr(system_user, "USERS", tmp_path / "passwd")
    assert system_user.on_this_host() == f"{tmp_path / 'passwd'}: No such file or directory"


@pytest.mark.parametrize(("entry", "uid", "expected"), [(ENTRY, 991, True), (ENTRY, 0, False), ("", 991, False)])
def test_whether_this_process_runs_as_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, entry: str, uid: int, expected: bool
) -> None:
    (tmp_path / "passwd").write_text(USERS.format(entry))
    monkeypatch.setattr(system_user, "USERS", tmp_path / "passwd")
    monkeypatch.setattr(system_user.os, "geteuid", lambda: uid)
    assert system_user.runs_as_it() is expected


def test_names_are_those_of_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(system_user, "USERS", tmp_path / "passwd")
    assert system_user.name_of(0) is None  # there is no file
    (tmp_path / "passwd").write_text(f"half:x\n{USERS.format(ENTRY)}other:x:1000:1000::/:/bin/sh\n")
    assert [system_user.name_of(uid) for uid in (0, 991, 1000, 99)] == ["root", "lvsd", "ann", None]
