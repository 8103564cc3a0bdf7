# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance tracks: trackers without a weight are faults while they are down, weights move the priority.

A tracker is named by a key and has a state.  Today every tracker is an interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from lvsd.kernel.rtnl_types import Link
from lvsd.model import Address, GlobalDefs, SyncGroup, TrackedInterface, VirtualAddress, VirtualRouter
from lvsd.record import record

from .parameters import Transport, transport

INTERFACE = "interface"


class TrackStatus(Enum):
    """Whether what is tracked can be relied upon; `UNKNOWN` until its state has been told once."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class TrackKey(NamedTuple):
    """Names one tracker: its kind, and its name among those of that kind."""

    kind: str
    name: str


class TrackState(NamedTuple):
    """How a tracker is; `reason` says it in words that can stand as a fault."""

    status: TrackStatus
    reason: str


Trackers = Mapping[TrackKey, TrackState]


@record(frozen=True, slots=True)
class Track:
    """One thing that an instance tracks; without a `weight` it must be up, with `reverse` it must be down."""

    key: TrackKey
    weight: int = 0
    reverse: bool = False


@record(frozen=True, slots=True)
class Tracking:
    """What the configuration of an instance asks to track.

    `interface`: whose state decides, None with dont_track_primary; the one to send from is `Transport.interface`.
    `problems`: faults of the configuration alone.  `keys`: everything whose change can mean something for the instance,
    the interfaces that it only uses included.
    """

    interface: str | None
    tracks: tuple[Track, ...]
    problems: tuple[str, ...]
    keys: frozenset[TrackKey]


def interface(name: str) -> TrackKey:
    """The key of an interface."""
    return TrackKey(INTERFACE, name)


def interface_state(name: str, links: Mapping[str, Link]) -> TrackState:
    """How an interface is: it is up when it runs (operational state and carrier of the kernel)."""
    if name not in links:
        return TrackState(TrackStatus.DOWN, f"no interface {name}")
    if links[name].running:
        return TrackState(TrackStatus.UP, f"interface {name} is up")
    return TrackState(TrackStatus.DOWN, f"interface {name} is down")


def state_of(key: TrackKey, trackers: Trackers) -> TrackState:
    """The state of a tracker; one that has not been told is unknown."""
    return trackers.get(key) or TrackState(TrackStatus.UNKNOWN, f"{key.kind} {key.name} is not known yet")


def tracking(router: VirtualRouter, defs: GlobalDefs, group: SyncGroup | None) -> Tracking:
    """What an instance tracks: its interface (unless dont_track_primary), the interfaces of its addresses (unless
    no_track), and what it and its sync group track by name.
    """
    way = transport(router, defs)
    primary = None if router.dont_track_primary else way.interface
    devices = [address.dev for address in addresses(router) if address.dev and follows(address, router, way)]
    needed = [interface(name) for name in (primary, *devices) if name]
    named = [Track(interface(track.name), track.weight, track.reverse) for track in tracks(router, group)]
    every = (*map(Track, needed), *named)
    used = (way.interface, *(address.dev for address in addresses(router)))
    keys = {interface(name) for name in used if name} | {track.key for track in every}
    return Tracking(primary, every, tuple(problems(router, way)), frozenset(keys))


def addresses(router: VirtualRouter) -> tuple[VirtualAddress, ...]:
    """Return the virtual addresses of an instance, those that are not advertised last."""
    return (*router.addresses, *router.excluded_addresses)


def follows(address: VirtualAddress, router: VirtualRouter, way: Transport) -> bool:
    """Whether the interface that an address names for itself must be up."""
    return not address.no_track and not (address.dev == way.interface and router.dont_track_primary)


def tracks(router: VirtualRouter, group: SyncGroup | None) -> Iterable[TrackedInterface]:
    """keepalived: in a sync group a member's own tracking with a weight is ignored, that of the group counts."""
    if group is None:
        return router.track_interfaces
    own = (track for track in router.track_interfaces if track.weight == 0)
    return (*own, *group.track_interfaces)


def problems(router: VirtualRouter, way: Transport) -> Iterator[str]:
    """What no state of a tracker could put right."""
    if router.authentication is not None and router.authentication.kind == "AH":
        yield "auth_type AH is not supported"
    if way.interface is None and not way.unicast:
        yield "no interface is configured"
    for address in addresses(router):
        if address.dev is None and way.interface is None:
            yield f"no interface for {address.address}"


def faults(wanted: Tracking, trackers: Trackers, way: Transport, primary: Address | None) -> tuple[str, ...]:
    """Everything that keeps the instance in Initialize, in words, each once; the last is an address to send from."""
    found = dict.fromkeys(wanted.problems)
    for track in wanted.tracks:
        state = state_of(track.key, trackers)
        if track.weight == 0 and not fulfilled(track, state):
            found[state.reason] = None
    if primary is None and not found:
        found[f"no IPv{way.family} address to send from" + (f" on {way.interface}" if way.interface else "")] = None
    return tuple(found)


def fulfilled(track: Track, state: TrackState) -> bool:
    """Whether a tracker is as it must be; what is unknown is not."""
    return state.status is (TrackStatus.DOWN if track.reverse else TrackStatus.UP)


def adjustment(wanted: Tracking, trackers: Trackers) -> int:
    """What tracking adds to the priority: a positive weight while it is up, a negative one while it is down.

    What is unknown adds nothing.
    """
    total = 0
    for track in wanted.tracks:
        state = state_of(track.key, trackers)
        if track.weight and state.status is not TrackStatus.UNKNOWN and fulfilled(track, state) == (track.weight > 0):
            total += track.weight
    return total
