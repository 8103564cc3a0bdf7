# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State, pid and lock files: regular files, opened without following a link and without waiting; and their folders.

A path that is anything else (a symbolic link, a FIFO, a directory, a device, a socket) is an OSError that names it and
says what it is, and stays as it is.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, TextIO

SHARED = 0o660  # of a file that a worker writes: root, in its group, may link it (worker/own_files.py)
_KINDS = (
    (stat.S_ISLNK, "a symbolic link", errno.ELOOP),
    (stat.S_ISDIR, "a directory", errno.EISDIR),
    (stat.S_ISFIFO, "a FIFO", errno.EEXIST),
    (stat.S_ISSOCK, "a socket", errno.EEXIST),
    (stat.S_ISREG, "a regular file", errno.EEXIST),
)
_DEVICE = ("a device", errno.EEXIST)
_OURS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # O_NONBLOCK: a FIFO does not wait for its other end


def kind(mode: int) -> tuple[str, int]:
    """What a file is by its st_mode, in words, and the errno for finding it where another kind belongs."""
    return next(((words, code) for test, words, code in _KINDS if test(mode)), _DEVICE)


def wrong_kind(path: Path, mode: int, wanted: str) -> OSError:
    """The error for a path where there is something else than `wanted`."""
    words, code = kind(mode)
    return OSError(code, f"there is {words} where {wanted} belongs", os.fspath(path))


def check(path: Path) -> None:
    """Raises OSError where there is something that is no regular file."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise wrong_kind(path, mode, "a regular file")


def reason(error: Exception) -> str:
    """Why, without the path and the number that an OSError's own text has."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def opened(path: Path, flags: int, mode: int = 0o640) -> int:
    """The descriptor of a regular file.  Raises OSError."""
    check(path)
    fd = os.open(path, flags | _OURS, mode)
    found = os.fstat(fd).st_mode
    if not stat.S_ISREG(found):  # put there a moment ago
        os.close(fd)
        raise wrong_kind(path, found, "a regular file")
    return fd


def read(path: Path, most: int) -> bytes:
    """The content, of which more than `most` bytes are not looked at.  Raises OSError."""
    with open(opened(path, os.O_RDONLY), "rb") as file:
        return file.read(most + 1)


def appending(path: Path) -> TextIO:
    """A file that is there, to write at its end.  Raises OSError."""
    return open(opened(path, os.O_WRONLY | os.O_APPEND), "a", encoding="utf-8")


def changing(path: Path) -> BinaryIO:
    """A file that is there, to read and write in place.  Raises OSError."""
    return open(opened(path, os.O_RDWR), "r+b")


def place(path: Path, content: bytes, mode: int = 0o640, *, sync: bool = False, group: int | None = None) -> None:
    """Replace `path`: a reader sees the old content or the new one, whole; with `sync` also after a power cut.

    The file belongs to `group`, in which this process has to be.  Raises OSError, and leaves nothing half-written
    behind.
    """
    check(path)
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        with open(opened(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            if group is not None:
                os.fchown(file.fileno(), -1, group)
            os.fchmod(file.fileno(), mode)
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        _forget(new)
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def make_folder(path: Path) -> None:
    """Make a folder that all users may search (0755, whatever the umask is), unless it is there.  Raises OSError."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o755)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(0o755)


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass
