# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The capabilities of this process (capabilities(7)), by their names without `CAP_`.

The starter lowers those that it uses (`keep`) and keeps those that it may use: with no_new_privs a program of root gets
none that its starter does not have (execve(2)).  A worker gives up for good what it does not need (`hold`).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

NUMBERS = {  # linux/capability.h
    "DAC_READ_SEARCH": 2,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "NET_BIND_SERVICE": 10,
    "NET_ADMIN": 12,
    "NET_RAW": 13,
    "IPC_LOCK": 14,
    "SYS_NICE": 23,
}
_VERSION_3 = 0x20080522  # linux/capability.h: _LINUX_CAPABILITY_VERSION_3
_WORD = 32  # bits
_libc = ctypes.CDLL(None, use_errno=True)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def mask(names: Iterable[str]) -> int:
    """The capabilities as the kernel's bits."""
    return sum(1 << NUMBERS[name] for name in set(names))


def keep(names: Iterable[str]) -> None:
    """Use these capabilities and no others, as far as this process has them; in a sandbox that forbids it, all."""
    wanted = mask(names)
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


def hold(bits: int) -> None:
    """Have and use the capabilities of these bits, and no others for good; none is inheritable.  Raises OSError."""
    sets = (_Sets * 2)()
    for word, each in enumerate(sets):
        each.effective = each.permitted = bits >> word * _WORD & 0xFFFFFFFF
    if _set(sets):
        number = ctypes.get_errno()
        raise OSError(number, f"capset: {os.strerror(number)}")


def _get() -> ctypes.Array[_Sets]:
    sets = (_Sets * 2)()
    _libc.capget(ctypes.byref(_Header(_VERSION_3, 0)), sets)
    return sets


def _set(sets: ctypes.Array[_Sets]) -> int:
    """What capset(2) returns: 0, or -1 and errno."""
    return int(_libc.capset(ctypes.byref(_Header(_VERSION_3, 0)), sets))
