# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rights the process of a worker has, as the kernel tells them, beside those of the parent."""

from __future__ import annotations

from pathlib import Path

from lvsd.capabilities import mask
from lvsd.worker.rights import held
from lvsd.worker.system_user import name_of

ROOT = 0


def user_of(pid: int | None) -> str | None:
    """The name of the user that a process runs as; None where there is no process.

    For a user that is not in /etc/passwd, as one of a directory service, it is the number as text.
    """
    uid = _uid(pid)
    return None if uid is None else name_of(uid) or str(uid)


def outgrown(pid: int | None, capabilities: frozenset[str], *, reads_as_root: bool) -> bool:
    """Whether a process has given up what it needs: one of these capabilities, or to read the files of root.

    What the parent itself does not have could not be given to another process, either.
    """
    uid, ours = _uid(pid), _uid("self")
    if uid is None:
        return False
    try:
        given_up = held(_status("self")) & ~held(_status(pid))
    except (OSError, ValueError):
        return False  # it has ended: the next one has what it needs
    return bool(given_up & mask(capabilities)) or (reads_as_root and ours == ROOT != uid)


def _uid(pid: int | str | None) -> int | None:
    """The effective user; None where there is no process."""
    try:
        return next(int(line.split()[2]) for line in _status(pid).splitlines() if line.startswith("Uid:"))
    except (OSError, StopIteration):
        return None


def _status(pid: int | str | None) -> str:
    return Path(f"/proc/{pid}/status").read_text()
