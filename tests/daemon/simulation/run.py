# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One schedule from beginning to end: `run(seed)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import ip_address
from random import Random

from lvsd.model import (
    Configuration,
    GlobalDefs,
    SyncGroup,
    TrackedInterface,
    UnicastPeer,
    VirtualAddress,
    VirtualRouter,
)

from tests.daemon.simulation.clock import Clock
from tests.daemon.simulation.host import UPLINK, Host, own_addresses
from tests.daemon.simulation.network import Network, Segment
from tests.daemon.simulation.plan import Action, Plan, Router, plan
from tests.daemon.simulation.process import Process
from tests.daemon.simulation.record import Violation
from tests.daemon.simulation.settlement import settled
from tests.daemon.simulation.story import Story
from tests.daemon.simulation.watch import Watch

FIRST_VRID = 51


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed; `violation` is None when every invariant held."""

    plan: Plan
    story: Story
    violation: Violation | None
    happened: dict[str, int]


class World:
    """Hosts, networks, the clock, and who watches them."""

    def __init__(self, wanted: Plan, telling: bool) -> None:
        self.plan = wanted
        self.clock = Clock()
        self.story = Story(self, telling)
        self.hosts: list[Host] = []
        self.segments = [Segment(n, wanted.weather) for n in sorted(set(wanted.segments))]
        self.watch = Watch(self)
        self.network = Network(self.clock, Random(-1 - wanted.seed), self.story.lost)
        self.hosts = [
            Host(self, router.name, number, configuration(wanted, router, number))
            for number, router in enumerate(wanted.routers, 1)
        ]
        self.network.hosts = self.hosts
        self.named = {host.name: host for host in self.hosts}
        for action in wanted.actions:
            self.clock.at(action.at, self.act, action)
        self.clock.at(wanted.heals_at, self.heal)

    def run(self) -> None:
        self.clock.run(self.plan.settled_at)
        settled(self.plan, self.hosts)
        self.clock.run(self.plan.ends_at)
        self.watch.ended()

    def heal(self) -> None:
        for segment in self.segments:
            segment.usual = replace(segment.usual, loss=0.0, double=0.0)
        self.story.happens("", "the networks are healed and nobody is disturbed any more")

    # --- what the plan wants ---

    def act(self, action: Action) -> None:
        host, until = self.named[action.who], min(action.until, self.plan.heals_at)
        process = host.process
        match action.verb:
            case "boot" | "start" if process is None:
                self.story.happens(host.name, "starts")
                host.start()
            case "crash" if process is not None:
                self.story.happens(host.name, "crashes")
                host.crash()
            case "stop" if process is not None and not process.paused:
                self.story.happens(host.name, "is stopped in order")
                host.stop()
            case "failover" if process is not None and not process.paused:
                self.story.happens(host.name, "is told to hand over")
                process.order(process.hand_over)
            case "pause" if process is not None and not process.paused:
                self.pause(process, until, process.wake)
            case "freeze" if process is not None:
                process.freezes_for = max(until - self.clock.now, 0.0)
            case "replace" if process is not None and not process.paused:
                self.replace(host, action.until)
            case "link" | "uplink":
                self.unplug(host, action)
            case "cut" | "one-way":
                self.cut(action, until)
            case "storm":
                segment = self.segments[action.segment]
                segment.storm, segment.storm_until = self.plan.storm, until
                self.watch.disturbed(until + self.plan.storm.most)
                self.story.happens("", f"a storm on {segment.name} for {self.story.span(until)}")

    def pause(self, process: Process, until: float, then: Callable[[], None]) -> None:
        until = max(min(until, self.plan.heals_at), self.clock.now)
        process.paused_at, process.paused_until = self.clock.now, until
        self.watch.disturbed(until)
        self.watch.happened["paused"] += 1
        self.story.happens(process.host.name, f"is paused for {self.story.span(until)}")
        self.clock.at(until, self.resume, process, then)

    def resume(self, process: Process, then: Callable[[], None]) -> None:
        if not process.ended:
            self.story.happens(process.host.name, f"goes on, with {len(process.queue)} packets unread")
            then()

    def replace(self, host: Host, until: float) -> None:
        """Planned, the successor is ready at once; killed, it takes a while."""
        planned = until <= self.clock.now
        self.story.happens(host.name, "leaves to a successor" if planned else "is killed, and started anew")
        self.watch.happened["replaced"] += 1
        (host.leave if planned else host.crash)()
        self.clock.at(min(until, self.plan.heals_at), self.succeed, host)

    def succeed(self, host: Host) -> None:
        if host.process is None:
            self.story.happens(host.name, "starts in its place")
            host.start()

    def unplug(self, host: Host, action: Action) -> None:
        index = UPLINK if action.verb == "uplink" else action.segment + 1
        name = "uplink" if action.verb == "uplink" else f"eth{action.segment}"
        if not host.kernel.running(index):
            return
        self.story.happens(host.name, f"{name} goes down")
        host.set_link(index, False)
        if action.until < self.plan.heals_at:
            self.clock.at(action.until, self.plug, host, index, name)

    def plug(self, host: Host, index: int, name: str) -> None:
        self.story.happens(host.name, f"{name} comes up")
        host.set_link(index, True)

    def cut(self, action: Action, until: float) -> None:
        pairs = [(action.who, action.other)]
        if action.verb == "cut":
            pairs.append((action.other, action.who))
        for number, segment in enumerate(self.segments):
            if action.segment in (-1, number):
                segment.cuts += [(a, b, until) for a, b in pairs]
        self.watch.disturbed(until)
        arrow = "<-x->" if action.verb == "cut" else "-x->"
        where = "" if action.segment < 0 else f" on net{action.segment}"
        self.story.happens("", f"{action.who} {arrow} {action.other}{where} for {self.story.span(until)}")


# --- configuration -------------------------------------------------------------------------------


def configuration(wanted: Plan, router: Router, number: int) -> Configuration:
    names = [f"VI_{k}" for k in range(1, len(wanted.families) + 1)]
    track = (TrackedInterface("uplink", router.weight),) if router.weight else ()
    group = SyncGroup(name="G", members=tuple(names), track_interfaces=track)
    routers = tuple(instance(wanted, router, number, k, () if wanted.grouped else track) for k in range(len(names)))
    return Configuration(global_defs=GlobalDefs(), routers=routers, sync_groups=(group,) if wanted.grouped else ())


def instance(wanted: Plan, router: Router, number: int, k: int, track: tuple[TrackedInterface, ...]) -> VirtualRouter:
    family, segment = wanted.families[k], wanted.segments[k]
    which = 0 if family == 4 else 1
    index = segment + 1
    others = [n for n in range(1, len(wanted.routers) + 1) if n != number]
    peers = tuple(UnicastPeer(own_addresses(n, index)[which]) for n in others) if wanted.unicast else ()
    address = ip_address(f"198.51.{100 + k}.1" if family == 4 else f"2001:db8:{k}::1")
    return VirtualRouter(
        name=f"VI_{k + 1}",
        vrid=FIRST_VRID + k,
        interface=f"eth{segment}",
        initial_state=router.initial_state,
        priority=router.priority,
        version=wanted.version,
        advertisement_interval=router.interval,
        preempt=router.preempt,
        preempt_delay=router.preempt_delay,
        down_timer_adverts=wanted.down_adverts,
        source=own_addresses(number, index)[which] if wanted.unicast else None,
        unicast_peers=peers,
        addresses=(VirtualAddress(address=address, prefix_length=24 if family == 4 else 64),),
        track_interfaces=track,
        lower_prio_no_advert=router.quiet_to_lower or None,
    )


def run(seed: int, *, telling: bool = False) -> Outcome:
    """Everything that happens with this seed; the same every time.  With `telling` the story is kept."""
    world = World(plan(seed), telling)
    try:
        world.run()
    except Violation as found:
        world.story.happens("", f"VIOLATION {found}")
        return Outcome(world.plan, world.story, found, world.watch.happened)
    return Outcome(world.plan, world.story, None, world.watch.happened)
