# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reload changed, for its answer and the log: services and servers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.reconcile import changes

from .pool import Pool, PoolMember

K = TypeVar("K")

Difference = dict[str, dict[str, list[str]]]
"""{"services": {"added": [...], "removed": [...], "changed": [...]}, "servers": {...}}; empty parts left out."""


def differences(before: Mapping[ServiceKey, Pool], after: Mapping[ServiceKey, Pool]) -> Difference:
    """Return the services and servers that a reload added, removed or changed."""
    found = {
        "services": named({k: settings(p) for k, p in before.items()}, {k: settings(p) for k, p in after.items()}),
        "servers": named(members(before), members(after)),
    }
    return {what: parts for what, parts in found.items() if parts}


def settings(pool: Pool) -> tuple[Any, ...]:
    """A pool without its servers."""
    commands = pool.quorum_up, pool.quorum_down
    return pool.service, pool.sorry, pool.quorum, pool.hysteresis, pool.omega, commands


def members(pools: Mapping[ServiceKey, Pool]) -> dict[DestinationKey, PoolMember]:
    """Return the servers of all pools by their key."""
    return {key: member for pool in pools.values() for key, member in pool.members.items()}


def named(before: Mapping[K, object], after: Mapping[K, object]) -> dict[str, list[str]]:
    """Return the keys that differ, as texts, by what became of them."""
    found = changes(before, after)
    parts = {"added": found.add, "removed": found.remove, "changed": found.update}
    return {what: list(map(str, keys)) for what, keys in parts.items() if keys}
