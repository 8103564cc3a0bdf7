# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process does to itself before it begins: namespace, lock, background."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
from pathlib import Path

from lvsd import regular_files

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000  # linux/sched.h


def enter_namespace(name: str) -> None:
    """Move into the network namespace that `ip netns` calls `name`.  Raises OSError."""
    fd = os.open(Path("/run/netns") / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(fd, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), name)
    finally:
        os.close(fd)


def lock(path: Path, inherited: int | None = None) -> int | None:
    """The descriptor by which this process, and its children by fork, are the only ones that hold `path`.

    None where another process holds it.  `inherited` is the one of the image before, which has never let go.
    Raises OSError.
    """
    fd = regular_files.opened(path, os.O_RDWR | os.O_CREAT)
    if inherited is not None and _same_file(fd, inherited):
        os.close(fd)
        fd = inherited
        os.set_inheritable(fd, False)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # until the last of them ends
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def _same_file(fd: int, other: int) -> bool:
    try:
        return os.path.sameopenfile(fd, other)
    except OSError:
        return False


class Launcher:
    """The process that was started, where the daemon goes to the background: it ends when it is known how that went.

    Two forks and a session of our own, as a daemon does; the standard streams go to /dev/null when all has gone well.
    """

    def __init__(self) -> None:
        """Returns in the background; only there."""
        heard, self._word = os.pipe2(os.O_CLOEXEC)
        if os.fork():
            os.close(self._word)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])  # it can be interrupted
            word = os.read(heard, 1)
            os._exit(word[0] if word else 1)
        os.close(heard)
        os.setsid()
        if os.fork():  # what remains leads no session, so it cannot get a terminal
            os._exit(0)
        os.chdir("/")

    def tell(self, code: int) -> None:
        """End it with this exit code; the streams are ours alone from now on."""
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        if null > 2:
            os.close(null)
        try:
            os.write(self._word, bytes([code]))
        except BrokenPipeError:  # it was interrupted
            pass
        os.close(self._word)
