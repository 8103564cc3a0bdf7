# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parent concludes from the /proc of a worker."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lvsd.supervisor import worker_rights
from lvsd.supervisor.worker_rights import outgrown, user_of
from lvsd.worker import system_user

ALL, TWO, NONE = (1 << 41) - 1, 0x3000, 0
NICE = frozenset({"NET_ADMIN", "SYS_NICE"})
NET = frozenset({"NET_ADMIN", "NET_RAW"})


@pytest.mark.parametrize(
    ("parent", "worker", "capabilities", "reads", "expected"),
    [
        ((0, ALL), (991, TWO), NET, False, False),
        ((0, ALL), (991, TWO), NICE, False, True),
        ((0, ALL), (991, TWO), NET, True, True),
        ((0, ALL), (0, ALL), NICE, True, False),  # of a version before, or a host without the user
        ((0, TWO), (991, TWO), NICE, False, False),  # the next one would not have it, either
        ((1000, NONE), (1000, NONE), NICE, True, False),  # started by hand
        ((0, ALL), None, NICE, True, False),  # it has ended
        ((991, ALL), (991, TWO), NICE, True, True),  # of a daemon that systemd has started as that user
        ((991, ALL), (991, TWO), NET, True, False),
    ],
)
def test_a_worker_is_outgrown_by_what_it_has_given_up(
    monkeypatch: pytest.MonkeyPatch,
    parent: tuple[int, int],
    worker: tuple[int, int] | None,
    capabilities: frozenset[str],
    reads: bool,
    expected: bool,
) -> None:
    def status(pid: object) -> str:
        found = parent if pid == "self" else worker
        if found is None:
            raise ProcessLookupError
        return f"Name:\tx\nUid:\t0\t{found[0]}\t0\t0\nCapPrm:\t{found[1]:016x}\n"

    monkeypatch.setattr(worker_rights, "_status", status)
    assert outgrown(4711, capabilities, reads_as_root=reads) is expected


def test_the_user_of_a_process() -> None:
    assert user_of(os.getpid()) in ("root", str(os.geteuid())) or os.geteuid() != 0
    assert user_of(None) is None
    assert not outgrown(None, NET, reads_as_root=True)


def test_a_number_without_a_name_is_said_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_rights, "_status", lambda _pid: "Uid:\t64991\t64991\t64991\t64991\n")
    assert user_of(1) == "64991"


def test_the_name_comes_from_the_file_of_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A directory service, which may take long, would not know this number."""
    (tmp_path / "passwd").write_text("lvsd:x:64991:64991::/nonexistent:/usr/sbin/nologin\n")
    monkeypatch.setattr(system_user, "USERS", tmp_path / "passwd")
    monkeypatch.setattr(worker_rights, "_status", lambda _pid: "Uid:\t64991\t64991\t64991\t64991\n")
    assert user_of(1) == "lvsd"
