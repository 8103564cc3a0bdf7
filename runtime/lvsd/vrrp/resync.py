# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When links and addresses are read again: after lost reports at once, after a reading that failed or was torn later.

A table that never stands still is no reason to stop: what was seen of it counts, together with the kernel's events,
and the next reading comes after a pause that doubles.
"""

from __future__ import annotations

from collections.abc import Callable

from lvsd.kernel.netlink import BadMessage, NetlinkError
from lvsd.loop import Loop, Timer

from .interfaces import Interfaces

READ_AGAIN, READ_AGAIN_AT_MOST = 1.0, 60.0  # seconds: first, doubled in between

Say = Callable[..., object]


class Rereading:
    """`learn` is called after each reading of ours: anything may be different."""

    def __init__(self, loop: Loop, interfaces: Interfaces, say: Say, learn: Callable[[], None]) -> None:
        self._loop = loop
        self._interfaces = interfaces
        self._say = say
        self._learn = learn
        self._pause = READ_AGAIN
        self._said = ""
        self._timer: Timer | None = None
        interfaces.torn = self._torn

    def read(self) -> None:
        """Now; again later if it fails, or if the tables change meanwhile."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        try:
            self._interfaces.read()
        except (NetlinkError, BadMessage, OSError) as error:
            self._later(f"links and addresses cannot be read: {error}")
            return
        if self._timer is None:
            self._pause, self._said = READ_AGAIN, ""
        self._learn()

    def _torn(self) -> None:
        self._later("links and addresses change faster than they can be read: what was seen counts, with the changes")

    def _later(self, why: str) -> None:
        """Each reason is said once, until a reading succeeds."""
        if self._timer is not None:
            return
        if why != self._said:
            self._said = why
            self._say("address", "vrrp", f"{why}; they are read again in {self._pause:g} s")
        self._timer = self._loop.call_later(self._pause, self.read)
        self._pause = min(2 * self._pause, READ_AGAIN_AT_MOST)
