# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show` answers, and how two configurations differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lvsd.model import Configuration, SyncGroup, VirtualRouter

from . import fsm
from .desired import text
from .instance import Instance
from .parameters import Identity, identity
from .sync_group import state_of


def instance_object(instance: Instance, now: float, absent: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """One entry of `instances`; `timer` is in seconds from now, null where none runs.

    `absent`: addresses that it should hold and does not, each with the reason.
    """
    router, vr, state = instance.router, instance.vr, instance.state
    every = (*router.addresses, *router.excluded_addresses)
    return {
        "name": instance.name,
        "state": type(state).__name__,
        "faults": list(instance.faults),
        "since": instance.since,
        "vrid": router.vrid,
        "interface": instance.way.interface,
        "family": instance.way.family,
        "version": vr.version,
        "priority": router.priority if router.priority is not None else vr.priority,
        "effective_priority": vr.priority,
        "advertisement_interval": vr.advertisement_interval,
        "preempt": vr.preempt,
        "unicast": instance.way.unicast,
        "primary": None if instance.primary is None else str(instance.primary),
        "addresses": [text(address, router, instance.defs) for address in every],
        "missing": [{"address": address, "reason": reason} for address, reason in absent],
        "advertised": len(instance.advertised),
        "active_router": None if instance.active_router is None else str(instance.active_router),
        "yielding": isinstance(state, fsm.Backup) and state.yielding,
        "timer": None if isinstance(state, fsm.Initialize) else round(state.deadline - now, 3),
        "counters": {name: count for name, count in sorted(instance.counters.items()) if count},
        "group": None if instance.group is None else instance.group.name,
    }


def group_object(group: SyncGroup, instances: Iterable[Instance]) -> dict[str, Any]:
    members = [instance for instance in instances if instance.group is not None and instance.group.name == group.name]
    return {
        "name": group.name,
        "state": state_of(member.state for member in members),
        "members": [member.name for member in members],
    }


@dataclass(frozen=True, slots=True)
class ReloadPlan:
    """What a reload means for the instances: which go on, which are new, which end."""

    kept: list[tuple[Instance, VirtualRouter]]
    added: list[VirtualRouter]
    deleted: list[Instance]

    def changes(self) -> dict[str, list[str]]:
        """Names for the answer; call before the kept instances are told."""
        same = [(instance, router) for instance, router in self.kept if instance.router == router]
        return {
            "added": [router.name for router in self.added],
            "deleted": [instance.name for instance in self.deleted],
            "changed": [router.name for instance, router in self.kept if (instance, router) not in same],
            "unchanged": [router.name for _unused, router in same],
        }


def plan(instances: Iterable[Instance], wanted: Configuration) -> ReloadPlan:
    """Match by identity: an instance that is asked for under another name goes on.

    Where several are the same one, as in unicast with one VRID, a name that stays is worth most, then the peers.
    """
    known: dict[Identity, list[Instance]] = {}
    for instance in instances:
        known.setdefault(identity(instance.router, instance.defs), []).append(instance)
    asked = [(router, known.get(identity(router, wanted.global_defs), [])) for router in wanted.routers]
    found: dict[str, Instance] = {}
    for alike in (same_name, same_peers, anything):
        for router, same in asked:
            matches = [] if router.name in found else [i for i in same if alike(i.router, router)]
            if matches:
                found[router.name] = matches[0]
                same.remove(matches[0])
    kept = [(found[router.name], router) for router in wanted.routers if router.name in found]
    added = [router for router in wanted.routers if router.name not in found]
    return ReloadPlan(kept, added, [instance for rest in known.values() for instance in rest])


def same_name(one: VirtualRouter, other: VirtualRouter) -> bool:
    return one.name == other.name


def same_peers(one: VirtualRouter, other: VirtualRouter) -> bool:
    return {peer.address for peer in one.unicast_peers} == {peer.address for peer in other.unicast_peers}


def anything(_one: VirtualRouter, _other: VirtualRouter) -> bool:
    return True


def group_of(router: VirtualRouter, groups: Iterable[SyncGroup]) -> SyncGroup | None:
    """The first sync group that names the instance."""
    return next((group for group in groups if router.name in group.members), None)
