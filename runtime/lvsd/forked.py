# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fork of one of our processes gives up of the process that it was, before it is another one."""

from __future__ import annotations

import ctypes
import os

FIRST_OWN = 3  # descriptors below it are the standard streams
_PR_SET_NAME = 15  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True)


def set_name(name: str) -> None:
    """What `ps -o comm` and `top` show of this process; at most 15 bytes."""
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def keep_only(descriptor: int | None = None) -> None:
    """Close every descriptor but the standard streams and, where one is given, this one."""
    end = os.sysconf("SC_OPEN_MAX")
    if descriptor is None:
        os.closerange(FIRST_OWN, end)
        return
    os.closerange(FIRST_OWN, descriptor)
    os.closerange(descriptor + 1, end)


def leave_the_terminal() -> None:
    """Read and write nothing there, and hear no Control-C: that is for the daemon.  Raises OSError."""
    os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(FIRST_OWN):
        os.dup2(null, stream)
