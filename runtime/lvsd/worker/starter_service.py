# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvsd --starter`: the starter that systemd starts for a worker which has connected (lvsd-starter@.service).

It is root, serves the system user alone, and reads the operator's configuration itself: nothing that it does comes from
a file which the system user could write.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from functools import partial
from pathlib import Path

from lvsd import capabilities, conf
from lvsd.conf import Loaded
from lvsd.control.control_socket import warn
from lvsd.control.peer import Peer, viewers_group
from lvsd.forked import set_name
from lvsd.options import Options
from lvsd.programs import program_path, starter
from lvsd.programs.security import GROUP_WRITE, OTHERS_WRITE, STICKY, FileKind, PathStep

from .system_user import SystemUser, on_this_host

STDIN = 0
REFUSED, NO_CONNECTION = 1, 2  # exit codes


def run(options: Options) -> int:
    """Serve the worker at standard input until it has gone and its programs have ended; the exit code."""
    set_name(starter.NAME)
    user = on_this_host()
    if isinstance(user, str):
        warn(f"no program is run: {user}")
        return REFUSED
    connection = accepted()
    if connection is None:
        warn("--starter is for lvsd-starter@.service: standard input is no connection")
        return NO_CONNECTION
    peer = Peer.of(connection)
    if peer.uid != user.uid:
        warn(f"no program is run for {peer}: that is for the daemon's own user")
        return REFUSED
    capabilities.keep(starter.RIGHTS)
    starter.serve(connection, options.config, load=partial(load, options=options, user=user))
    return 0


def accepted() -> socket.socket | None:
    """The connection that systemd has accepted, no more as standard input; None where there is none."""
    try:
        mode = os.fstat(STDIN).st_mode
        if not stat.S_ISSOCK(mode):
            return None
        connection = socket.socket(fileno=os.dup(STDIN))  # not inherited
    except OSError:
        return None
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, STDIN)
    os.close(null)
    if (connection.family, connection.type) == (socket.AF_UNIX, socket.SOCK_SEQPACKET):
        return connection
    connection.close()
    return None


def load(path: Path, *, options: Options, user: SystemUser) -> Loaded:
    """The configuration as the daemon reads it.  Raises OSError, also for a file that `user` could have written.

    A file counts with every folder and link on the way to it: where `user` can change none of them, it could not have
    put another file there while this process read.
    """
    loaded = conf.load(path, config_id=options.config_id, all_config=options.all_config)
    for name in loaded.files:
        if any(could_write(step, user) for step in way_to(os.path.abspath(name))):
            raise OSError(errno.EPERM, "the daemon's own user could have written it", name)
    return loaded


def way_to(name: str) -> list[PathStep]:
    """Each entry on the way to a file, or as far as it goes, where it has gone meanwhile.  Raises OSError."""
    while True:
        try:
            return program_path.steps(name)
        except FileNotFoundError:
            name = os.path.dirname(name)


def load_part(path: Path) -> Loaded:
    """The part of the configuration that a parent of this process's user has written for its worker.

    Behind a parent of root systemd may start one that is the system user, and gives RUNTIME_DIR to that: from then on
    the part is no more what root has written.  Raises OSError, also where the file or its folder is another user's.
    """
    loaded = conf.load(path)
    for name in (path, path.parent):
        if os.stat(name).st_uid != os.geteuid():
            why = "another user could have written it, as RUNTIME_DIR is that user's now; systemctl restart lvsd"
            raise OSError(errno.EPERM, why, os.fspath(path))
    return loaded


def could_write(step: PathStep, user: SystemUser) -> bool:
    """Whether the owner, the group or all users that may write it include `user`."""
    theirs = step.uid == user.uid
    sticky_folder = step.kind is FileKind.FOLDER and step.mode & STICKY
    if sticky_folder or step.kind is FileKind.LINK:  # only the owner of an entry may replace it: unlink(2), symlink(7)
        return theirs
    shared = bool(step.mode & GROUP_WRITE) and step.gid in (user.gid, viewers_group())
    return theirs or shared or bool(step.mode & OTHERS_WRITE)
