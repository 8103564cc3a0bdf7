# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IPVS table in plain dictionaries, in the place of `lvsd.kernel.ipvs.Ipvs`: the kernel's rules, nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from errno import EBUSY, EEXIST, ENOENT, ESRCH

from lvsd.kernel.ipvs_types import Connections, Destination, DestinationKey, Service, ServiceKey, Table
from lvsd.kernel.netlink import NetlinkError, Refusal
from lvsd.reconcile import Changes

Key = ServiceKey | DestinationKey


@dataclass(frozen=True, slots=True)
class Write:
    """One change that the kernel was asked for: "add", "set" or "remove", what it held, and whether it was taken."""

    verb: str
    key: Key
    before: Service | Destination | None
    value: Service | Destination | None
    taken: bool


@dataclass
class IpvsTable:
    """`refusing` are the objects that no request about gets through to; `writes` is every request so far."""

    table: Table = field(default_factory=Table)
    refusing: set[Key] = field(default_factory=set)
    writes: list[Write] = field(default_factory=list)

    def dump(self) -> Table:
        return Table(dict(self.table.services), dict(self.table.destinations))

    def services(self) -> dict[ServiceKey, Service]:
        return dict(self.table.services)

    def counted(self, service: ServiceKey | None = None) -> tuple[Table, dict[DestinationKey, Connections]]:
        table = self.dump()
        if service is None:
            return table, {}
        services = {key: value for key, value in table.services.items() if key == service}
        return Table(services, {k: v for k, v in table.destinations.items() if k.service == service}), {}

    def apply(self, services: Changes[ServiceKey, Service], destinations: Changes[DestinationKey, Destination]) -> None:
        """In the order of `Ipvs.apply`. Raises NetlinkError with all refusals."""
        refused: list[tuple[str, Refusal]] = []
        for key, value in services.add.items():
            refused += self._ask("add", key, value)
        for key, value in services.update.items():
            refused += self._ask("set", key, value)
        for where, set_as in destinations.add.items():
            refused += self._ask("add", where, set_as)
        for where, set_as in destinations.update.items():
            refused += self._ask("set", where, set_as)
        for where in destinations.remove:
            if where.service not in services.remove:
                refused += self._ask("remove", where, None)
        for key in services.remove:
            refused += self._ask("remove", key, None)
        if refused:
            raise NetlinkError(refused)

    def _ask(self, verb: str, key: Key, value: Service | Destination | None) -> list[tuple[str, Refusal]]:
        """What is gone already counts as removed."""
        code = self._code(verb, key)
        self.writes.append(Write(verb, key, self._held(key), value, not code))
        if not code:
            self._do(key, value)
        if not code or (verb == "remove" and code in (ENOENT, ESRCH)):
            return []
        what = "service" if isinstance(key, ServiceKey) else "destination"
        return [(f"{what} {key}", Refusal(0, code, f"errno {code}"))]

    def _held(self, key: Key) -> Service | Destination | None:
        return self.table.services.get(key) if isinstance(key, ServiceKey) else self.table.destinations.get(key)

    def _code(self, verb: str, key: Key) -> int:
        """The errno, 0 for none."""
        if key in self.refusing:
            return EBUSY
        if isinstance(key, ServiceKey):
            there, missing = key in self.table.services, ESRCH
        elif key.service not in self.table.services:
            return ESRCH
        else:
            there, missing = key in self.table.destinations, ENOENT
        if verb == "add":
            return EEXIST if there else 0
        return 0 if there else missing

    def _do(self, key: Key, value: Service | Destination | None) -> None:
        held: dict[Key, object] = self.table.services if isinstance(key, ServiceKey) else self.table.destinations  # type: ignore[assignment]
        if value is not None:
            held[key] = value
            return
        del held[key]
        if isinstance(key, ServiceKey):
            for where in [where for where in self.table.destinations if where.service == key]:
                del self.table.destinations[where]
