# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links and addresses of the host as we know them: read once, then kept up to date by the kernel's events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field

from lvsd.kernel.netlink import NetlinkError
from lvsd.kernel.netlink_socket import Overrun
from lvsd.kernel.rtnetlink import Route
from lvsd.kernel.rtnl_types import (
    AddressAdded,
    AddressKey,
    AddressRemoved,
    Assignment,
    Event,
    Link,
    LinkChanged,
    LinkRemoved,
    companions,
)
from lvsd.model import Address
from lvsd.reconcile import Changes, changes

from .parameters import primary_address
from .validate import Own


@dataclass(slots=True)
class News:
    """What a batch of the kernel's reports has changed; false when nothing that matters.

    `links`: the names of links that changed in a way that matters.  `moved`: one of them came, went, or changed its
    name or number.  `addresses`: those that came, went or changed.
    """

    links: set[str] = field(default_factory=set)
    moved: bool = False
    addresses: set[AddressKey] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.links or self.addresses)


POINT_TO_POINT = 31  # bits of a network without a broadcast address (RFC 3021)


class Interfaces:
    """`links` by name, `addresses` of all of them."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.torn: Callable[[], None] = lambda: None  # called after a reading that was not of one moment
        self.links: dict[str, Link] = {}
        self.names: dict[int, str] = {}
        self.addresses: dict[AddressKey, Assignment] = {}
        self._early: set[str] = set()  # links whose change was read before it was reported
        self._restored: set[AddressKey] = set()  # the kernel took them along, we have set them again

    def read(self) -> None:
        """Everything anew.  Raises NetlinkError.

        What changes meanwhile is told by the events, which are to be learned after it.
        """
        by_index, self.addresses, whole = self.route.snapshot()
        before, self.links = self.links, {}
        for link in by_index.values():
            self.links.setdefault(link.name, link)
        self.names = {link.index: link.name for link in by_index.values()}
        if before:
            self._early.update(before.keys() - self.links.keys())
            self._early.update(name for name, link in self.links.items() if not same(link, before.get(name)))
        if not whole:
            self.torn()

    def learn(self, events: Iterable[Event]) -> News:
        """Take the kernel's reports into the tables.

        Raises Overrun when everything has to be read again: the kernel tells that it took an address along with one
        that we removed, but not that we have set it again (`EventSocket`).
        """
        news = News(self._early, bool(self._early))
        self._early = set()
        for event in events:
            match event:
                case LinkChanged(link):
                    self._change(link, news)
                case LinkRemoved(index, name):
                    self._remove(index, name, news)
                case AddressAdded(key, assignment):
                    self.addresses[key] = assignment
                    news.addresses.add(key)
                case AddressRemoved(key, _):
                    self.addresses.pop(key, None)
                    news.addresses.add(key)
        if self._restored & news.addresses:
            self._restored.clear()
            raise Overrun
        return news

    def _change(self, link: Link, news: News) -> None:
        before = self.names.get(link.index)
        if before is not None and before != link.name:
            self.links.pop(before, None)  # renamed
            news.links.add(before)
        known = self.links.get(link.name)
        self.links[link.name] = link
        self.names[link.index] = link.name
        if not same(link, known):
            news.links.add(link.name)
            news.moved = news.moved or known is None or known.index != link.index

    def _remove(self, index: int, name: str, news: News) -> None:
        known = self.names.pop(index, name)
        self.links.pop(known, None)
        self.addresses = {key: a for key, a in self.addresses.items() if key.index != index}
        news.links.add(known)
        news.moved = True

    def primary(self, interface: str | None, family: int, virtual: frozenset[Address]) -> Address | None:
        """The own address of an interface, that advertisements are sent from."""
        link = self.links.get(interface or "")
        return None if link is None else primary_address(link.index, family, self.addresses, virtual)

    def holds(self, interface: str | None, address: Address) -> bool:
        """Whether the interface has this address."""
        link = self.links.get(interface or "")
        return link is not None and any((k.index, k.address) == (link.index, address) for k in self.addresses)

    def own(self, virtual: frozenset[Address]) -> Own:
        """The host's own addresses but the virtual ones, which others have too, and those that only a link knows."""
        here = [key for key in self.addresses if key.address not in virtual]
        addresses = frozenset(key.address for key in here if not key.address.is_link_local)
        return Own(addresses, frozenset(end for key in here for end in broadcasts(key)))

    def difference(
        self, owned: Set[AddressKey], wanted: dict[AddressKey, Assignment]
    ) -> Changes[AddressKey, Assignment]:
        """What must change among the addresses that are ours."""
        return changes({key: self.addresses[key] for key in owned if key in self.addresses}, wanted)

    def apply(self, difference: Changes[AddressKey, Assignment]) -> None:
        """Make it so, in one batch.  Raises NetlinkError or OSError, after reading what has become of it."""
        if not difference:
            return
        removed = {*difference.remove, *difference.update}
        along = companions(removed, self.addresses) if removed else {}
        self._restored.update(along)
        try:
            self.route.apply(difference, along)
        except (NetlinkError, OSError):
            self.read()
            raise
        for key in difference.remove:
            self.addresses.pop(key, None)
        self.addresses.update(difference.update)
        self.addresses.update(difference.add)


def same(link: Link, known: Link | None) -> bool:
    """Whether a link is as it was, as far as it matters."""
    return known is not None and (known.index, known.running, known.mtu, known.address) == (
        link.index,
        link.running,
        link.mtu,
        link.address,
    )


def broadcasts(key: AddressKey) -> tuple[int, ...]:
    """The first and the last address of an IPv4 network: the kernel takes both for broadcasts (fib_add_ifaddr)."""
    if key.address.version == 6 or key.prefix_length >= POINT_TO_POINT:
        return ()
    hosts = (1 << 32 - key.prefix_length) - 1
    return int(key.address) & ~hosts, int(key.address) | hosts
