# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual addresses of instances: what stands there twice, and what is not done as it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lvsd.model import Address, SyncGroup, VirtualAddress, VirtualRouter

from ..capacity import USUAL_MTU, capacity
from ..draft import Located
from ..family import family_of
from ..findings import Findings

Router = Located[VirtualRouter]

KINDS = (("addresses", "virtual_ipaddress"), ("excluded_addresses", "virtual_ipaddress_excluded"))
LONGEST_WITH_BROADCAST = 30  # of a prefix: a longer one has no room for it


def addresses(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    """The instance with the addresses that it sets."""
    value = no_address_twice(router, value, findings)
    for field, word in KINDS:
        for item in router.children.get(field, []):
            for keyword, message in remarks(item.value):
                findings.warning(item.place, f"{router.label}: {word}: {item.value.address}: {message}", keyword)
    return value


def too_many(router: Router, value: VirtualRouter, version: int, findings: Findings) -> None:
    """keepalived sets those that do not fit as well, and leaves them out of the advertisement."""
    family = family_of(value)
    most = capacity(family, version)
    rest = len(value.addresses) - most
    if rest <= 0:
        return
    first = value.addresses[most].address
    more = f" and {rest - 1} more" if rest > 1 else ""
    item = next(item for item in router.children.get("addresses", []) if item.value.address == first)
    findings.warning(
        item.place,
        f"{router.label}: virtual_ipaddress: an advertisement of version {version} carries {most} IPv{family} "
        f"addresses over a link with an MTU of {USUAL_MTU}: {first}{more} will be set but not "
        "advertised; put them into virtual_ipaddress_excluded, as on the other router",
        "virtual_ipaddress",
    )


def remarks(virtual: VirtualAddress) -> Iterator[tuple[str, str]]:
    """The words of an address that have no effect, or may have none."""
    for word in ("use_vmac", "track_group"):
        if getattr(virtual, word):
            yield word, f"'{word}' is known but not implemented yet"
    if virtual.label and virtual.address.version == 6:
        yield "label", f"label '{virtual.label}' is ignored: only IPv4 addresses have one"
    if virtual.broadcast == "+" and virtual.prefix_length > LONGEST_WITH_BROADCAST:
        yield "brd", f"'brd +' is ignored: a /{virtual.prefix_length} has no broadcast address"
    if virtual.scope in ("nowhere", "255") and virtual.address.version == 4:
        yield "scope", f"scope {virtual.scope}: current kernels refuse it, and the address is not set"


def no_address_twice(router: Router, value: VirtualRouter, findings: Findings) -> VirtualRouter:
    """Return the instance with each address once, and report the others."""
    seen: set[tuple[Address, str | None]] = set()
    family = family_of(value)
    for field, word in KINDS:
        kept: list[VirtualAddress] = []
        for item in router.children.get(field, []):
            virtual = item.value
            if field == "addresses" and virtual.address.version != family:
                continue  # reported already
            if (virtual.address, virtual.dev) in seen:
                findings.warning(item.place, f"{router.label}: {word}: {virtual.address} stands there twice", word)
                continue
            seen.add((virtual.address, virtual.dev))
            kept.append(virtual)
        value = replace(value, **{field: tuple(kept)})  # type: ignore[arg-type]
    return value


def same_addresses(routers: list[Router], groups: list[Located[SyncGroup]], findings: Findings) -> None:
    """An address of two instances can be on two routers at once, unless a sync group holds them together."""
    together = {item.value: group.value.name for group in groups for item in group.children.get("members", [])}
    seen: dict[tuple[Address, str | None], Router] = {}
    for router in routers:
        for field in ("addresses", "excluded_addresses"):
            for item in router.children.get(field, []):
                key = (item.value.address, item.value.dev or router.value.interface)
                other = seen.setdefault(key, router)
                name = other.value.name
                if other is router or (name in together and together[name] == together.get(router.value.name)):
                    continue
                findings.warning(
                    item.place,
                    f"{router.label}: {item.value.address} belongs to {name} too: two routers can have it at once, "
                    "unless both instances are in one vrrp_sync_group",
                )
