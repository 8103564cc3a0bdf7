# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verb `show` answers: one object for each instance and each sync group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lvsd.model import SyncGroup

from . import fsm
from .desired import text
from .instance import Instance
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
    """Return a sync group as the control socket shows it."""
    members = [instance for instance in instances if instance.group is not None and instance.group.name == group.name]
    return {
        "name": group.name,
        "state": state_of(member.state for member in members),
        "members": [member.name for member in members],
    }
