# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links and addresses over rtnetlink: read them, make them so.

route = Route(route_netlink())                       # lvsd.kernel.netlink_socket
route.apply(changes(actual, desired))                # tables of AddressKey -> Assignment
"""

from __future__ import annotations

from collections.abc import Mapping
from errno import EADDRNOTAVAIL, EEXIST, ENODEV
from typing import NamedTuple

from lvsd.reconcile import Changes

from .netlink import NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NetlinkError, NetlinkTransport, Request, Torn
from .rtnl_messages import (
    address_message,
    addresses_message,
    decode_address,
    decode_events,
    decode_link,
    links_message,
    removal_message,
)
from .rtnl_types import (
    FOREVER,
    AddressAdded,
    AddressFlags,
    AddressKey,
    AddressRemoved,
    Assignment,
    Event,
    Link,
    LinkChanged,
    LinkFlags,
    LinkRemoved,
    OperState,
    Scope,
    normal,
    virtual,
)
from .uapi import RTM_DELADDR, RTM_GETADDR, RTM_GETLINK, RTM_NEWADDR

__all__ = [
    "FOREVER",
    "AddressAdded",
    "AddressFlags",
    "AddressKey",
    "AddressRemoved",
    "Assignment",
    "Event",
    "Link",
    "LinkChanged",
    "LinkFlags",
    "LinkRemoved",
    "NetlinkError",
    "OperState",
    "Route",
    "Scope",
    "Snapshot",
    "decode_events",
    "normal",
    "virtual",
]

ADD = NLM_F_CREATE | NLM_F_EXCL
REPLACE = NLM_F_CREATE | NLM_F_REPLACE
ALREADY_GONE = frozenset({EADDRNOTAVAIL, ENODEV})
ALREADY_THERE = frozenset({EEXIST})
NEVER: frozenset[int] = frozenset()


class Snapshot(NamedTuple):
    """Links by index, and the addresses of all of them; `whole`: all of one moment.

    Of a table that changed during every attempt it has what any attempt saw, each as the last attempt did.  An object
    that did not change meanwhile is practically never missing; what did change is told by the events since.
    """

    links: dict[int, Link]
    addresses: dict[AddressKey, Assignment]
    whole: bool


class Route:
    """The links and addresses of the network namespace that `socket` was opened in."""

    def __init__(self, socket: NetlinkTransport) -> None:
        self._socket = socket
        self._prepared: dict[AddressKey, tuple[Assignment, Request]] = {}

    def prepare(self, wanted: Mapping[AddressKey, Assignment]) -> None:
        """Make the requests for these now, so that adding them takes as little time as it can."""
        self._prepared = {key: (value, self._addition(key, value)) for key, value in wanted.items()}

    def links(self) -> dict[int, Link]:
        """By interface index. Raises BadMessage, NetlinkError."""
        payloads = self._socket.dump(Request(RTM_GETLINK, NLM_F_DUMP, links_message()))
        return {link.index: link for link in map(decode_link, payloads)}

    def addresses(self, links: dict[int, Link] | None = None) -> dict[AddressKey, Assignment]:
        """Of every interface. `links` spares asking for them again: a label that is the link's name is none."""
        names = {index: link.name for index, link in (self.links() if links is None else links).items()}
        payloads = self._socket.dump(Request(RTM_GETADDR, NLM_F_DUMP, addresses_message()))
        return dict(decode_address(payload, names) for payload in payloads)

    def snapshot(self) -> Snapshot:
        """Everything; open the socket of the events before. Raises BadMessage, NetlinkError."""
        links, links_whole = self._seen(Request(RTM_GETLINK, NLM_F_DUMP, links_message()))
        by_index: dict[int, Link] = {}
        for link in map(decode_link, links):
            by_index.setdefault(link.index, link)
        names = {index: link.name for index, link in by_index.items()}
        addresses, addresses_whole = self._seen(Request(RTM_GETADDR, NLM_F_DUMP, addresses_message()))
        found: dict[AddressKey, Assignment] = {}
        for payload in addresses:
            key, assignment = decode_address(payload, names)
            found.setdefault(key, assignment)
        return Snapshot(by_index, found, links_whole and addresses_whole)

    def _seen(self, request: Request) -> tuple[list[bytes], bool]:
        """The payloads, those of the last attempt first, and whether one attempt was enough for all."""
        try:
            return self._socket.dump(request), True
        except Torn as torn:
            return [payload for dump in reversed(torn.dumps) for payload in dump], False

    def apply(
        self, changes: Changes[AddressKey, Assignment], companions: Mapping[AddressKey, Assignment] | None = None
    ) -> None:
        """Remove, update, add, all in one batch; `companions` are set again where the kernel has taken them along.

        What is there already counts as added, what is gone already (or its interface) as removed. An IPv4 address
        whose setting changes is removed and added, because the kernel changes nothing but its lifetime; an
        IPv6 address is replaced in place. Raises NetlinkError naming every address that was refused.
        """
        steps = [(key, removal(key, actual), ALREADY_GONE) for key, actual in changes.remove.items()]
        for key, wanted in changes.update.items():
            if key.address.version == 4:
                steps.append((key, removal(key), ALREADY_GONE))
                steps.append((key, self._addition(key, wanted), NEVER))
            else:
                steps.append((key, Request(RTM_NEWADDR, REPLACE, address_message(key, wanted)), NEVER))
        for key, wanted in (*(companions or {}).items(), *changes.add.items()):
            steps.append((key, self._addition(key, wanted), ALREADY_THERE))
        if not steps:
            return
        refused = [
            (f"address {steps[refusal.position][0]}", refusal)
            for refusal in self._socket.batch([request for _key, request, _tolerated in steps])
            if refusal.code not in steps[refusal.position][2]
        ]
        if refused:
            raise NetlinkError(refused)

    def _addition(self, key: AddressKey, wanted: Assignment) -> Request:
        assignment, request = self._prepared.get(key, (None, None))
        if request is not None and assignment is wanted:
            return request
        return Request(RTM_NEWADDR, ADD, address_message(key, wanted))


def removal(key: AddressKey, actual: Assignment | None = None) -> Request:
    """Return the request that removes one address."""
    return Request(RTM_DELADDR, 0, removal_message(key, actual))
