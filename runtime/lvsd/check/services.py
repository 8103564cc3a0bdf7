# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How everything is now: the services, their servers, the checks that run; and what a new configuration does to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lvsd.kernel.ipvs_types import Destination, DestinationKey, ServiceKey, Table
from lvsd.loop import Loop

from .check_task import Runner, Tell
from .health import Health, resume, start
from .kinds import of_probe
from .overrides import NONE, Order, Orders, name
from .planned_check import CheckId, PlannedCheck
from .pool import LARGEST_WEIGHT, Pool, PoolMember, Sorry, Standing, destinations, has_quorum
from .shared_probes import SharedProbes
from .state_codec import NO_RESULTS, Results
from .step import ServerState, ServiceState

SOON = 1.0  # seconds: how long a server that the kernel does not hold at our start waits for its first check at most


@dataclass(slots=True)
class Server:
    """A real server: what the checker keeps of it, and its checks."""

    state: ServerState
    runners: list[Runner]

    @property
    def member(self) -> PoolMember:
        """What the configuration asks for."""
        return self.state.member

    @property
    def order(self) -> Order:
        """What the operator has ordered."""
        return self.state.order

    @property
    def up(self) -> bool:
        """Whether all checks of the server pass."""
        return all(runner.health.up for runner in self.runners)

    @property
    def standing(self) -> Standing:
        """How the server is, as `pool.py` counts it."""
        dynamic = tuple(runner.health.weight for runner in self.runners if runner.health.weight is not None)
        return Standing(self.up, self.order.drained, self.order.weight, dynamic)


@dataclass(slots=True)
class VirtualService:
    """One service as the checker runs it: its pool, whether it has its quorum, and its servers."""

    state: ServiceState
    servers: dict[DestinationKey, Server]

    @property
    def pool(self) -> Pool:
        """What the configuration asks for."""
        return self.state.pool

    @property
    def quorum(self) -> bool | None:
        """Whether the service has its quorum; None where that is not known yet."""
        return self.state.quorum

    def standings(self) -> dict[DestinationKey, Standing]:
        """Return how each server is."""
        return {key: server.standing for key, server in self.servers.items()}

    def wanted(self) -> dict[DestinationKey, Destination]:
        """Return what the kernel shall hold of the service."""
        return destinations(self.pool, self.standings(), bool(self.quorum))


@dataclass(slots=True)
class Gone:
    """What has left the configuration: services with all their servers, and servers of services that stay."""

    services: list[VirtualService] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)


def runners(services: Iterable[VirtualService]) -> Iterator[Runner]:
    """Yield the checks of these services."""
    return (runner for service in services for server in service.servers.values() for runner in server.runners)


class Services:
    """The services that run, with their servers and checks."""

    def __init__(self, loop: Loop, shared_probes: SharedProbes, tell: Tell) -> None:
        self._loop = loop
        self._shared_probes = shared_probes
        self._tell = tell
        self.services: dict[ServiceKey, VirtualService] = {}
        self._left = NO_RESULTS  # by a predecessor, while `load` takes them on

    def server(self, key: DestinationKey) -> Server:
        """Return one server. Raises KeyError."""
        return self.services[key.service].servers[key]

    def load(self, pools: Mapping[ServiceKey, Pool], orders: Orders, actual: Table, left: Results = NO_RESULTS) -> Gone:
        """Take a configuration on, and give what is gone; `actual` is what the kernel holds, `left` what a predecessor
        knew.

        Checks that were there before, here or there, keep their health.  A new check of a known server, and any check
        of a service that the kernel holds at our start, begins with the server as it is.
        """
        before, self._left = self.services, left
        self.services = {key: self._service(pool, before.get(key), orders, actual) for key, pool in pools.items()}
        self._left = NO_RESULTS
        kept = {id(runner): runner.number for runner in runners(self.services.values())}
        for runner in runners(before.values()):
            if id(runner) not in kept:
                runner.stop()
        self._shared_probes.keep(set(kept.values()))
        gone = Gone()
        for key, service in before.items():
            if key not in self.services:
                gone.services.append(service)
            else:
                there = self.services[key].servers
                gone.servers += [server for place, server in service.servers.items() if place not in there]
        return gone

    def results(self) -> Results:
        """What is known by now."""
        found = Results()
        for key, service in self.services.items():
            if service.quorum is not None:
                found.quorums[str(key)] = service.quorum
            for runner in runners((service,)):
                if runner.health.observed and of_probe(runner.plan.probe).looks:
                    found.checks[runner.plan.name] = runner.health
        return found

    def stop(self) -> None:
        """Every check, its programs included."""
        for runner in runners(self.services.values()):
            runner.stop(at_once=True)
        self._shared_probes.close()

    def _service(self, pool: Pool, known: VirtualService | None, orders: Orders, actual: Table) -> VirtualService:
        servers = {}
        serving = pool.sorry is None or not held_weight(pool.sorry, actual)
        for key, member in pool.members.items():
            order = orders.get(name(key), NONE) if orders else NONE
            if known is not None and key in known.servers:
                servers[key] = self._known_server(member, known.servers[key], order)
            elif known is None and pool.key in actual.services:
                held = actual.destinations.get(key)
                servers[key] = self._adopted_server(member, order, held, serving=serving)
            else:
                servers[key] = self._new_server(member, order)
        service = VirtualService(ServiceState(pool), servers)
        if known is not None:
            quorum = known.quorum
        elif str(pool.key) in self._left.quorums:
            quorum = self._left.quorums[str(pool.key)]
        else:
            quorum = adopted_quorum(service, actual) if pool.key in actual.services else None
        service.state = ServiceState(pool, quorum)
        return service

    def _known_server(self, member: PoolMember, known: Server, order: Order) -> Server:
        running: dict[CheckId, Runner] = {runner.plan.identity: runner for runner in known.runners}
        was_up = known.up
        runners = []
        for plan in member.plans:
            runner = running.get(plan.identity)
            if runner is None:
                runner = self._runner(plan, was_up)
            elif runner.plan != plan:
                runner.adopt(plan)
            runners.append(runner)
        return Server(ServerState(member, order, known.state.told_up), runners)

    def _adopted_server(self, member: PoolMember, order: Order, held: Destination | None, *, serving: bool) -> Server:
        """`serving`: the servers of its service are not at weight 0 for the sorry server."""
        up = adopted_up(member, order, held)
        runners = [self._runner(plan, up, known=up) for plan in member.plans]
        dynamic = [runner for runner in runners if of_probe(runner.plan.probe).dynamic(runner.plan.probe)]
        unknown = [runner for runner in dynamic if runner.plan.name not in self._left.checks]
        if held is not None and unknown and up and serving and not order:
            asked = adopted_weight(member, held, (runner.health.weight for runner in dynamic))
            unknown[0].health = replace(unknown[0].health, weight=asked)
        return begun(member, order, runners)

    def _new_server(self, member: PoolMember, order: Order) -> Server:
        return begun(member, order, [self._runner(plan, None) for plan in member.plans])

    def _runner(self, plan: PlannedCheck, up: bool | None, *, known: bool = False) -> Runner:
        """`up`: begin so (None: as `alpha` says); `known`: and as if it had been checked, so that retries count."""
        left = self._left.checks.get(plan.name) if self._left.checks else None
        health = start(plan.schedule, self._loop.now, plan.phase, up)
        if left is not None:
            health = resume(plan.schedule, left, self._loop.now, plan.phase)
        elif known:
            health = replace(health, observed=True)
        elif up is False:
            health = soon(health, self._loop.now)
        return Runner(self._loop, self._shared_probes, plan, health, self._tell)


def begun(member: PoolMember, order: Order, runners: list[Runner]) -> Server:
    """A server that is as it was told to be."""
    up = all(runner.health.up for runner in runners)
    return Server(ServerState(member, order, told_up=up), runners)


def soon(health: Health, now: float) -> Health:
    """Return the health with a next probe that is not later than `SOON`."""
    return replace(health, probe_at=min(health.probe_at, now + SOON))


def adopted_weight(member: PoolMember, held: Destination, known: Iterable[int | None]) -> int:
    """What a dynamic check without a result has asked for: what the kernel holds, less what `known` results move."""
    configured = member.destination.weight
    moved = sum(weight - configured for weight in known if weight is not None)
    return max(0, min(held.weight - moved, LARGEST_WEIGHT))


def adopted_up(member: PoolMember, order: Order, held: Destination | None) -> bool:
    """Whether a server of a service that the kernel holds was up: it is in the table, and not at weight 0 for its
    failed checks."""
    if held is None:
        return False
    inhibited = member.inhibit_on_failure and not order and member.destination.weight > 0
    return held.weight > 0 or not inhibited


def adopted_quorum(service: VirtualService, actual: Table) -> bool:
    """Whether a service that the kernel holds had quorum: its sorry server is not in use."""
    sorry = service.pool.sorry
    if sorry is None or sorry.key in service.servers:
        return has_quorum(service.pool, service.standings(), None)
    return not held_weight(sorry, actual)


def held_weight(sorry: Sorry, actual: Table) -> int:
    """Return the weight that the kernel holds of a sorry server; 0 where it has none."""
    return actual.destinations.get(sorry.key, Destination(weight=0)).weight
