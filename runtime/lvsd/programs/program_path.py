# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on the way to a program, and what follows: `refusal` asks the disk and then `security.verdict`."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from collections import deque

from lvsd.model import Command

from .security import Account, FileKind, PathStep, verdict

MOST_LINKS = 40  # path_resolution(7)


def refusal(command: Command, account: Account, *, security: bool) -> str | None:
    """Why `command` is not run; None: it may run.  Raises OSError where its path cannot be followed."""
    path = command.words[0]
    if not path.startswith("/"):
        return f"{path} is not a full path"
    return verdict(steps(path), account, security=security, user=user_name, group=group_name)


def steps(path: str) -> list[PathStep]:
    """Each entry that the kernel passes on the way from / to `path`, which is absolute.  Raises OSError."""
    found = [step("/")]
    here, names, links = "/", deque(path.split("/")), 0
    while names:
        name = names.popleft()
        if name in ("", "."):
            continue
        if found[-1].kind not in (FileKind.FOLDER, FileKind.LINK):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), found[-1].path)
        if name == "..":
            here = os.path.dirname(here)
            continue
        found.append(step(os.path.join(here, name)))
        if found[-1].kind is FileKind.FOLDER:
            here = found[-1].path
        elif found[-1].kind is FileKind.LINK:
            links += 1
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(found[-1].path)
            names.extendleft(reversed(target.split("/")))
            here = "/" if target.startswith("/") else here
    if found[-1].kind is FileKind.LINK or path.endswith(("/..", "/.")):  # it ends with a folder that was passed before
        found.append(step(here))
    return found


def step(path: str) -> PathStep:
    """Raises OSError."""
    seen = os.lstat(path)
    kinds = {stat.S_IFDIR: FileKind.FOLDER, stat.S_IFREG: FileKind.FILE, stat.S_IFLNK: FileKind.LINK}
    kind = kinds.get(stat.S_IFMT(seen.st_mode), FileKind.OTHER)
    return PathStep(path=path, kind=kind, mode=stat.S_IMODE(seen.st_mode), uid=seen.st_uid, gid=seen.st_gid)


def user_name(uid: int) -> str:
    """Return the name of a user, or `user NUMBER` where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def group_name(gid: int) -> str:
    """Return the name of a group, or its number as text where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
