# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effective capabilities of this process (capabilities(7)): which of its rights it uses.

The permitted ones stay: with no_new_privs a program of root gets none that its starter does not have (execve(2)).
In a sandbox that forbids the system calls nothing changes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

KILL, SETGID, SETUID, DAC_READ_SEARCH = 5, 6, 7, 2  # linux/capability.h
_VERSION_3 = 0x20080522
_WORD = 32  # bits
_libc = ctypes.CDLL(None)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def keep(numbers: Iterable[int]) -> None:
    """Use these capabilities and no others, as far as this process has them."""
    wanted = sum(1 << number for number in numbers)
    sets = _get()
    for word, each in enumerate(sets):
        each.effective &= each.permitted & (wanted >> word * _WORD)
    _set(sets)


def use_all() -> None:
    """Use every capability that this process has."""
    sets = _get()
    for each in sets:
        each.effective = each.permitted
    _set(sets)


def _get() -> ctypes.Array[_Sets]:
    sets = (_Sets * 2)()
    _libc.capget(ctypes.byref(_Header(_VERSION_3, 0)), sets)
    return sets


def _set(sets: ctypes.Array[_Sets]) -> None:
    _libc.capset(ctypes.byref(_Header(_VERSION_3, 0)), sets)
