# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where configurations come from: the disk and this machine.  The only file of `conf` that does I/O."""

from __future__ import annotations

import errno
import glob
import os
import stat

from .preprocess import Context

SIZE = 32 * 1024 * 1024  # bytes of one file
TOTAL = 128 * 1024 * 1024  # bytes of all files
MATCHES = 100_000  # files that one pattern may name


class Disk:
    """The files of this machine, as a `Reader`."""

    def __init__(self) -> None:
        self.left = TOTAL

    def read(self, path: str) -> str:
        """The text of a regular file: UTF-8, or Latin-1 where it is not.

        Raises OSError, also for anything but a regular file and for one that is larger than SIZE.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            if not stat.S_ISREG(mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(min(SIZE, self.left) + 1)
        finally:
            os.close(descriptor)
        if len(content) > min(SIZE, self.left):
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
        self.left -= len(content)
        return decoded(content)

    def glob(self, pattern: str) -> list[str]:
        """The paths that exist, sorted; hidden files only where the pattern names the dot.

        Raises PermissionError, which names the folder, where this process may not look into one on the way.
        """
        if not glob.has_magic(pattern):
            if os.path.lexists(pattern):
                return [pattern]
            look(pattern)
            return []
        look(pattern)
        return sorted(name for name, _unused in zip(glob.iglob(pattern), range(MATCHES), strict=False))


def look(pattern: str) -> None:
    """Raises PermissionError where a folder that `pattern` leads into, as far as there are any, is closed."""
    above = os.path.dirname(pattern)
    folders = glob.glob(above) if above else ["."]
    if not folders and above != pattern:
        look(above)
    for folder in folders:
        if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)


def decoded(content: bytes) -> str:
    """Return the bytes of a file as text: UTF-8, otherwise Latin-1; NUL becomes a replacement character."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def surroundings(config_id: str | None, *, all_config: bool = False) -> Context:
    """This machine; the identity is the first label of its name unless given (keepalived -i)."""
    node = os.uname().nodename.partition(".")[0]
    return Context(
        config_id=node if config_id is None else config_id,
        instance=node if config_id is None else config_id,
        directory=working_directory(),
        environment=dict(os.environ),
        random=throw,
        all_config=all_config,
    )


def working_directory() -> str:
    """Return where relative paths begin; "/" where that folder has been removed: then only absolute ones are found."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return os.sep


def throw(least: int, most: int) -> int:
    """The dice of `${_RANDOM}`; hardly any configuration asks for them."""
    import random

    return random.randint(least, most)
