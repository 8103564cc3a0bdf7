# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the addresses in the kernel as the Active instances want them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from lvsd.kernel.netlink import NetlinkError, Refusal
from lvsd.kernel.rtnl_types import AddressKey, Assignment
from lvsd.loop import Loop, Timer
from lvsd.reconcile import Changes

from . import address_refusal
from .desired import Table, interface_of, text
from .fsm import Active
from .instance import Instance
from .interfaces import Interfaces
from .preexisting import PriorAddresses
from .state_codec import Remembered

RETRY = 1.0  # seconds until addresses that the kernel refused are tried again
MOST_NAMED = 5  # refused addresses in one line of the log

Say = Callable[..., object]


class Addresses:
    """`owned`: every address that is ours, those of a configuration that has just been replaced included.

    `stale`: what is in the kernel may not be what is wanted, so everything is compared at the next `settle`.
    `refused`: what the kernel did not take the last time, and why.
    """

    def __init__(self, loop: Loop, interfaces: Interfaces, say: Say, soon: Callable[[], None]) -> None:
        self.loop = loop
        self.interfaces = interfaces
        self.say = say
        self.soon = soon
        self.stale = True
        self.owned: set[AddressKey] = set()
        self._prepared: Table = {}
        self.shared: set[AddressKey] = set()  # of more than one instance
        self.prior = PriorAddresses()
        self.alone: set[AddressKey] = set()  # without them no advertisement could be sent: they stay
        self.refused: dict[AddressKey, str] = {}
        self._failure = ""  # what the log has said last
        self._retry: Timer | None = None
        self.changed: Counter[str] = Counter()  # what has been done since the last report

    def assess(self, instances: Iterable[Instance]) -> None:
        """The tables of the instances may be different ones now."""
        tables = [instance.table for instance in instances]
        counted = Counter(key for table in tables for key in table)
        self.shared = {key for key, count in counted.items() if count > 1}
        self._prepared = {key: assignment for table in tables for key, assignment in table.items()}
        self.interfaces.route.prepare(self._prepared)
        self.prior.notice(counted.keys() - self.owned, self.interfaces.addresses)
        self.owned.update(counted)
        self.alone = {key for instance in instances for key in self.stranded(instance)}
        self.stale = True

    def inherit(self, left: Iterable[Remembered]) -> None:
        """What a predecessor of this process held is ours too, even where no instance has it any more."""
        for remembered in left:
            if isinstance(remembered.state, Active):
                self.owned.update(remembered.subject.addresses)
                for key in remembered.subject.addresses:
                    self.prior.inherit(key, self._prepared.get(key), self.interfaces.addresses.get(key))

    def settle(self, instances: list[Instance], moved: list[Instance]) -> Collection[AddressKey]:
        """Make it so, in one batch, and tell what has gone; what the kernel refuses is said once and tried again.

        Unless stale, only what the instances in `moved` have is compared.
        """
        owned = self.owned
        whole = self.stale or any(key in self.shared for instance in moved for key in instance.table)
        if not whole:
            owned, instances = {key for instance in moved for key in instance.table}, moved
        self.stale = False
        changes = self.prior.spare(self.interfaces.difference(owned, wanted(instances)), self.alone)
        if self.prior.keys:
            self._name(instances, changes)
        try:
            self.interfaces.apply(changes)
        except (NetlinkError, OSError) as error:
            self._fail(error)
            return [key for key in changes.remove if key not in self.interfaces.addresses]
        if changes:
            self.changed["set"] += len(changes.add) + len(changes.update)
            self.changed["removed"] += len(changes.remove)
            self.prior.forget(changes.remove)
        if whole:
            self.refused, self._failure = {}, ""
            self.owned = {key for instance in instances for key in instance.table} | self.alone
        return changes.remove

    def _fail(self, error: NetlinkError | OSError) -> None:
        """The kernel refused something: say it once, with the remedy, and try again."""
        found: dict[str, Refusal] = dict(error.refusals) if isinstance(error, NetlinkError) else {}
        self.refused = {
            key: address_refusal.explanation(key, found[f"address {key}"], self.interfaces.names.get(key.index, "?"))
            for key in self.owned
            if f"address {key}" in found
        }
        self.prior.forget(self.prior.keys - self.interfaces.addresses.keys())
        if str(error) != self._failure:
            self._failure = str(error)
            reasons = [f"{self._called(key)}: {why}" for key, why in self.refused.items()] or [str(error)]
            more = f"; and {len(reasons) - MOST_NAMED} more" if len(reasons) > MOST_NAMED else ""
            self.say("address", "vrrp", f"addresses refused: {'; '.join(reasons[:MOST_NAMED])}{more}")
        self._retry = self._retry or self.loop.call_later(RETRY, self._again)

    def _called(self, key: AddressKey) -> str:
        """ "192.0.2.1/24 dev eth0"."""
        return f"{key.address}/{key.prefix_length} dev {self.interfaces.names.get(key.index, key.index)}"

    def _name(self, instances: Iterable[Instance], changes: Changes[AddressKey, Assignment]) -> None:
        """Say what becomes of addresses that the host had before."""
        for key in [key for key in changes.remove if key in self.prior.keys]:
            text = f"{self._called(key)} was there before lvsd set it: removed, a router that is not Active has it not"
            self.say("address", "vrrp", text, addresses=[str(key.address)])
        for instance in instances:
            for key in [key for key in instance.table if key in self.prior.keys - self.prior.told]:
                if instance.active:
                    self.prior.told.add(key)
                    text = f"{instance.name}: {self._called(key)} was there before: it stays as it is, and goes with"
                    self.say("address", instance.name, f"{text} the role", addresses=[str(key.address)])

    def stranded(self, instance: Instance) -> list[AddressKey]:
        """Virtual addresses of the host that are the only ones its interface could send from."""
        link = self.interfaces.links.get(instance.way.interface or "")
        if instance.primary is not None or link is None:
            return []
        return self.prior.alone(instance.way, link.index, self.interfaces.addresses)

    def fault(self, instance: Instance) -> str:
        """Why the router of an instance must not touch its addresses; "" when it may."""
        keys = self.stranded(instance)
        if not keys:
            return ""
        names = ", ".join(map(self._called, keys))
        text = f"{names} is the only address there, and a virtual one: it is left alone"
        return f"{text}; give {instance.way.interface} an address of its own"

    def absent(self, instance: Instance) -> list[tuple[str, str]]:
        """What an Active instance should hold and does not: the address as configured, and the reason."""
        found = []
        every = (*instance.router.addresses, *instance.router.excluded_addresses)
        for address in every if instance.active else ():
            name = interface_of(address, instance.router, instance.defs)
            link = self.interfaces.links.get(name)
            key = AddressKey(link.index if link else 0, address.address, address.prefix_length)
            there = self.interfaces.addresses.get(key)
            if link is None:
                reason = f"there is no interface {name}"
            elif there is None:
                reason = self.refused.get(key, "it is not set yet")
            elif there.dad_failed:
                reason = address_refusal.CONFLICT
            else:
                continue
            found.append((text(address, instance.router, instance.defs), reason))
        return found

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
        """The addresses of Active instances that another program has removed, of those that an event has `touched`.

        An event may be older than what we did since: the kernel is asked before another program is blamed.
        """
        gone = touched - self.interfaces.addresses.keys()
        self.prior.forget(gone)
        if not gone or gone.isdisjoint(wanted(instances)):
            return []
        self.interfaces.read()
        lost = []
        for instance in instances:
            keys = [key for key in instance.table if instance.active and key not in self.interfaces.addresses]
            if keys:
                lost.append((instance, keys))
                names = ", ".join(f"{key.address}/{key.prefix_length}" for key in keys)
                back = "it" if len(keys) == 1 else "them"
                text = f"{instance.name}: another program has removed {names}; lvsd puts {back} back"
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
