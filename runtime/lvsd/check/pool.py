# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From health to the destinations of a virtual service: quorum, sorry server, drained servers.

Pure: a `Pool` is what the configuration asks for, a `Standing` is how one of its servers is, and
`destinations` is what the kernel should hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from lvsd.conf.family import service_family
from lvsd.kernel.ipvs_types import (
    Destination,
    DestinationKey,
    ForwardingMethod,
    Service,
    ServiceKey,
    TunnelFlags,
    TunnelType,
    normal,
)
from lvsd.model import Command, Configuration, Method, RealServer, SorryServer, VirtualServer
from lvsd.record import record

from .planned_check import PlannedCheck, plans

WEIGHT = 1
LARGEST_WEIGHT = 65535  # keepalived's range; the kernel's weights are non-negative ints (linux/ip_vs.h)
FORWARDING = {int(forwarding): forwarding for forwarding in ForwardingMethod}
SCHEDULER_FLAGS = {  # IP_VS_SVC_F_SCHED1..3
    "flag-1": 1,
    "flag-2": 2,
    "flag-3": 3,
    "sh-fallback": 1,
    "sh-port": 2,
    "mh-fallback": 1,
    "mh-port": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolMember:
    """A real server of a pool: its destination as configured, and its checks."""

    key: DestinationKey
    destination: Destination
    inhibit_on_failure: bool = False
    notify_up: Command | None = None
    notify_down: Command | None = None
    plans: tuple[PlannedCheck, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class Sorry:
    """The server that answers while too few others do."""

    key: DestinationKey
    destination: Destination
    inhibit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A virtual service as it is asked for."""

    key: ServiceKey
    service: Service
    members: dict[DestinationKey, PoolMember]
    sorry: Sorry | None = None
    quorum: int = 1
    hysteresis: int = 0
    quorum_up: Command | None = None
    quorum_down: Command | None = None
    omega: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server is: its health, what the operator said, and what its dynamic checks ask for."""

    up: bool
    drained: bool = False
    weight: int | None = None  # the operator's, instead of the configured one
    dynamic: tuple[int, ...] = ()  # weights that dynamic checks ask for


# --- from the configuration ---------------------------------------------------------------------


def pools(configuration: Configuration) -> dict[ServiceKey, Pool]:
    """Every virtual server that has real servers; of equal ones the first counts, as keepalived."""
    found: dict[ServiceKey, Pool] = {}
    for virtual in configuration.virtual_servers:
        if virtual.real_servers and service_key(virtual) not in found:
            found[service_key(virtual)] = pool(configuration, virtual)
    return found


def pool(configuration: Configuration, virtual: VirtualServer) -> Pool:
    """Return what the configuration asks for of one virtual server."""
    key = service_key(virtual)
    members: dict[DestinationKey, PoolMember] = {}
    for real in virtual.real_servers:
        found = member(configuration, virtual, real, key)
        members.setdefault(found.key, found)
    total = sum(member.destination.weight for member in members.values())
    return Pool(
        key=key,
        service=normal(key, service(virtual)),
        members=members,
        sorry=None if virtual.sorry_server is None else sorry(virtual, virtual.sorry_server, key),
        quorum=max(1, min(virtual.quorum, total)),
        hysteresis=virtual.hysteresis,
        quorum_up=virtual.quorum_up,
        quorum_down=virtual.quorum_down,
        omega=virtual.omega,
    )


def service_key(virtual: VirtualServer) -> ServiceKey:
    """Return the key of a service in the kernel's table."""
    if virtual.address is not None:
        return ServiceKey.at(virtual.address, virtual.port, virtual.protocol or "UDP")
    return ServiceKey.marked(virtual.fwmark, service_family(virtual))


def service(virtual: VirtualServer) -> Service:
    """Return the settings of a service in the kernel's table."""
    flags = {SCHEDULER_FLAGS[flag] for flag in virtual.scheduler_flags if flag in SCHEDULER_FLAGS}
    return Service(
        scheduler=virtual.scheduler,
        persistence_timeout=virtual.persistence_timeout,
        persistence_netmask=virtual.persistence_netmask,
        persistence_engine=virtual.persistence_engine or "",
        one_packet=virtual.one_packet,
        flag_1=1 in flags,
        flag_2=2 in flags,
        flag_3=3 in flags,
    )


def member(configuration: Configuration, virtual: VirtualServer, real: RealServer, key: ServiceKey) -> PoolMember:
    """Return one real server of a pool, with its checks."""
    method = real.method or virtual.method
    weight = real.weight if real.weight is not None else virtual.weight if virtual.weight is not None else WEIGHT
    where = DestinationKey(key, real.address, destination_port(virtual, real.port, method))
    inhibit = virtual.inhibit_on_failure if real.inhibit_on_failure is None else real.inhibit_on_failure
    set_as = destination(method, weight)
    if real.upper_threshold or real.lower_threshold:
        set_as = replace(set_as, upper_threshold=real.upper_threshold, lower_threshold=real.lower_threshold)
    return PoolMember(
        key=where,
        destination=set_as,
        inhibit_on_failure=inhibit,
        notify_up=real.notify_up,
        notify_down=real.notify_down,
        plans=plans(configuration, virtual, real, where),
    )


def sorry(virtual: VirtualServer, server: SorryServer, key: ServiceKey) -> Sorry:
    """Return the sorry server of a pool."""
    method = server.method or virtual.method
    where = DestinationKey(key, server.address, destination_port(virtual, server.port, method))
    return Sorry(key=where, destination=destination(method, WEIGHT), inhibit=server.inhibit)


def destination_port(virtual: VirtualServer, port: int | None, method: Method) -> int:
    """Only NAT can change the port: a packet of the other methods arrives as it was sent."""
    if port is None or forwarding(method) != ForwardingMethod.MASQUERADE:
        return virtual.port
    return port


@lru_cache(1024)
def destination(method: Method, weight: int) -> Destination:
    """Return how the kernel shall forward to a server; one object for all that are alike."""
    if forwarding(method) != ForwardingMethod.TUNNEL:
        return Destination(forwarding=forwarding(method), weight=weight)
    return Destination(
        forwarding=ForwardingMethod.TUNNEL,
        weight=weight,
        tunnel_type=TunnelType[(method.tunnel_type or "ipip").upper()],
        tunnel_port=method.tunnel_port or 0,
        tunnel_flags=TunnelFlags[(method.tunnel_flags or "nocsum").upper()],
    )


def forwarding(method: Method) -> ForwardingMethod:
    """Return the kernel's forwarding method."""
    return FORWARDING[method.forwarding.value]


# --- from health --------------------------------------------------------------------------------


def weight(member: PoolMember, standing: Standing) -> int:
    """What the kernel should hold while the server is up: drained is 0; the operator's weight, else the configured
    one; and every dynamic check moves it by the difference between what it asks for and the configured one."""
    if standing.drained:
        return 0
    configured = member.destination.weight
    chosen = configured if standing.weight is None else standing.weight
    moved = chosen + sum(asked - configured for asked in standing.dynamic)
    return max(0, min(moved, LARGEST_WEIGHT))


def live_weight(pool: Pool, standings: Mapping[DestinationKey, Standing]) -> int:
    """Return the weight of all servers that are up, with the operator's orders."""
    return sum(weight(member, standings[key]) for key, member in pool.members.items() if standings[key].up)


def needed(pool: Pool, had: bool | None) -> int:
    """The weight at which quorum is there: less to keep it than to gain it; without a past, the quorum itself.

    Never more than all servers together have, so that it can be reached.
    """
    if had is None:
        return pool.quorum
    if had:
        return max(1, pool.quorum - pool.hysteresis)
    total = sum(member.destination.weight for member in pool.members.values())
    return max(pool.quorum, min(pool.quorum + pool.hysteresis, total))


def has_quorum(pool: Pool, standings: Mapping[DestinationKey, Standing], had: bool | None) -> bool:
    """Lost when nothing is left or below quorum - hysteresis, gained at quorum + hysteresis."""
    return live_weight(pool, standings) >= needed(pool, had)


def lost_by_orders(pool: Pool, standings: Mapping[DestinationKey, Standing]) -> bool:
    """Whether a quorum that is not there would be kept if the operator had not said anything about these servers.

    With hysteresis that is so for a while after the last order was taken back, too.
    """
    free = {key: replace(standing, drained=False, weight=None) for key, standing in standings.items()}
    return has_quorum(pool, free, True)


def destinations(
    pool: Pool, standings: Mapping[DestinationKey, Standing], quorum: bool
) -> dict[DestinationKey, Destination]:
    """What the kernel should hold of this service.

    While the sorry server is in use the live servers go, as in keepalived: they are too few for what comes.  Where
    only the operator's orders have made them too few, they are not ill: the sorry server takes what is new, and they
    stay at weight 0, so that an order about one server ends no connection of another.

    A drained server stays, at weight 0, so that its connections end by themselves, also when its checks fail because
    it is being stopped; only when it has failed and the service is persistent it goes, since clients would still be
    sent to it.
    """
    apologise = pool.sorry is not None and not quorum
    spared = apologise and lost_by_orders(pool, standings)
    wanted: dict[DestinationKey, Destination] = {}
    for key, member in pool.members.items():
        standing = standings[key]
        serving = standing.up and not apologise
        if serving:
            wanted[key] = weighing(member.destination, weight(member, standing))
        elif (
            member.inhibit_on_failure
            or (spared and standing.up)
            or (standing.drained and (standing.up or not pool.service.persistent))
        ):
            wanted[key] = weighing(member.destination, 0)
    if pool.sorry is not None and apologise:
        wanted[pool.sorry.key] = pool.sorry.destination
    elif pool.sorry is not None and pool.sorry.inhibit:
        wanted.setdefault(pool.sorry.key, replace(pool.sorry.destination, weight=0))
    return wanted


def weighing(destination: Destination, weight: int) -> Destination:
    """Return a destination with this weight."""
    return destination if destination.weight == weight else replace(destination, weight=weight)


def sorry_in_use(pool: Pool, quorum: bool) -> bool:
    """Whether connections go to the sorry server."""
    return pool.sorry is not None and not quorum
