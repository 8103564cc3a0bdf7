# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that somebody but root could change, each in its own way, and one that only root can.

path = UNSAFE["a file that its group can write"](folder, "echo ran >> /tmp/notes")
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

USER = pwd.getpwnam("nobody")

Make = Callable[[Path, str], Path]
"""(a folder of root's, what the script does) -> its path as a configuration names it."""


def safe(folder: Path, text: str) -> Path:
    path = folder / "bin" / "program"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    for place in (path, path.parent):
        os.chown(place, 0, 0)
        place.chmod(0o755)
    return path


def writable_by_its_group(folder: Path, text: str) -> Path:
    path = safe(folder, text)
    os.chown(path, 0, USER.pw_gid)
    path.chmod(0o775)
    return path


def of_a_user(folder: Path, text: str) -> Path:
    path = safe(folder, text)
    os.chown(path, USER.pw_uid, 0)
    return path


def in_an_open_folder(folder: Path, text: str) -> Path:
    path = safe(folder, text)
    path.parent.chmod(0o777)
    return path


def linked_through_a_users_folder(folder: Path, text: str) -> Path:
    """The program itself is root's, and so is the link."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    os.chown(home, USER.pw_uid, USER.pw_gid)
    (home / "link").symlink_to(safe(folder, text))
    (folder / "way").symlink_to("home")
    return folder / "way" / "link"


def spoil(path: Path) -> None:
    """Open a program that was safe to all."""
    path.chmod(0o777)


UNSAFE: dict[str, Make] = {
    "a file that its group can write": writable_by_its_group,
    "a file of a user": of_a_user,
    "an open folder": in_an_open_folder,
    "a link through a user's folder": linked_through_a_users_folder,
}
