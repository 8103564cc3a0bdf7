# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that the kernel shall hold: those of the instances that are Active.

Every address that the configuration names belongs to us: one that is there while no instance with it is Active is
removed, at the start (the leftover of a crash) as well as at the stop, even where another program had assigned it
before (as keepalived).  Any other address is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, ip_address

from lvsd.conf.validate.addresses import LONGEST_WITH_BROADCAST
from lvsd.kernel.rtnl_types import FOREVER, AddressFlags, AddressKey, Assignment, Link, Scope, virtual
from lvsd.model import Address, GlobalDefs, VirtualAddress, VirtualRouter

from .parameters import transport

Table = dict[AddressKey, Assignment]

ALMOST_FOREVER = FOREVER - 1
"""What `preferred_lft forever` becomes: said so, a /128 is not deprecated."""


def desired(active: Iterable[VirtualRouter], defs: GlobalDefs, links: Mapping[str, Link]) -> Table:
    """What the instances in `active` need; an address on an interface that does not exist is left out."""
    table: Table = {}
    for router in active:
        table.update(table_of(router, defs, links))
    return table


def table_of(router: VirtualRouter, defs: GlobalDefs, links: Mapping[str, Link]) -> Table:
    """The addresses of one instance, in the order of its configuration."""
    table: Table = {}
    for address in (*router.addresses, *router.excluded_addresses):
        dev = interface_of(address, router, defs)
        if dev in links:
            key = AddressKey(links[dev].index, address.address, address.prefix_length)
            table.setdefault(*virtual(key, assignment(address)))
    return table


def interface_of(address: VirtualAddress, router: VirtualRouter, defs: GlobalDefs) -> str:
    """The name of the interface, "" for none."""
    return address.dev or transport(router, defs).interface or ""


def assignment(address: VirtualAddress) -> Assignment:
    """Return how the kernel shall hold a virtual address."""
    return Assignment(
        scope=scope_number(address.scope),
        label=address.label or "",
        broadcast=broadcast_of(address),
        peer=peer_of(address),
        flags=flags_of(address),
        preferred_lifetime=lifetime_of(address.preferred_lft),
    )


def scope_number(scope: str | None) -> int:
    """A name of rtnetlink.h in small letters, or a number; none is global."""
    if scope is None:
        return Scope.GLOBAL
    return int(scope) if scope.isdigit() else Scope[scope.upper()]


def broadcast_of(address: VirtualAddress) -> IPv4Address | None:
    """keepalived: no broadcast address unless `brd` asks for one; "+" is the highest of a prefix that has one."""
    if address.broadcast in (None, "-") or not isinstance(address.address, IPv4Address):
        return None
    if address.broadcast == "+":
        if address.prefix_length > LONGEST_WITH_BROADCAST:
            return None
        return IPv4Network((address.address, address.prefix_length), strict=False).broadcast_address
    return IPv4Address(address.broadcast)


def peer_of(address: VirtualAddress) -> Address | None:
    """The other end; the kernel keeps none that is the address itself."""
    peer = None if address.peer is None else ip_address(address.peer.partition("/")[0])
    return None if peer == address.address else peer


def flags_of(address: VirtualAddress) -> AddressFlags:
    """Return the flags that the options of a virtual address ask for."""
    asked = {
        AddressFlags.HOMEADDRESS: address.home,
        AddressFlags.NODAD: address.nodad,
        AddressFlags.MANAGETEMPADDR: address.mngtmpaddr,
        AddressFlags.NOPREFIXROUTE: address.noprefixroute,
        AddressFlags.MCAUTOJOIN: address.autojoin,
    }
    flags = AddressFlags(0)
    for flag, wanted in asked.items():
        flags |= flag if wanted else AddressFlags(0)
    return flags


def lifetime_of(preferred: str | None) -> int:
    """Return a preferred lifetime in seconds; without one it never ends."""
    if preferred is None:
        return FOREVER
    return ALMOST_FOREVER if preferred == "forever" else int(preferred)


def text(address: VirtualAddress, router: VirtualRouter, defs: GlobalDefs) -> str:
    """ "192.0.2.1/24 dev eth0"."""
    dev = interface_of(address, router, defs)
    return f"{address.address}/{address.prefix_length}" + (f" dev {dev}" if dev else "")
