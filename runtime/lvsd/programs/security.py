# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a program may run: keepalived.conf(5), `enable_script_security`, and the permission to execute.

`verdict` decides from what was seen of the path (`program_path.steps`): the file, each folder above it, and, where a
symbolic link is on the way, the link, the folder that holds it and each folder that it leads through.  keepalived 2.2.7
resolves the links first and looks at the result only; here the links count as well, because the owner of the folder of
a link decides what root runs.  As in keepalived:

* only a program that would run with the user or the group root is protected;
* a group with the number 0 counts as root;
* a folder with the sticky bit that belongs to root (/tmp) is no way in: only the owner of an entry may replace it, and
  the owner of each entry on the way has to be root;
* it is the first word of the command that is judged, not a file that an interpreter is given as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from lvsd.record import record

ROOT = 0
EXECUTE, GROUP_WRITE, OTHERS_WRITE, STICKY = 0o1, 0o020, 0o002, 0o1000  # inode(7)
OWNER_BITS, GROUP_BITS = 6, 3  # how far the bits of the owner and of the group are shifted
ANY_EXECUTE = 0o111

Name = Callable[[int], str]
"""The name of a user or a group; "user 1000" where it has none."""


class FileKind(Enum):
    """What stands at a step of a path."""

    FOLDER = "a folder"
    FILE = "a file"
    LINK = "a symbolic link"
    OTHER = "neither a file nor a folder"


@record(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One entry on the way to a program; `mode` holds the permissions with the sticky bit (0..0o7777)."""

    path: str
    kind: FileKind
    mode: int
    uid: int = ROOT
    gid: int = ROOT


@record(frozen=True, slots=True)
class Account:
    """The identity that a program runs as; `groups` are all of its groups."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    home: str = "/"
    shell: str = "/bin/sh"

    @property
    def privileged(self) -> bool:
        """Whether who can change the program gains something by it."""
        return ROOT in (self.uid, self.gid)


def verdict(
    steps: Sequence[PathStep], account: Account, *, security: bool, user: Name = str, group: Name = str
) -> str | None:
    """Why the program at the end of `steps` is not run as `account`; None: it may run.

    `security` is `enable_script_security`.
    """
    program = steps[-1]
    if program.kind is not FileKind.FILE:
        return f"{program.path} is {program.kind.value}, no program"
    if security and account.privileged:
        for step in steps:
            if why := changeable(step, user, group):
                return f"{why}, and it would run as {account.name}"
    for step in steps:
        if step.kind is not FileKind.LINK and not executable(step, account):
            what = "execute permission" if step is program else "permission to search the folder"
            return f"{step.path}: {account.name} has no {what} (mode {step.mode:04o})"
    return None


def changeable(step: PathStep, user: Name, group: Name) -> str | None:
    """How a user other than root could put something else in this place."""
    if step.uid != ROOT:
        return f"{step.path} belongs to {user(step.uid)}"
    if step.kind is FileKind.LINK or (step.kind is FileKind.FOLDER and step.mode & STICKY):
        return None
    if step.mode & OTHERS_WRITE:
        return f"{step.path} can be written by all users (mode {step.mode:04o})"
    if step.mode & GROUP_WRITE and step.gid != ROOT:
        return f"{step.path} can be written by the group {group(step.gid)} (mode {step.mode:04o})"
    return None


def executable(step: PathStep, account: Account) -> bool:
    """Whether the account may execute the file, or search the folder (path_resolution(7))."""
    if account.uid == ROOT:
        return step.kind is FileKind.FOLDER or bool(step.mode & ANY_EXECUTE)
    if account.uid == step.uid:
        return bool(step.mode >> OWNER_BITS & EXECUTE)
    if step.gid in (account.gid, *account.groups):
        return bool(step.mode >> GROUP_BITS & EXECUTE)
    return bool(step.mode & EXECUTE)
