# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What interfaces mean for an instance: faults, which keep it in Initialize, and weights, which move its priority."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lvsd.kernel.rtnl_types import Link
from lvsd.model import Address, GlobalDefs, SyncGroup, TrackedInterface, VirtualRouter

from .parameters import transport

Links = Mapping[str, Link]


def running(name: str, links: Links) -> bool:
    return name in links and links[name].running


def trouble(name: str, links: Links) -> str | None:
    """Why an interface cannot be used, None when it can."""
    if name not in links:
        return f"no interface {name}"
    return None if links[name].running else f"interface {name} is down"


def faults(
    router: VirtualRouter, defs: GlobalDefs, group: SyncGroup | None, links: Links, primary: Address | None
) -> tuple[str, ...]:
    """Everything that keeps the instance in Initialize, in words, each once.

    Its interface (unless dont_track_primary), the interfaces of its addresses (unless no_track), tracked ones without
    a weight, its own and its sync group's; and an address to send from.
    """
    way = transport(router, defs)
    found: dict[str, None] = {}
    if router.authentication is not None and router.authentication.kind == "AH":
        found["auth_type AH is not supported"] = None
    needed = [way.interface] if way.interface and not router.dont_track_primary else []
    if way.interface is None and not way.unicast:
        found["no interface is configured"] = None
    for address in (*router.addresses, *router.excluded_addresses):
        dev = address.dev or way.interface
        if dev is None:
            found[f"no interface for {address.address}"] = None
        elif address.dev and not address.no_track and not (address.dev == way.interface and router.dont_track_primary):
            needed.append(address.dev)
    for problem in (trouble(name, links) for name in needed):
        if problem:
            found[problem] = None
    for track in tracks(router, group):
        if track.weight == 0 and running(track.name, links) == track.reverse:
            found[f"interface {track.name} is up" if track.reverse else trouble(track.name, links) or ""] = None
    if primary is None and not found:
        found[f"no IPv{way.family} address to send from" + (f" on {way.interface}" if way.interface else "")] = None
    return tuple(found)


def tracks(router: VirtualRouter, group: SyncGroup | None) -> Iterable[TrackedInterface]:
    """keepalived: in a sync group a member's own tracking with a weight is ignored, that of the group counts."""
    if group is None:
        return router.track_interfaces
    own = (track for track in router.track_interfaces if track.weight == 0)
    return (*own, *group.track_interfaces)


def adjustment(router: VirtualRouter, group: SyncGroup | None, links: Links) -> int:
    """What tracking adds to the priority: a positive weight while it is up, a negative one while it is down."""
    total = 0
    for track in tracks(router, group):
        up = running(track.name, links) != track.reverse
        if up == (track.weight > 0):
            total += track.weight
    return total
