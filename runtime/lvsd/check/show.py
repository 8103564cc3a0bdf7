# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show` answers: the services with their servers and checks, beside what the kernel holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvsd.kernel.ipvs_types import Connections, DestinationKey, Service, ServiceKey, Table

from .health import Health
from .planned_check import PlannedCheck
from .pool import live_weight, sorry_in_use
from .services import Server, Services, VirtualService

Shown = dict[str, Any]
Counts = Mapping[DestinationKey, Connections]


def show(services: Services, actual: Table, counts: Counts) -> list[Shown]:
    """Return every service as the control socket shows it."""
    return [show_service(service, actual, counts) for service in services.services.values()]


def show_service(service: VirtualService, actual: Table, counts: Counts) -> Shown:
    """Return one service with its servers, beside what the kernel holds of it."""
    pool, quorum = service.pool, bool(service.quorum)
    kinds = {member.destination.forwarding.name for member in pool.members.values()}
    sorry = None if pool.sorry is None else pool.sorry.key.endpoint
    return {
        "key": str(pool.key),
        "scheduler": pool.service.scheduler,
        "forwarding": FORWARDING[kinds.pop()] if len(kinds) == 1 else "mixed",
        "persistence_timeout": pool.service.persistence_timeout,
        "quorum": {
            "up": quorum,
            "weight": live_weight(pool, service.standings()),
            "needed": pool.quorum,
            "hysteresis": pool.hysteresis,
        },
        "sorry_server": sorry,
        "sorry_in_use": sorry_in_use(pool, quorum),
        "kernel": show_kernel(pool.key, actual),
        "servers": [show_server(key, server, actual, counts) for key, server in service.servers.items()],
    }


FORWARDING = {"MASQUERADE": "NAT", "DIRECT": "DR", "TUNNEL": "TUN"}


def show_kernel(key: ServiceKey, actual: Table) -> Shown | None:
    """Return what the kernel holds of a service; None where it has none."""
    held: Service | None = actual.services.get(key)
    if held is None:
        return None
    return {
        "scheduler": held.scheduler,
        "persistence_timeout": held.persistence_timeout,
        "persistence_netmask": held.persistence_netmask,
        "persistence_engine": held.persistence_engine,
        "one_packet": held.one_packet,
        "flags": [n for n, is_set in enumerate((held.flag_1, held.flag_2, held.flag_3), 1) if is_set],
        "destinations": sum(1 for destination in actual.destinations if destination.service == key),
    }


def show_server(key: DestinationKey, server: Server, actual: Table, counts: Counts) -> Shown:
    """Return one server with its checks, its order and its connections."""
    held, connections = actual.destinations.get(key), counts.get(key, Connections())
    return {
        "key": key.endpoint,
        "weight": server.member.destination.weight,
        "weight_override": server.order.weight,
        "order_since": server.order.since if server.order else None,
        "effective_weight": None if held is None else held.weight,
        "up": server.up,
        "admin": "drained" if server.order.drained else "enabled",
        "forwarding": FORWARDING[server.member.destination.forwarding.name],
        "checks": [show_check(runner.plan, runner.health) for runner in server.runners],
        "active_connections": connections.active,
        "inactive_connections": connections.inactive,
        "persistent_connections": connections.persistent,
    }


def show_check(plan: PlannedCheck, health: Health) -> Shown:
    """Return one check and what it found last."""
    return {
        "kind": plan.kind,
        "up": health.up,
        "looked": not health.blind,
        "detail": health.detail,
        "latency_ms": None if health.latency is None else round(health.latency * 1000, 3),
        "failures": health.failures,
    }
