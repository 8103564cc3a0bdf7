# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs a program, and what it finds in its environment.

The user of the command itself comes first, then `script_user` of global_defs, then the user `keepalived_script` where
it exists, then the user of the daemon (keepalived.conf(5), script_user).
"""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Mapping

from lvsd.model import Command

from .security import ROOT, Account

DEFAULT_USER = "keepalived_script"
PRIVATE = ("LD_", "PYTHON", "LISTEN_", "WATCHDOG_")  # beginnings of names that are the daemon's own business
PRIVATE_NAMES = {"IFS", "NOTIFY_SOCKET", "JOURNAL_STREAM", "INVOCATION_ID", "MANAGERPID"}


class UnknownAccount(LookupError):
    """A user or a group that this host does not have."""


def account_of(command: Command, user: str | None, group: str | None, *, daemon: int | None = None) -> Account:
    """The account that runs `command`; `user` and `group` are script_user's, `daemon` the uid of the daemon (ours).

    Raises UnknownAccount.
    """
    if command.user is not None:
        user, group = command.user, command.group
    if user is None:
        daemon = os.geteuid() if daemon is None else daemon
        return existing(DEFAULT_USER) or of_number(daemon)
    return named(user, group)


def existing(user: str) -> Account | None:
    """Return the account of a user with its own group, None where the system has none of that name."""
    try:
        return named(user, None)
    except UnknownAccount:
        return None


def named(user: str, group: str | None) -> Account:
    """Raises UnknownAccount."""
    try:
        entry = pwd.getpwnam(user)
    except (KeyError, ValueError):
        raise UnknownAccount(f"there is no user '{user}'") from None
    try:
        gid = entry.pw_gid if group is None else grp.getgrnam(group).gr_gid
    except (KeyError, ValueError):
        raise UnknownAccount(f"there is no group '{group}'") from None
    return Account(user, entry.pw_uid, gid, tuple(os.getgrouplist(user, gid)), entry.pw_dir, entry.pw_shell)


def of_number(uid: int) -> Account:
    """The account of a process that runs as `uid`; it keeps its own groups."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account("root" if uid == ROOT else f"user {uid}", uid, os.getegid(), tuple(os.getgroups()))
    return Account(entry.pw_name, uid, entry.pw_gid, tuple(os.getgroups()), entry.pw_dir, entry.pw_shell)


def environment(ours: Mapping[str, str], account: Account) -> dict[str, str]:
    """The daemon's environment without what changes how programs start, with the four names of login(1)."""
    kept = {name: value for name, value in ours.items() if name not in PRIVATE_NAMES and not name.startswith(PRIVATE)}
    theirs = {"HOME": account.home, "USER": account.name, "LOGNAME": account.name, "SHELL": account.shell}
    return {**kept, **theirs}
