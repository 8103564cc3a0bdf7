# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a checker should know and what the kernel should hold, from the configuration, the results, the orders and the
quorums alone: the rules once more, in other words than those of the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lvsd.check.health import CheckTimes, Result
from lvsd.kernel.ipvs_types import Destination, DestinationKey, ServiceKey
from lvsd.model import RealServer, VirtualServer

Weights = dict[DestinationKey, int]


@dataclass(slots=True)
class CheckSeen:
    """What the results of one check say so far."""

    up: bool
    observed: bool
    schedule: CheckTimes
    failures: int = 0
    weight: int | None = None

    def hear(self, result: Result) -> None:
        """A failure counts once its retries have failed too, the first check at once; a success counts at once."""
        if not result.looked:
            return
        if result.passed:
            self.up, self.failures, self.weight = True, 0, result.weight
        else:
            self.failures += 1
            self.up = self.up and self.observed and self.failures <= self.schedule.retry
            self.weight = self.weight if self.up else None
        self.observed = True


@dataclass(slots=True)
class ServerSeen:
    """A real server: what is configured, what its checks say, what the operator said."""

    real: RealServer
    checks: list[CheckSeen] = field(default_factory=list)
    drained: bool = False
    ordered: int | None = None

    @property
    def up(self) -> bool:
        return not any(not check.up for check in self.checks)

    @property
    def configured(self) -> int:
        return 1 if self.real.weight is None else self.real.weight

    def weight(self, *, obeys: bool = True) -> int:
        """While it is up; without `obeys` as if the operator had said nothing."""
        if self.drained and obeys:
            return 0
        base = self.ordered if self.ordered is not None and obeys else self.configured
        for check in self.checks:
            if check.weight is not None:
                base += check.weight - self.configured
        return min(65535, max(0, base))


@dataclass(slots=True)
class ServiceSeen:
    """A virtual service with its servers; `quorum` is None until it was counted once."""

    key: ServiceKey
    virtual: VirtualServer
    servers: dict[DestinationKey, ServerSeen]
    quorum: bool | None = None

    @property
    def sorry(self) -> DestinationKey | None:
        found = self.virtual.sorry_server
        return None if found is None else DestinationKey(self.key, found.address, 80)

    def count(self) -> None:
        """Gained at quorum + hysteresis, kept down to quorum - hysteresis, begun with at quorum."""
        total = sum(server.configured for server in self.servers.values())
        quorum = max(1, min(self.virtual.quorum, total))
        live = sum(server.weight() for server in self.servers.values() if server.up)
        if self.quorum is None:
            self.quorum = live >= quorum
        elif self.quorum:
            self.quorum = live >= max(1, quorum - self.virtual.hysteresis)
        else:
            self.quorum = live >= max(quorum, min(quorum + self.virtual.hysteresis, total))

    def only_ordered_away(self) -> bool:
        """Whether the quorum would be kept if the operator had said nothing."""
        total = sum(server.configured for server in self.servers.values())
        quorum = max(1, min(self.virtual.quorum, total))
        live = sum(server.weight(obeys=False) for server in self.servers.values() if server.up)
        return live >= max(1, quorum - self.virtual.hysteresis)

    def stays(self, server: ServerSeen, excused: bool) -> bool:
        """At weight 0, so that its connections end by themselves; `excused`: the sorry server is in use."""
        if server.up and excused and self.only_ordered_away():
            return True
        return server.drained and (server.up or not self.virtual.persistence_timeout)

    def destinations(self) -> Weights:
        """The weight of each destination that the kernel should hold."""
        excused = self.sorry is not None and not self.quorum
        found: Weights = {}
        for key, server in self.servers.items():
            if server.up and not excused:
                found[key] = server.weight()
            elif server.real.inhibit_on_failure or self.stays(server, excused):
                found[key] = 0
        if self.sorry is not None and excused:
            found[self.sorry] = 1
        elif self.sorry is not None and self.virtual.sorry_server is not None and self.virtual.sorry_server.inhibit:
            found.setdefault(self.sorry, 0)
        return found


def weights(held: dict[DestinationKey, Destination]) -> Weights:
    return {key: destination.weight for key, destination in held.items()}
