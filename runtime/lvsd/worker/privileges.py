# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker gives root up: it becomes the system user, keeps some capabilities, and cannot get another one.

No capability outlives an execve(2): the inheritable and the ambient sets are empty, because a worker needs none for
what it executes (the search of regular expressions).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from lvsd import capabilities
from lvsd.capabilities import mask

from .rights import held
from .system_user import SystemUser

BECOME = ("SETGID", "SETUID")
_PR_SET_KEEPCAPS, _PR_CAPBSET_READ, _PR_CAPBSET_DROP = 8, 23, 24  # linux/prctl.h
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_libc = ctypes.CDLL(None, use_errno=True)


def obstacle() -> str | None:
    """Why this process, which is root's, cannot become another user; None: it can."""
    missing = [name for name in BECOME if not permitted() & mask([name])]
    return f"it has no CAP_{missing[0]}" if missing else None


def permitted(pid: int | None = None) -> int:
    """The bits of the capabilities that a process, by default this one, may use.  Raises OSError."""
    return held(Path(f"/proc/{'self' if pid is None else pid}/status").read_text())


def give_up(user: SystemUser, kept: Iterable[str]) -> None:
    """Become `user`, in no other group, with the capabilities `kept` as far as this process has them.

    Raises OSError; the process must end then, as it may be half way.
    """
    bits = mask(kept) & permitted()
    _bound(bits)
    _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)
    _prctl(_PR_SET_KEEPCAPS, 0)
    keep(kept)


def keep(kept: Iterable[str]) -> None:
    """Give up every capability but `kept`, for good and for what is executed, and the way to others.

    Raises OSError.
    """
    bits = mask(kept) & permitted()
    _bound(bits)
    capabilities.hold(bits)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _bound(bits: int) -> None:
    """Narrow the bounding set, where CAP_SETPCAP allows it; the unit's is narrow, and means nothing to a process that
    can neither gain privileges by execve(2) nor by its user.
    """
    number = 0
    while _libc.prctl(_PR_CAPBSET_READ, number, 0, 0, 0) >= 0:
        if not bits & 1 << number:
            _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
        number += 1


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
