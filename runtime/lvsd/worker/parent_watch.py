# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's tie to its parent: a parent that dies is replaced soon, so its workers carry on and wait for the next.

              parent dies                patience is over
    (tied) ----------------> (orphaned) ------------------> the worker stops in order
       ^                         |
       +----- adopt {parent} ----+

A parent that executes a new version of itself keeps its process, so no worker notices.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Mapping
from typing import Any

from lvsd.control.peer import asked_by
from lvsd.control.server import Answer, Refused
from lvsd.loop import Loop, Timer

ORPHAN_PATIENCE = 60.0  # seconds; systemd starts the next parent within one


class ParentWatch:
    """Watches `parent`; calls `orphaned` once it has been gone for `patience` seconds and no other has adopted us.

    `parent` None: the worker was started by hand and has no tie, until a parent adopts it.  `say` gets a line for
    the log whenever that changes.
    """

    def __init__(
        self,
        loop: Loop,
        parent: int | None,
        orphaned: Callable[[], None],
        say: Callable[[str], None],
        *,
        patience: float = ORPHAN_PATIENCE,
    ) -> None:
        self.loop = loop
        self.orphaned = orphaned
        self.say = say
        self.patience = patience
        self.parent = parent  # None: no tie, or the parent has gone
        self._begun_by_parent = parent is not None
        self._adopted_by_us = False  # by a parent of this process's own user
        self._pidfd: int | None = None
        self._timer: Timer | None = None
        if parent is not None:
            self._pidfd = _open(parent)
            if self._pidfd is None:
                self._lost()
            else:
                loop.add_reader(self._pidfd, self._lost)

    def adopt(self, request: Mapping[str, Any]) -> Answer:
        """The verb `adopt` {"parent": PID}: that process is our parent from now on.  Raises `Refused`."""
        parent = request.get("parent")
        if not isinstance(parent, int) or isinstance(parent, bool) or not 0 < parent < 1 << 31:
            raise Refused("parent is the number of a process")
        pidfd = _open(parent)
        if pidfd is None:
            raise Refused(f"there is no process {parent}")
        self.close()
        if parent != self.parent:
            self.say(f"adopted by pid {parent}")
        self.parent, self._pidfd = parent, pidfd
        peer = asked_by(request)
        self._adopted_by_us = peer is not None and peer.uid == os.geteuid()
        self.loop.add_reader(pidfd, self._lost)
        return {"parent": parent}

    def user(self, owner: int) -> int:
        """The user whose orders this process takes beside root's; `owner` has made its control socket.

        It is that of this process itself where the parent is, or where there is none and the next one may be: the unit
        of a version before has started a parent of root, that of ours starts one of the system user.
        """
        orphaned = self._begun_by_parent and self.parent is None
        return os.geteuid() if orphaned or self._adopted_by_us else owner

    def close(self) -> None:
        """Untie; no callback is called any more."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._pidfd is not None:
            self.loop.remove(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

    def _lost(self) -> None:
        self.close()
        self.say(f"the parent (pid {self.parent}) has gone; waiting {self.patience:g} s for the next one")
        self.parent = None
        self._timer = self.loop.call_later(self.patience, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        self.say(f"no parent for {self.patience:g} s: stopping")
        self.orphaned()


def _open(pid: int) -> int | None:
    """A pidfd of a process that is alive; None where there is none, or only what is left to be reaped."""
    try:
        pidfd = os.pidfd_open(pid)
    except OSError:
        return None
    ended = select.poll()
    ended.register(pidfd, select.POLLIN)
    if ended.poll(0):
        os.close(pidfd)
        return None
    return pidfd
