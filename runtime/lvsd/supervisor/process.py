# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process does to itself before it begins: namespace, background, name, bond to its parent."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15  # linux/prctl.h


def enter_namespace(name: str) -> None:
    """Move into the network namespace that `ip netns` calls `name`.  Raises OSError."""
    fd = os.open(Path("/run/netns") / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(fd, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), name)
    finally:
        os.close(fd)


def set_name(name: str) -> None:
    """What `ps -o comm` and `top` show; at most 15 bytes."""
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def die_with(parent: int) -> None:
    """Be killed when `parent` dies: the kernel keeps addresses and services, a successor's worker adopts them.

    SIGKILL and not SIGTERM on purpose: an orderly stop would take the addresses down and drop connections.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the bond was made
        sys.exit(1)


def lock(path: Path) -> bool:
    """Whether this process, and its children by fork, are now the only ones that hold `path`.  Raises OSError."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # until the last of them ends
    except BlockingIOError:
        os.close(fd)
        return False
    return True


def go_to_background() -> None:
    """Two forks and a session of our own, as a daemon does; standard streams go to /dev/null."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():  # what remains leads no session, so it cannot get a terminal
        os._exit(0)
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)
