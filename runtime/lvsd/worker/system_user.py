# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which user a worker becomes once it has done what needs root: the system user `lvsd`, where the host has it.

A user that a person could be, or whose files the viewers of `control/peer.py` could read, is not taken.
"""

from __future__ import annotations

import os
from pathlib import Path

from lvsd.control.peer import GROUPS, VIEWERS
from lvsd.record import record

NAME = "lvsd"
USERS = Path("/etc/passwd")
NO_LOGIN = frozenset({"nologin", "false"})  # the last part of the shell of a system user


@record(frozen=True, slots=True)
class SystemUser:
    """The numbers of the user and of its primary group."""

    uid: int
    gid: int


def chosen(users: str, groups: str) -> SystemUser | str:
    """The user `lvsd` of these texts of passwd(5) and group(5), or the reason why there is none to become.  Pure."""
    row = next((row for line in users.splitlines() if (row := line.split(":"))[0] == NAME), None)
    if row is None:
        return f"there is no user {NAME}"
    if len(row) < 7 or not (row[2].isdecimal() and row[3].isdecimal()):
        return f"the entry of the user {NAME} in {USERS} cannot be read"
    uid, gid = int(row[2]), int(row[3])
    if 0 in (uid, gid):
        return f"the user {NAME} has the rights of root"
    viewers = {int(group[2]) for group in _rows(groups) if group[0] == VIEWERS and group[2].isdecimal()}
    if gid in viewers:
        return f"the primary group of the user {NAME} is the group {VIEWERS}, whose members may look"
    if row[6].rpartition("/")[2] not in NO_LOGIN:
        return f"the user {NAME} can log in ({row[6] or '/bin/sh'})"
    return SystemUser(uid, gid)


def on_this_host() -> SystemUser | str:
    """The user that the workers of a daemon of root become here, or the reason why they stay what they are."""
    return found() if os.geteuid() == 0 else "the daemon was not started by root"


def runs_as_it() -> bool:
    """Whether this process runs as that user: it has given root up, or systemd has started the daemon so."""
    user = found()
    return isinstance(user, SystemUser) and user.uid == os.geteuid()


def found() -> SystemUser | str:
    """The user of this host, or the reason why there is none to become.

    Read from the files, where system users are: a directory service may take long to answer.
    """
    try:
        return chosen(USERS.read_text(errors="replace"), GROUPS.read_text(errors="replace"))
    except OSError as error:
        return f"{error.filename}: {error.strerror}"


def name_of(uid: int) -> str | None:
    """The name of a user of this host; None where the files have none for this number, or cannot be read.

    Read from the files, as `found` does: `show` must not wait for a directory service.
    """
    try:
        rows = (line.split(":") for line in USERS.read_text(errors="replace").splitlines())
    except OSError:
        return None
    return next((row[0] for row in rows if len(row) > 2 and row[2] == str(uid)), None)


def group_of_workers() -> int | None:
    """The group that may read what the parent writes for the workers; None: that of root."""
    user = on_this_host()
    return user.gid if isinstance(user, SystemUser) else None


def _rows(groups: str) -> list[list[str]]:
    return [row for line in groups.splitlines() if len(row := line.split(":")) > 2]
