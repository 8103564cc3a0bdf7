# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of virtual routers: whom an advertisement is for must be plain."""

from __future__ import annotations

from lvsd.model import Address, GlobalDefs

from ..family import family_of
from ..findings import Findings
from .addresses import Router

GROUP = {4: "224.0.0.18", 6: "ff02::12"}  # RFC 9568 §5.1.1.2, §5.1.2.2


def same_numbers(routers: list[Router], defs: GlobalDefs, findings: Findings) -> None:
    """Report instances whose advertisements could be taken for those of another one here."""
    multicast = [router for router in routers if not router.value.unicast_peers]
    same_numbers_in_multicast(multicast, defs, findings)
    same_numbers_in_unicast([router for router in routers if router.value.unicast_peers], findings)


def same_numbers_in_multicast(routers: list[Router], defs: GlobalDefs, findings: Findings) -> None:
    """One number once per interface and group."""
    seen: dict[tuple[str | None, str, int], Router] = {}
    for router in routers:
        value = router.value
        other = seen.setdefault((value.interface, group_of(router, defs), value.vrid), router)
        if other is not router:
            where = f"on {value.interface}" if value.interface else "without an interface"
            taken(router, f"{where} is taken by {other.value.name}", findings)


def group_of(router: Router, defs: GlobalDefs) -> str:
    """Return the multicast group that an instance sends to: its own, else the global one, else the protocol's."""
    family = family_of(router.value)
    globally = defs.vrrp_mcast_group4 if family == 4 else defs.vrrp_mcast_group6
    return str(router.value.multicast_group or globally or GROUP[family])


def same_numbers_in_unicast(routers: list[Router], findings: Findings) -> None:
    """One number once per peer, whatever the interface: a family shares one socket, and the sender is what tells."""
    seen: dict[tuple[int, Address], Router] = {}
    for router in routers:
        found = [(seen.setdefault((router.value.vrid, p.address), router), p) for p in router.value.unicast_peers]
        other, peer = next(((other, peer) for other, peer in found if other is not router), (None, None))
        if other is not None and peer is not None:
            line = other.at("virtual_router_id").line
            why = f"has the unicast_peer {peer.address} too, and nothing tells whom its advertisements are for"
            taken(router, f"in unicast is taken by {other.value.name} (line {line}): it {why}", findings)


def taken(router: Router, by: str, findings: Findings) -> None:
    """Report the number of an instance as taken, in the words of `by`."""
    word = "virtual_router_id"
    findings.error(router.at(word), f"{router.label}: {word} {router.value.vrid} {by}", word)
