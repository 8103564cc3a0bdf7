# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reload means for the instances: which go on, which are new, which end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lvsd.model import Configuration, VirtualRouter

from .instance import Instance
from .parameters import Identity, identity


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
    """Whether two instances have one name."""
    return one.name == other.name


def same_peers(one: VirtualRouter, other: VirtualRouter) -> bool:
    """Whether two instances have the same unicast peers."""
    return {peer.address for peer in one.unicast_peers} == {peer.address for peer in other.unicast_peers}


def anything(_one: VirtualRouter, _other: VirtualRouter) -> bool:
    """Match any two instances of one identity: what is left after the names and the peers."""
    return True
