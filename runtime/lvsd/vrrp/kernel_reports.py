# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's reports of links and addresses; when one is lost or strange, everything is read again."""

from __future__ import annotations

from collections.abc import Callable

from lvsd.kernel.netlink import BadMessage
from lvsd.kernel.netlink_socket import EventSocket, Overrun
from lvsd.kernel.rtnetlink import decode_events
from lvsd.loop import Loop

from .interfaces import Interfaces, News
from .resync import Rereading

Say = Callable[..., object]


class KernelReports:
    """`learn` gets what a report has changed, `learn_anew` is called after a reading: anything may be different.

    The tables are read here for the first time, behind the opening of the socket: no change is missed in between.
    """

    def __init__(
        self,
        loop: Loop,
        socket: EventSocket,
        interfaces: Interfaces,
        say: Say,
        learn: Callable[[News], None],
        learn_anew: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._socket = socket
        self._interfaces = interfaces
        self._learn = learn
        self._rereading = Rereading(loop, interfaces, say, learn_anew)
        interfaces.read()
        loop.add_reader(socket.fileno(), self.observe)

    def close(self) -> None:
        """Hear no more reports."""
        self._loop.remove(self._socket.fileno())
        self._socket.close()

    def observe(self) -> None:
        """Take what the kernel reports into the tables."""
        try:
            news = self._news()
        except (Overrun, BadMessage):
            self._rereading.read()
            return
        self._learn(news)

    def catch_up(self) -> bool:
        """Take it into the tables and tell only whether there was any."""
        try:
            return bool(self._news())
        except (Overrun, BadMessage):
            self._interfaces.read()
            return True

    def _news(self) -> News:
        """Raises Overrun or BadMessage."""
        datagrams = self._socket.read()
        return self._interfaces.learn(e for data in datagrams for e in decode_events(data, self._interfaces.names))
