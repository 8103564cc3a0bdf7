# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listening socket of a process and its file, which the user makes that has started the daemon.

A worker makes it before it gives root up.  Later it cannot: the folder belongs to root, so that no worker can answer in
the place of another process.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from pathlib import Path

from lvsd import regular_files
from lvsd.severity import WARNING

from .peer import VIEWERS, Peer, admit_viewers

BACKLOG = 64
SERVICE_USERS = frozenset({"root", "lvsd"})  # a host's own daemon is theirs; for them the group is let in


class ControlSocket:
    """Listens on `path`, with mode 0660 and the group `lvsd` where the host has that group, 0600 otherwise.

    A socket that was left behind is replaced.  Raises OSError, which names the path; also for anything else there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.owner = os.geteuid()
        self.admitted = False  # the group of those who may look
        _clear(path)
        self.socket, self._file = _listen(path)
        self.admit()

    @property
    def ours_to_make(self) -> bool:
        """Whether this process is still of the user that made the file."""
        return os.geteuid() == self.owner

    @property
    def stands(self) -> bool:
        """Whether there is a socket.  Whose it is does not matter: a successor's stays."""
        return is_socket(self.path)

    def admit(self) -> None:
        """Let the group in, where the host has it; it may have been made since the last time.

        A daemon of any other user than root and the system user may not be able to; that user can ask it all the same.
        """
        if self.admitted or not self.ours_to_make:
            return
        try:
            self.admitted = admit_viewers(self.path)
        except OSError as error:
            self.admitted = True  # as far as it goes: the next attempt would fail as well
            why = error.strerror
            if Peer(self.owner, 0).user in SERVICE_USERS:
                warn(f"{self.path}: the group {VIEWERS} cannot be let in, and its members cannot look: {why}")

    def vacant(self) -> None:
        """Raises OSError where something else stands in the place of the file."""
        if os.path.lexists(self.path):
            raise regular_files.wrong_kind(self.path, os.lstat(self.path).st_mode, "the control socket")

    def make_again(self) -> None:
        """Listen on a new one, as the file has gone.  Raises OSError."""
        self.vacant()
        listening, self._file = _listen(self.path)
        self.socket.close()
        self.socket, self.admitted = listening, False
        self.admit()

    def take(self, bound: socket.socket) -> None:
        """Listen on one that a process of root has bound to the path for us.  Raises OSError."""
        self._file = os.stat(self.path)
        bound.setblocking(False)
        bound.listen(BACKLOG)
        self.socket.close()
        self.socket = bound

    def close(self) -> None:
        """Listen no more; the file goes unless a successor has taken it.  One that is root's is for the parent."""
        self.socket.close()
        try:
            if os.path.samestat(self._file, os.stat(self.path)):  # else a successor listens at the same path
                self.path.unlink(missing_ok=True)
        except OSError:
            pass  # it is another's now, or has gone


def bind(path: Path, *, viewers: bool = False) -> socket.socket:
    """A socket with the file `path`, for its owner alone, or also for the viewers.  Raises OSError."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    umask = os.umask(0o177)
    try:
        bound.bind(os.fspath(path))
        if viewers:
            admit_viewers(path)
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(umask)
    return bound


def is_socket(path: Path) -> bool:
    """Whether there is a socket, with a process behind it or without."""
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False


def forget(path: Path) -> None:
    """Remove the file of a process that has ended, where it could not do so by itself: no process listens there."""
    if not is_socket(path):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as asked:
        try:
            asked.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError:
            pass  # there is none, or one that is busy


def warn(message: str) -> None:
    """Write a warning to the log of this process."""
    print(f"<{WARNING}>{message}", file=sys.stderr, flush=True)


def _clear(path: Path) -> None:
    """Remove a socket that was left behind.  Raises OSError for anything else."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:  # of which `_listen` says more
        return
    if not stat.S_ISSOCK(mode):
        raise regular_files.wrong_kind(path, mode, "the control socket")
    path.unlink(missing_ok=True)


def _listen(path: Path) -> tuple[socket.socket, os.stat_result]:
    """A socket that listens, and its file.  Raises OSError, which names the path."""
    regular_files.make_folder(path.parent)
    try:
        listening = bind(path)
        listening.listen(BACKLOG)
        return listening, os.stat(path)
    except OSError as error:  # one that is too long for a socket has no number
        raise OSError(error.errno or errno.ENAMETOOLONG, error.strerror or str(error), os.fspath(path)) from error
