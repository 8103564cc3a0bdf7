# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told, and which scripts run, when a server goes up or down, and when a service gains or loses quorum."""

from __future__ import annotations

from collections.abc import Callable

from lvsd.kernel.ipvs_types import DestinationKey
from lvsd.model import Command
from lvsd.programs.notifier import Notifier

from .pool import has_quorum, live_weight, needed
from .services import Server, Services, VirtualService

Say = Callable[..., None]
"""(what, subject, message, priority=6, **details): an event and a line of the log."""

WORDS = {True: "up", False: "down"}


class Transitions:
    """`record` is told of every quorum (service as text, whether it has it) before its scripts run."""

    def __init__(
        self, services: Services, notifier: Notifier, say: Say, record: Callable[[str, bool], None] = lambda *_: None
    ) -> None:
        self._record = record
        self._services = services
        self._notifier = notifier
        self._say = say

    def server(self, key: DestinationKey, reason: str) -> None:
        """Tell of a server that is not what was last told."""
        server = self._services.server(key)
        if server.up == server.told_up:
            return
        was, server.told_up = server.told_up, server.up
        message = f"{key}: {WORDS[was]} -> {WORDS[server.up]} ({reason})"
        self._say("health", str(key), message, up=server.up, reason=reason)
        self._run(str(key), server.member.notify_up if server.up else server.member.notify_down)

    def quorum(self, service: VirtualService) -> None:
        """Gain or lose it.  A service that begins with quorum gains it; one that begins without loses nothing."""
        had, pool, standings = service.quorum, service.pool, service.standings()
        service.quorum = has_quorum(pool, standings, had)
        if service.quorum == had:
            return
        self._record(str(pool.key), service.quorum)
        weight, least = live_weight(pool, standings), needed(pool, had)
        verdict = "gained" if service.quorum else "lost" if had else "not there yet"
        message = f"{pool.key}: quorum {verdict} (weight {weight} of {least})"
        if pool.sorry is not None and (had is not None or not service.quorum):
            message += f": sorry server {pool.sorry.key.endpoint} {'out' if service.quorum else 'in'}"
        self._say("quorum", str(pool.key), message, up=service.quorum, weight=weight, needed=least)
        if service.quorum or had:
            self._run(str(pool.key), pool.quorum_up if service.quorum else pool.quorum_down)

    def leaving(self, service: VirtualService) -> None:
        """The scripts of a service that goes; when the daemon stops, keepalived asks for `omega`."""
        for server in service.servers.values():
            self.removed(server)
        if service.quorum:
            self._run(str(service.pool.key), service.pool.quorum_down)

    def removed(self, server: Server) -> None:
        """The script of a server that goes; one that is down has run it already."""
        if server.up:
            self._run(str(server.member.key), server.member.notify_down)

    def _run(self, key: str, command: Command | None) -> None:
        self._notifier.tell(key, [(command, ())])
