# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the addresses in the kernel as the Active instances want them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from ..kernel.interface import AddressKey
from ..kernel.netlink import NetlinkError
from ..loop import Loop, Timer
from .desired import Table
from .fsm import Active
from .instance import Instance
from .interfaces import Interfaces
from .remembered import Remembered

RETRY = 1.0  # seconds until addresses that the kernel refused are tried again

Say = Callable[..., object]


class Addresses:
    """`owned`: every address that is ours, those of a configuration that has just been replaced included.

    `stale`: what is in the kernel may not be what is wanted, so everything is compared at the next `settle`.
    """

    def __init__(self, loop: Loop, interfaces: Interfaces, say: Say, soon: Callable[[], None]) -> None:
        self.loop = loop
        self.interfaces = interfaces
        self.say = say
        self.soon = soon
        self.stale = True
        self.owned: set[AddressKey] = set()
        self.shared: set[AddressKey] = set()  # of more than one instance
        self._refused = ""
        self._retry: Timer | None = None
        self.changed: Counter[str] = Counter()  # what has been done since the last report

    def assess(self, instances: Iterable[Instance]) -> None:
        """The tables of the instances may be different ones now."""
        tables = [instance.table for instance in instances]
        counted = Counter(key for table in tables for key in table)
        self.shared = {key for key, count in counted.items() if count > 1}
        self.interfaces.route.prepare({key: assignment for table in tables for key, assignment in table.items()})
        self.owned.update(counted)
        self.stale = True

    def inherit(self, left: Iterable[Remembered]) -> None:
        """What a predecessor of this process held is ours too, even where nobody is configured for it any more."""
        for remembered in left:
            if isinstance(remembered.state, Active):
                self.owned.update(remembered.subject.addresses)

    def settle(self, instances: list[Instance], moved: list[Instance]) -> Collection[AddressKey]:
        """Make it so, in one batch, and tell what has gone; what the kernel refuses is said once and tried again.

        Unless stale, only what the instances in `moved` have is compared.
        """
        owned = self.owned
        whole = self.stale or any(key in self.shared for instance in moved for key in instance.table)
        if not whole:
            owned, instances = {key for instance in moved for key in instance.table}, moved
        self.stale = False
        changes = self.interfaces.difference(owned, wanted(instances))
        try:
            self.interfaces.apply(changes)
        except (NetlinkError, OSError) as error:
            if str(error) != self._refused:
                self.say("address", "vrrp", f"addresses: {error}")
            self._refused = str(error)
            self._retry = self._retry or self.loop.call_later(RETRY, self._again)
            return ()
        if changes:
            self.changed["set"] += len(changes.add) + len(changes.update)
            self.changed["removed"] += len(changes.remove)
        if whole:
            self._refused = ""
            self.owned = {key for instance in instances for key in instance.table}
        return changes.remove

    def rehearse(self, instance: Instance) -> None:
        """Compare as if it were Active, and change nothing."""
        self.interfaces.difference(instance.table.keys(), instance.table)

    def _again(self) -> None:
        self._retry = None
        self.stale = True
        self.soon()

    def report(self) -> None:
        """Say what has been done since the last report; of very many in one line."""
        counts, self.changed = self.changed, Counter()
        if text := ", ".join(f"{count} {word}" for word, count in counts.items() if count):
            self.say("address", "vrrp", f"addresses: {text}", **counts)

    def missing(
        self, instances: Iterable[Instance], touched: set[AddressKey]
    ) -> list[tuple[Instance, list[AddressKey]]]:
        """The addresses of Active instances that somebody else has removed, of those that an event has `touched`.

        An event may be older than what we did since: the kernel is asked before somebody is blamed.
        """
        gone = touched - self.interfaces.addresses.keys()
        if not gone or gone.isdisjoint(wanted(instances)):
            return []
        self.interfaces.read()
        lost = []
        for instance in instances:
            keys = [key for key in instance.table if instance.active and key not in self.interfaces.addresses]
            if keys:
                lost.append((instance, keys))
                names = ", ".join(f"{key.address}/{key.prefix_length}" for key in keys)
                text = f"{instance.name}: {names} was removed by somebody else, put back"
                self.say("address", instance.name, text, addresses=[str(key.address) for key in keys])
        self.stale = self.stale or bool(lost)
        return lost


def wanted(instances: Iterable[Instance]) -> Table:
    """The addresses of those that are Active."""
    table: Table = {}
    for instance in instances:
        if instance.active:
            table.update(instance.table)
    return table
