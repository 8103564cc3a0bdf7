# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual addresses that the host had before this router set them: an address owner's own, or what a crash has left.

They are treated as keepalived treats them, with three differences: while the instance is Active they stay exactly as
they are, because an IPv4 address that is set anew loses the routes of its network; what goes is named; and the last
address that advertisements could be sent from is left alone.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from lvsd.kernel.rtnl_types import AddressKey, Assignment
from lvsd.reconcile import Changes

from .parameters import Transport

Table = Mapping[AddressKey, Assignment]


class PriorAddresses:
    """`keys`: those that are still there as they were."""

    def __init__(self) -> None:
        self.keys: set[AddressKey] = set()
        self.told: set[AddressKey] = set()  # of them, those that the log has named

    def notice(self, fresh: Iterable[AddressKey], actual: Table) -> None:
        """`fresh`: addresses that an instance has from now on."""
        self.keys.update(key for key in fresh if key in actual)

    def inherit(self, key: AddressKey, wanted: Assignment | None, actual: Assignment | None) -> None:
        """A predecessor held it; it has set it, unless it is set in another way than it would have done."""
        if wanted is None or actual == wanted:
            self.keys.discard(key)

    def forget(self, gone: Iterable[AddressKey]) -> None:
        """They are not there any more; what comes next is ours."""
        self.keys.difference_update(gone)
        self.told.difference_update(gone)

    def spare(
        self, changes: Changes[AddressKey, Assignment], alone: Set[AddressKey]
    ) -> Changes[AddressKey, Assignment]:
        """What may be done of `changes`; `alone` are those that no router may remove."""
        if not self.keys:
            return changes
        update = {key: wanted for key, wanted in changes.update.items() if key not in self.keys}
        remove = {key: actual for key, actual in changes.remove.items() if key not in alone}
        return Changes(remove, changes.add, update)

    def alone(self, way: Transport, index: int, actual: Table) -> list[AddressKey]:
        """Those that an instance without an address to send from would have, were they not virtual."""
        return [key for key in self.keys if key.index == index and key.address.version == way.family and key in actual]
