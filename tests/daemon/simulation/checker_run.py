# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One schedule of the checker from beginning to end: `run(seed)`; `python -m tests.daemon.simulation.checker_run SEED`
tells it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from lvsd.control.server import Refused
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey
from lvsd.model import CheckTiming, Command, Configuration, RealServer, SorryServer, VirtualServer

from tests.daemon.simulation.checker_plan import SPAN, Action, CheckerPlan, ServerPlan, ServicePlan, Services, plan
from tests.daemon.simulation.checker_process import CheckerProcess
from tests.daemon.simulation.checker_servers import RealServers, SimulatedCheck, simulated
from tests.daemon.simulation.checker_watch import CheckerWatch
from tests.daemon.simulation.clock import Clock
from tests.daemon.simulation.record import Violation
from tests.support.ipvs_table import IpvsTable

FOREIGN = ServiceKey.at(ip_address("198.51.100.1"), 443)
FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None
CONDITIONS = {"die": "dead", "hang": "hanging", "blind": "blind"}


@dataclass(frozen=True, slots=True)
class CheckerOutcome:
    """What became of a seed; `violation` is None when every invariant held."""

    plan: CheckerPlan
    story: list[tuple[float, str]]
    violation: Violation | None
    happened: Counter[str]


class CheckerWorld:
    """One director with its kernel and its files, the real servers, the clock, and the watch."""

    def __init__(self, wanted: CheckerPlan, folder: Path) -> None:
        self.plan = wanted
        self.folder = folder
        self.clock = Clock()
        self.story: list[tuple[float, str]] = []
        self.servers = RealServers(wanted.seed)
        self.kernel: Any = IpvsTable()
        self.kernel.table.services[FOREIGN] = Service("rr")
        self.kernel.table.destinations[DestinationKey(FOREIGN, ip_address("10.9.9.9"), 443)] = Destination()
        self.services = wanted.configurations[0]
        self.process: CheckerProcess | None = None
        self.watch = CheckerWatch(self)
        self._conditions: Counter[int] = Counter()
        self.clock.at(0.0, self.start)
        for action in wanted.actions:
            self.clock.at(action.at, self.act, action)

    def run(self) -> None:
        self.clock.run(SPAN)
        self.kernel.refusing.clear()
        self.happens("everything is healed")
        if self.process is None:
            self.start()
        self.clock.run(self.plan.ends_at)
        self.watch.settled()

    def happens(self, text: str) -> None:
        self.story.append((self.clock.now, text))

    def start(self) -> None:
        if self.process is None:
            self.happens("the checker starts")
            CheckerProcess(self, configuration(self.services))

    # --- what the plan wants ---

    def act(self, action: Action) -> None:
        process, verb = self.process, action.verb
        if verb in CONDITIONS:
            self.afflict(action)
        elif verb == "weigh":
            self.servers.weights[action.server] = action.value or 0
            self.happens(f"the script of .{action.server} asks for {action.value}")
        elif process is None:
            return
        elif verb in ("drain", "enable", "weight", "not stored"):
            process.order(lambda: self.order(process, action))
        elif verb in ("reload", "same"):
            if verb == "reload":
                self.services = self.plan.configurations[action.value or 0]
            process.order(lambda: self.reload(process))
        elif verb == "refuse":
            self.refuse(action)
        elif verb == "surprise":
            self.surprise(action)
        else:
            self.end(process, action)

    def afflict(self, action: Action) -> None:
        """Until its end, unless something else happens to the server before."""
        self._conditions[action.server] += 1
        mine = self._conditions[action.server]
        self.servers.state[action.server] = CONDITIONS[action.verb]
        self.happens(f".{action.server} is {CONDITIONS[action.verb]}")
        self.clock.at(action.until, self.recover, action.server, mine)

    def recover(self, server: int, mine: int) -> None:
        if self._conditions[server] == mine:
            self.servers.state[server] = "well"
            self.happens(f".{server} is well")

    def order(self, process: CheckerProcess, action: Action) -> None:
        where, who = service_key(action.service), f"10.0.0.{action.server}:80"
        request: dict[str, Any] = {"service": str(where), "server": who}
        verb = "drain" if action.verb == "not stored" else action.verb
        if verb == "weight":
            request["weight"] = action.value
        process.full = action.verb == "not stored"
        self.happens(f"{action.verb} {action.value} {who} of {where}")
        try:
            process.ask(verb, request)
            self.watch.ordered(where, action.server, verb, action.value)
        except Refused as refused:
            self.happens(f"refused: {refused}")
            if str(refused).startswith("stored"):  # but the kernel does not take it
                self.watch.ordered(where, action.server, verb, action.value)
        process.full = False

    def reload(self, process: CheckerProcess) -> None:
        before, after = process.checker.configuration, configuration(self.services)
        assert before is not None
        self.happens("reload" if before != after else "reload of the same")
        process.reload(after)
        self.watch.reloaded(before, after)

    def refuse(self, action: Action) -> None:
        key = destination_key(action.service, action.server)
        self.kernel.refusing.add(key)
        self.happens(f"the kernel refuses {key}")
        self.clock.at(action.until, self.kernel.refusing.discard, key)

    def surprise(self, action: Action) -> None:
        """Somebody changes what is ours."""
        key, held = destination_key(action.service, action.server), self.kernel.table.destinations
        self.happens(f"somebody changes {key}")
        if action.value == 0:
            held.pop(key, None)
        elif key in held:
            held[key] = Destination(weight=77)

    def end(self, process: CheckerProcess, action: Action) -> None:
        self.happens(f"the checker: {action.verb}")
        if action.verb != "crash":
            process.loop.turn(process.checker.leave if action.verb == "leave" else process.checker.stop)
        process.ended = True
        self.process = None
        self.watch.ended(action.verb)
        self.clock.at(action.until, self.start)


# --- configuration -------------------------------------------------------------------------------


def service_key(number: int) -> ServiceKey:
    return ServiceKey.at(ip_address(f"192.0.2.{10 + number}"), 80)


def destination_key(service: int, server: int) -> DestinationKey:
    return DestinationKey(service_key(service), ip_address(f"10.0.0.{server}"), 80)


def configuration(services: Services) -> Configuration:
    return Configuration(virtual_servers=tuple(map(virtual, services)))


def virtual(found: ServicePlan) -> VirtualServer:
    sorry = SorryServer(address=ip_address(f"10.0.9.{found.number}"), port=80, inhibit=found.sorry_inhibit)
    key = service_key(found.number)
    return VirtualServer(
        address=key.address,
        port=80,
        protocol="TCP",
        persistence_timeout=50 if found.persistent else 0,
        real_servers=tuple(map(real, found.servers)),
        sorry_server=sorry if found.sorry else None,
        quorum=found.quorum,
        hysteresis=found.hysteresis,
        omega=found.omega,
        quorum_up=Command(("up",)),
        quorum_down=Command(("down",)),
    )


def real(found: ServerPlan) -> RealServer:
    checks: Any = tuple(
        SimulatedCheck(
            found.number,
            check.number,
            check.dynamic,
            CheckTiming(
                retry=check.retry,
                delay_loop=check.delay_loop,
                delay_before_retry=check.delay_before_retry,
                warmup=check.warmup,
                connect_timeout=check.timeout,
                alpha=check.alpha,
            ),
        )
        for check in found.checks
    )
    return RealServer(
        address=ip_address(f"10.0.0.{found.number}"),
        port=80,
        weight=found.weight,
        inhibit_on_failure=found.inhibit,
        checks=checks,
        notify_up=Command(("up",)),
        notify_down=Command(("down",)),
    )


def run(seed: int) -> CheckerOutcome:
    """Everything that happens with this seed; the same every time."""
    with simulated(), tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        world = CheckerWorld(plan(seed), Path(folder))
        violation = None
        try:
            world.run()
        except Violation as found:
            violation = found
        return CheckerOutcome(world.plan, world.story, violation, world.watch.happened)


def told(outcome: CheckerOutcome) -> str:
    lines = [f"seed {outcome.plan.seed}", *map(str, outcome.plan.configurations[0]), ""]
    lines += [f"{at:10.3f}  {text}" for at, text in outcome.story]
    return "\n".join([*lines, f"✗ {outcome.violation}" if outcome.violation else "✓ every invariant held"])


def main() -> int:
    """0: every invariant held; 1: one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.daemon.simulation.checker_run", description=__doc__)
    parser.add_argument("seed", type=int)
    outcome = run(parser.parse_args().seed)
    print(told(outcome))
    return 1 if outcome.violation else 0


if __name__ == "__main__":
    raise SystemExit(main())
