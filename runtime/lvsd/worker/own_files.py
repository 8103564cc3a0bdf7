# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a worker may write: a folder of its own in RUNTIME_DIR, and STATE_DIR where it has something to remember.

RUNTIME_DIR          root, 0755               the sockets, the parts: only root can put another file in their place
RUNTIME_DIR/NAME     root:GROUP, 0770         NAME.state, of the worker's user
STATE_DIR            root:GROUP, 0775         the operator's orders, and which services are ours

GROUP is the primary group of the system user; without that user, where a reason stands in its place, both belong to
root alone.  Root only renames and links in there, reads nothing, and follows no link.

Versions before this one have RUNTIME_DIR/NAME.state.  `prepare` takes over what such a worker has left; `share` shows
such a worker what ours has, which is one and the same file then; `unshare` takes that name away again.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lvsd import regular_files
from lvsd.control.peer import member_of

from .registry import WORKERS, Worker
from .system_user import SystemUser

FOLDER, STATE_DIR = 0o770, 0o775


def prepare(worker: Worker, runtime_dir: Path, state_dir: Path, user: SystemUser | str) -> None:
    """Make the folders of `worker`, give them to `user`, and put the state of a version before in place.

    Called as the daemon's own user, when no predecessor runs.  Raises OSError, which names the path.
    """
    folder(worker, runtime_dir, user)
    if worker.remembers:
        state_folder(state_dir, user)
    _take_former(worker, runtime_dir, user)


def folder(worker: Worker, runtime_dir: Path, user: SystemUser | str) -> None:
    """Make the folder of `worker` in RUNTIME_DIR, and put right one that is there.  Raises OSError."""
    _make(runtime_dir / worker.name, user, FOLDER)


def state_folder(state_dir: Path, user: SystemUser | str) -> None:
    """Make STATE_DIR, and put right one that is there.  Raises OSError.

    systemd gives StateDirectory= back to root, with all that is in it, whenever it starts the unit.  So each parent
    calls this: its workers may be those of a parent that has crashed.
    """
    _make(state_dir, user, STATE_DIR)


def share(runtime_dir: Path) -> None:
    """Give each state file the name under which a version before this one looks for it, too.  Raises OSError.

    The numbers that a worker stores from here on stand in that file, too, because it is the same one.
    """
    for worker in WORKERS.values():
        mine, former = runtime_dir / worker.state, runtime_dir / worker.former_state
        found = _regular(mine)
        if found is None or _is(former, found):
            continue
        regular_files.check(former)
        former.unlink(missing_ok=True)
        with member_of(found.st_gid):  # who links another's file has to be able to write it: fs.protected_hardlinks
            os.link(mine, former, follow_symlinks=False)
        if _regular(former) is None:  # what the worker has put there meanwhile is no state
            former.unlink()


def unshare(runtime_dir: Path) -> None:
    """Take back the names that `share` has given.  Raises OSError."""
    for worker in WORKERS.values():
        found = _regular(runtime_dir / worker.state)
        if found is not None and _is(runtime_dir / worker.former_state, found):
            (runtime_dir / worker.former_state).unlink(missing_ok=True)


def _take_former(worker: Worker, runtime_dir: Path, user: SystemUser | str) -> None:
    """Of the two files the one that was made last is true: versions may have taken turns."""
    mine, former = runtime_dir / worker.state, runtime_dir / worker.former_state
    theirs, ours = _regular(former), _regular(mine)
    if theirs is None:
        return
    if ours is not None and (os.path.samestat(ours, theirs) or ours.st_mtime_ns > theirs.st_mtime_ns):
        former.unlink(missing_ok=True)
        return
    if isinstance(user, SystemUser) and theirs.st_uid == os.geteuid():
        with member_of(user.gid):
            os.chown(former, -1, user.gid, follow_symlinks=False)
        os.chmod(former, 0o660)
    former.replace(mine)


def _make(path: Path, user: SystemUser | str, mode: int) -> None:
    """A folder of this process's user, which the group of `user` may write; another user's stays as it is."""
    regular_files.make_folder(path)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise regular_files.wrong_kind(path, found.st_mode, "a folder")
    if not isinstance(user, SystemUser) or found.st_uid != os.geteuid():
        return
    if found.st_gid != user.gid:
        with member_of(user.gid):
            os.chown(path, -1, user.gid)
    if stat.S_IMODE(found.st_mode) != mode:
        os.chmod(path, mode)


def _regular(path: Path) -> os.stat_result | None:
    """What is there, if it is a regular file; no link is followed."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _is(path: Path, found: os.stat_result) -> bool:
    there = _regular(path)
    return there is not None and os.path.samestat(there, found)
