# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks over a control socket, and what that user may ask for.

The kernel names the process that has connected (SO_PEERCRED, unix(7)).  Members of the system group `lvsd` may connect
and look; root, and the user that has started the daemon, may also order: the system user of a worker may not.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lvsd.record import record

ROOT = 0
VIEWERS = "lvsd"  # the group
GROUPS = Path("/etc/group")
LOOKS = frozenset({"ping", "show", "events", "config"})  # the verbs that change nothing
ASKED_BY = "peer"  # the key of a request under which the server puts the Peer, whatever the client has put there
_UCRED = struct.Struct("3i")  # unix(7): pid, uid, gid


@record(frozen=True, slots=True)
class Peer:
    """The process at the other end of a connection, as it was when it connected."""

    uid: int
    pid: int

    @classmethod
    def of(cls, connection: socket.socket) -> Peer:
        """The peer of a connected Unix socket.  `pid` is 0 for a process of another PID namespace.  Raises OSError."""
        pid, uid, _gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
        return cls(uid, pid)

    def __str__(self) -> str:
        """`root (pid 4711)`, as a line of the log says it."""
        return f"{self.user or f'uid {self.uid}'} (pid {self.pid})"

    @property
    def user(self) -> str:
        """The name of the user; "" for a number that has none."""
        if self.uid == ROOT:
            return "root"
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return ""

    def details(self) -> dict[str, Any]:
        """`uid`, `pid`, and `user` where the number has a name: what an event says about who gave an order."""
        named = {"user": self.user} if self.user else {}
        return {"uid": self.uid, "pid": self.pid, **named}

    def refusal(self, request: Mapping[str, Any], daemon: int | None = None) -> str | None:
        """Why this peer may not ask for that, and what to do instead; None where it may.

        `daemon` is the user that started the daemon, by default the one of this process.  A request that names
        passwords (`"secrets": true`) is an order, whatever its verb.
        """
        if self.uid in (ROOT, os.geteuid() if daemon is None else daemon):
            return None
        if request.get("secrets") is True:
            return "passwords are for root: sudo lvsctl show config --secrets"
        if request["verb"] in LOOKS:
            return None
        return f"the group {VIEWERS} may look, not order; order as root: sudo lvsctl {request['verb']} ..."


def asked_by(request: Mapping[str, Any]) -> Peer | None:
    """Who has sent the request; None for one that the daemon has made itself, as at SIGHUP."""
    peer = request.get(ASKED_BY)
    return peer if isinstance(peer, Peer) else None


def ordered(peers: Iterable[Peer | None], otherwise: str = "the daemon") -> tuple[str, dict[str, Any]]:
    """(`root (pid 4711)`, details) for the event of what these peers have ordered; (otherwise, {}) where none has.

    Of several the first gives `uid`, `pid` and `user`; `ordered_by` then holds the details of each.
    """
    known = [peer for peer in dict.fromkeys(peers) if peer is not None]
    if not known:
        return otherwise, {}
    several = {"ordered_by": [peer.details() for peer in known]} if len(known) > 1 else {}
    return ", ".join(map(str, known)), {**known[0].details(), **several}


def admit_viewers(path: Path) -> bool:
    """Open the socket `path`, which has mode 0600, to the group `lvsd`: mode 0660; whether the host has that group.

    Raises OSError where the socket cannot be given to the group; then nothing has changed.
    """
    gid = viewers_group()
    if gid is None:
        return False
    with member_of(gid):
        os.chown(path, -1, gid)
    os.chmod(path, 0o660)
    return True


def viewers_group() -> int | None:
    """The number of the group `lvsd`, None where there is none.

    Read from /etc/group, where system groups are: a directory service may take long to say that it has no such group.
    """
    try:
        lines = GROUPS.read_text(errors="replace").splitlines()
    except OSError:
        return None
    rows = (line.split(":") for line in lines)
    return next((int(row[2]) for row in rows if row[0] == VIEWERS and len(row) > 2 and row[2].isdecimal()), None)


@contextlib.contextmanager
def member_of(gid: int) -> Iterator[None]:
    """Be in the group meanwhile: its members may give it their files without CAP_CHOWN (chown(2)).

    A supplementary group, because another effective one would make the process undumpable (prctl(2), PR_SET_DUMPABLE).
    Raises OSError for a process that is neither in the group nor has CAP_SETGID.
    """
    groups = os.getgroups()
    if gid in (os.getegid(), *groups):
        yield
        return
    os.setgroups([*groups, gid])
    try:
        yield
    finally:
        os.setgroups(groups)
