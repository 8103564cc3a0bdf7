# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The invariants of the checker, judged from outside after every wake-up.

    (a) held     the kernel holds what the configuration, the results, the orders and the quorums ask for
    (b) once     no object is written twice in one wake-up, and no write leaves the kernel as it was
    (c) ordered  what the operator has ordered is in force, whatever happens to the process, until the server leaves
    (d) same     a reload that changes nothing writes nothing, nor does a restart once every check has had a result
    (e) told     the scripts of each server and service have been told how it is: each change once
    (f) foreign  what is not ours stays as it is
    (g) looked   every check of every server goes on

Where the kernel refuses, or somebody changes what is ours, (a), (b) and (d) hold again once that is over and the next
comparison has passed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from lvsd.check.check_task import Runner
from lvsd.check.health import Result
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.model import Configuration

from tests.daemon.simulation.checker_expected import CheckSeen, ServerSeen, ServiceSeen, weights
from tests.daemon.simulation.record import Violation

SLACK = 1.0  # seconds: rounding, latency


class CheckerWatch:
    def __init__(self, world: Any) -> None:
        self.world = world
        self.services: dict[ServiceKey, ServiceSeen] = {}
        self.checks: dict[str, CheckSeen] = {}
        self.looked: dict[str, float] = {}  # when each check had its last result
        self.orders: dict[DestinationKey, tuple[bool, int | None]] = {}
        self.told: dict[str, bool] = {}  # by the scripts
        self.happened: Counter[str] = Counter()
        self.foreign = world.kernel.dump()
        self.settling = False
        self._unjudged = False  # something has happened that an invariant depends on
        self._written = 0  # of the kernel's writes, those that were judged

    def fail(self, letter: str, text: str) -> None:
        self.world.happens(f"VIOLATION ({letter}) {text}")
        raise Violation(f"({letter}) {text}")

    @property
    def strict(self) -> bool:
        return self.settling or not self.world.plan.disturbed

    # --- what the world tells ---

    def begun(self, configuration: Configuration) -> None:
        """A process has started; what it found in the files and in the kernel it goes on with."""
        known, complete = bool(self.services), all(check.observed for check in self.checks.values())
        self.take(configuration, restart=True)
        if known:  # it was no orderly stop
            self.happened["restarted"] += 1
        if known and complete:
            self.happened["restarted with all results"] += 1
            self.silent("a restart")
        for key, service in self.services.items():
            if service.quorum is None and not self.strict:
                service.quorum = self.world.process.checker.services.services[key].quorum
                self.told[str(key)] = bool(service.quorum)
            for where, server in service.servers.items():
                self.told[str(where)] = server.up
        self.judge()

    def reloaded(self, before: Configuration, after: Configuration) -> None:
        self.take(after)
        if before == after:
            self.happened["reloaded the same"] += 1
            self.silent("a reload of the same")
        else:
            self.happened["reloaded"] += 1

    def ended(self, how: str) -> None:
        self.happened[how] += 1
        if how == "stop":
            self.stopped()
        self.judge_writes()

    def stopped(self) -> None:
        if self.strict and set(self.world.kernel.table.services) != set(self.foreign.services):
            self.fail("a", "services of ours stay after an orderly stop")
        for key, service in self.services.items():
            if service.virtual.omega and (self.told.get(str(key)) or any(self.told[str(k)] for k in service.servers)):
                self.fail("e", f"omega: {key} stopped without its scripts")
        self.services, self.checks, self.told = {}, {}, {}

    def result(self, runner: Runner, result: Result) -> None:
        name = runner.plan.name
        check = self.checks[name]
        before = check.up, check.weight
        check.hear(result)
        self.looked[name] = self.world.clock.now
        if (check.up, check.weight) != before:
            self._unjudged = True
            self.happened["weighed" if check.up == before[0] else "up" if check.up else "down"] += 1

    def ordered(self, service: ServiceKey, server: int, verb: str, weight: int | None) -> None:
        """Taken by the checker."""
        (key,) = (key for key in self.services[service].servers if int(key.address) & 0xFF == server)
        drained, before = self.orders.get(key, (False, None))
        self.orders[key] = (drained, weight) if verb == "weight" else (verb == "drain", before)
        self.happened[verb] += 1
        self.obey()

    def script(self, subject: str, word: str) -> None:
        self._unjudged = True
        up = word == "up"
        if self.told.get(subject, False) == up:
            self.fail("e", f"{subject}: {word} is told twice")
        self.told[subject] = up

    def after_order(self) -> None:
        self.judge()

    def after_wake(self) -> None:
        if self._unjudged or self._written < len(self.world.kernel.writes):
            self.judge()

    def settled(self) -> None:
        self.settling = True
        self.judge()
        if not self.world.process.checker.services.services and self.services:
            self.fail("a", "no services")
        self.happened["settled"] += 1

    # --- what should be ---

    def take(self, configuration: Configuration, *, restart: bool = False) -> None:
        """The services of a configuration; of the checks that have had no result, as the checker assumes them."""
        before, self.services = self.services, {}
        running = self.world.process.checker.services.services
        kept: dict[str, CheckSeen] = {}
        for key, service in running.items():
            virtual = next(v for v in configuration.virtual_servers if (v.address, v.port) == (key.address, key.port))
            real = {server.address: server for server in virtual.real_servers}
            servers = {}
            for where, server in service.servers.items():
                was = before[key].servers.get(where) if key in before else None
                seen = [self.seen(runner, was, restart=restart) for runner in server.runners]
                kept.update(zip((runner.plan.name for runner in server.runners), seen, strict=True))
                servers[where] = ServerSeen(real[where.address], seen)
            quorum = before[key].quorum if key in before else None
            self.services[key] = ServiceSeen(key, virtual, servers, quorum)
        self.checks = kept
        configured = {where for service in self.services.values() for where in service.servers}
        self.gone(
            {str(k) for s in before.values() for k in (s.key, *s.servers)} - {*map(str, configured | set(running))}
        )
        self.orders = {where: order for where, order in self.orders.items() if where in configured}
        self.obey()

    def seen(self, runner: Runner, was: ServerSeen | None, *, restart: bool) -> CheckSeen:
        known = self.checks.get(runner.plan.name)
        health, schedule = runner.health, runner.plan.schedule
        if restart or known is None or known.schedule != schedule:
            self.looked[runner.plan.name] = self.world.clock.now
        if known is not None and (known.observed or not restart):
            known.schedule = schedule
            return known
        if not restart and self.strict and health.up != (was.up if was is not None else not schedule.alpha):
            self.fail("a", f"{runner.plan.name} begins {'up' if health.up else 'down'}")
        return CheckSeen(health.up, health.observed, schedule, 0, health.weight)

    def gone(self, subjects: set[str]) -> None:
        for subject in subjects:
            if self.told.pop(subject, False):
                self.fail("e", f"{subject} has gone without its script")

    def obey(self) -> None:
        for service in self.services.values():
            for where, server in service.servers.items():
                server.drained, server.ordered = self.orders.get(where, (False, None))

    # --- the invariants ---

    def judge(self) -> None:
        self._unjudged = False
        for service in self.services.values():
            had = service.quorum
            service.count()
            if had is not None and service.quorum != had:
                self.happened["quorum gained" if service.quorum else "quorum lost"] += 1
        self.held()
        self.judge_writes()
        self.said()
        self.going_on()

    def held(self) -> None:
        table = self.world.kernel.table
        ours = {key: value for key, value in table.destinations.items() if key.service not in self.foreign.services}
        others = {key: value for key, value in table.destinations.items() if key.service in self.foreign.services}
        if others != self.foreign.destinations or not self.foreign.services.keys() <= table.services.keys():
            self.fail("f", f"{others}")
        for key, service in self.services.items():
            for where, server in service.servers.items():
                order = self.world.process.checker.services.services[key].servers[where].order
                if (order.drained, order.weight) != (server.drained, server.ordered):
                    self.fail("c", f"{where}: {order}, ordered was {server.drained} {server.ordered}")
        if not self.strict:
            return
        wanted = {where: w for service in self.services.values() for where, w in service.destinations().items()}
        if weights(ours) != wanted or set(table.services) - set(self.foreign.services) != set(self.services):
            differing = {k for k in wanted.keys() | ours.keys() if wanted.get(k) != weights(ours).get(k)}
            shown = ", ".join(f"{k} {weights(ours).get(k)} instead of {wanted.get(k)}" for k in differing)
            self.fail("a", f"the kernel holds {shown or set(table.services)}")

    def judge_writes(self) -> None:
        """Those of this wake-up, or of this order."""
        writes = self.world.kernel.writes[self._written :]
        self._written += len(writes)
        if not self.strict:
            return
        found = Counter(write.key for write in writes)
        twice = [str(key) for key, count in found.items() if count > 1]
        if twice:
            self.fail("b", f"written twice: {', '.join(twice)}")
        idle = [str(write.key) for write in writes if not write.taken or write.value == write.before]
        if idle:
            self.fail("b", f"written as it was: {', '.join(idle)}")

    def silent(self, what: str) -> None:
        writes = self.world.kernel.writes[self._written :]
        if writes and self.strict:
            self.fail("d", f"{what} writes {', '.join(f'{write.verb} {write.key}' for write in writes)}")

    def said(self) -> None:
        for key, service in self.services.items():
            if self.told.get(str(key), False) != bool(service.quorum):
                self.fail("e", f"{key}: quorum {service.quorum} is not told")
            for where, server in service.servers.items():
                if self.told.setdefault(str(where), server.up) != server.up:
                    self.fail("e", f"{where}: up {server.up} is not told")

    def going_on(self) -> None:
        """Its pause, an attempt and its timeout: later than that there must have been a result."""
        now = self.world.clock.now
        for service in self.world.process.checker.services.services.values():
            for server in service.servers.values():
                for runner in server.runners:
                    times = runner.plan.schedule
                    pause = max(times.delay_loop, times.delay_before_retry, times.warmup)
                    if now - self.looked[runner.plan.name] > pause + times.connect_timeout + SLACK:
                        self.fail("g", f"{runner.plan.name}: no result since {self.looked[runner.plan.name]}")
