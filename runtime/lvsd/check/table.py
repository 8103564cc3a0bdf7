# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our part of the kernel's IPVS table: read, compared, made so; what is not ours is never touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey, Table
from lvsd.kernel.netlink import NetlinkError
from lvsd.reconcile import Changes, changes

Destinations = dict[DestinationKey, Destination]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was changed, and what the kernel refused, object by object."""

    services: Changes[ServiceKey, Service] = field(default_factory=Changes)
    destinations: Changes[DestinationKey, Destination] = field(default_factory=Changes)
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        """ "services: 1 added; destinations: 2 added, 1 removed"."""
        parts = (("services", self.services), ("destinations", self.destinations))
        return "; ".join(f"{what}: {told(found)}" for what, found in parts if found)


class KernelTable:
    """`owned` are the services we made; `keep` stores them and is called before the kernel learns of new ones.

    It says whether they are stored; if not, it is called again by the next comparison.
    """

    def __init__(self, ipvs: Ipvs, owned: frozenset[str], keep: Callable[[frozenset[str]], bool]) -> None:
        self.ipvs = ipvs
        self.owned = owned
        self._keep = keep
        self._stored = owned
        self._held: dict[ServiceKey, Destinations] = {}  # what we believe the kernel holds of each of our services

    def dump(self) -> Table:
        """Read the whole table. Raises OSError, BadMessage, NetlinkError."""
        return self.ipvs.dump()

    def own_all(self) -> None:
        """`lvs_flush`, `lvs_flush_on_stop`: the next `make` removes every service that is not configured."""
        self.owned |= set(map(str, self.ipvs.services()))

    def make(self, desired: Mapping[ServiceKey, Service], wanted: Destinations, actual: Table | None = None) -> Applied:
        """Compare with what the kernel holds, and change what differs. Raises OSError, BadMessage."""
        actual = self.dump() if actual is None else actual
        names = frozenset(map(str, desired))
        ours = {key: service for key, service in actual.services.items() if key in desired or str(key) in self.owned}
        there = actual.destinations
        if len(ours) < len(actual.services):
            there = {key: value for key, value in there.items() if key.service in ours}
        services, destinations = changes(ours, desired), changes(there, wanted)
        self._own(self.owned | names)
        refused = self._apply(services, destinations)
        if not refused:
            self._own(names)
        self._held = {key: {} for key in desired}
        for key, value in wanted.items():
            self._held[key.service][key] = value
        return Applied(services, destinations, refused)

    def update(self, service: ServiceKey, wanted: Destinations) -> Applied:
        """The destinations of one service, compared with what was applied last. Raises OSError."""
        destinations = changes(self._held.get(service, {}), wanted)
        if not destinations:
            return Applied()
        refused = self._apply(Changes(), destinations)
        self._held[service] = wanted
        return Applied(destinations=destinations, refused=refused)

    def remove(self) -> Applied:
        """All services that are ours."""
        return self.make({}, {})

    def _apply(
        self, services: Changes[ServiceKey, Service], destinations: Changes[DestinationKey, Destination]
    ) -> tuple[str, ...]:
        try:
            self.ipvs.apply(services, destinations)
        except NetlinkError as error:
            return tuple(f"{subject}: {refusal.reason}" for subject, refusal in error.refusals)
        return ()

    def _own(self, services: frozenset[str]) -> None:
        self.owned = services
        if services != self._stored and self._keep(services):
            self._stored = services


def told(found: Changes[ServiceKey, Service] | Changes[DestinationKey, Destination]) -> str:
    """Return how many objects were added, changed and removed, in words."""
    counts = (("added", len(found.add)), ("changed", len(found.update)), ("removed", len(found.remove)))
    return ", ".join(f"{count} {what}" for what, count in counts if count)
