# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened, for people: a lane per router, time downwards, every packet of the last moments.

    █ Active   │ Backup   ╳ fault   · not running   ▓ ┊ paused in that state

A router with several instances has a mark for each.  Long ago packets are only counted; those of the end are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lvsd.vrrp.fsm import Active, Backup
from lvsd.vrrp.validate import Datagram

from tests.daemon.simulation.plan import Plan, Router

FIRST_VRID = 51
IN_DETAIL = 40  # packets of the end
MARKS = {Active: "█▓", Backup: "│┊"}
PACKETS = ("sent", "heard", "lost")


@dataclass(frozen=True, slots=True)
class Line:
    at: float
    lanes: tuple[str, ...]
    kind: str  # "happens", "said", or one of PACKETS
    who: str
    text: str


class Story:
    """Kept only while somebody wants to read it: `telling`."""

    def __init__(self, world: Any, telling: bool) -> None:
        self.world = world
        self.telling = telling
        self.lines: list[Line] = []

    def span(self, until: float) -> str:
        return seconds(until - self.world.clock.now)

    def happens(self, who: str, text: str) -> None:
        self._add("happens", who, f"{who} {text}" if who else text)

    def said(self, who: str, what: str, text: str) -> None:
        if what in ("state", "priority", "resume"):
            self._add("said", who, f"{who}  {text}")

    def sent(self, who: str, k: int, priority: int) -> None:
        if self.telling:
            self._add("sent", who, f"{who} ──▶     VI_{k + 1}  {word(priority)}")

    def heard(self, who: str, k: int, priority: int, datagram: Datagram) -> None:
        if self.telling:
            self._add("heard", who, f"{self._name(datagram)} ──▶ {who}   VI_{k + 1}  {word(priority)}")

    def lost(self, sender: str, receiver: str, datagram: Datagram) -> None:
        if self.telling:
            k, priority = datagram.payload[1] - FIRST_VRID, datagram.payload[2]
            self._add("lost", sender, f"{sender} ──✗ {receiver}   VI_{k + 1}  {word(priority)}")

    def _name(self, datagram: Datagram) -> str:
        return next(host.name for host in self.world.hosts if host.sends_from(datagram.source))

    def _add(self, kind: str, who: str, text: str) -> None:
        if self.telling:
            lanes = tuple(lane(host, len(self.world.plan.families)) for host in self.world.hosts)
            self.lines.append(Line(self.world.clock.now, lanes, kind, who, text))


def lane(host: Any, instances: int) -> str:
    if host.process is None:
        return "·" * instances
    found = [mark(instance.state, host.process.paused) for instance in host.process.instances]
    return "".join(found).ljust(instances, "·")


def mark(state: object, paused: bool) -> str:
    return MARKS[type(state)][paused] if type(state) in MARKS else "╳"


def word(priority: int) -> str:
    return f"priority {priority}" if priority else "priority 0, release"


def seconds(span: float) -> str:
    return f"{span * 1000:.4g} ms" if span < 1 else f"{span:.4g} s"


# --- on paper ------------------------------------------------------------------------------------


def told(plan: Plan, lines: list[Line], verdict: str) -> str:
    """The whole story: who takes part, what happens, how it ends."""
    return "\n".join([*heading(plan), "", *timeline(plan, lines), "", verdict])


def heading(plan: Plan) -> Iterator[str]:
    families = " and ".join(f"IPv{family}" for family in sorted(set(plan.families)))
    count = len(plan.families)
    virtual = "1 virtual router" if count == 1 else f"{count} virtual routers"
    group = " in a sync group" if plan.grouped else ""
    networks = len(set(plan.segments))
    how = "unicast" if plan.unicast else "multicast"
    on = "1 network" if networks == 1 else f"{networks} networks"
    who = f"{len(plan.routers)} routers, {virtual}{group} on {on}"
    yield f"seed {plan.seed}: {who}; {families}, {how}, VRRP version {plan.version}"
    yield ""
    for router in plan.routers:
        yield f"    {router.name}   {', '.join(manner(router))}"
    usual, storm = plan.weather, plan.storm
    loss = f", {usual.loss:.0%} are lost" if usual.loss else ""
    double = f", {usual.double:.0%} come twice" if usual.double else ""
    yield ""
    yield f"    a packet takes {seconds(usual.least)} to {seconds(usual.most)}{loss}{double};"
    yield f"    in a storm up to {seconds(storm.most)}, and {storm.loss:.0%} are lost"


def manner(router: Router) -> Iterator[str]:
    yield f"priority {router.priority:>3}"
    yield f"every {seconds(router.interval)}"
    late = f" after {seconds(router.preempt_delay)}" if router.preempt_delay else ""
    yield f"preempt{late}" if router.preempt else "nopreempt"
    yield f"state {router.initial_state}"
    if router.weight:
        yield f"uplink weighs {router.weight:+}"
    if router.quiet_to_lower:
        yield "lower_prio_no_advert"


def timeline(plan: Plan, lines: list[Line]) -> Iterator[str]:
    width = max(len(plan.families), 1)
    names = "   ".join(router.name.ljust(width) for router in plan.routers)
    yield f"        time     {names}"
    packets = [at for at, line in enumerate(lines) if line.kind in PACKETS]
    detail = packets[-IN_DETAIL] if len(packets) > IN_DETAIL else 0
    skipped: Counter[str] = Counter()
    lanes: tuple[str, ...] = ()
    for at, line in enumerate(lines):
        if line.kind in PACKETS and at < detail:
            skipped[line.kind] += 1
            lanes = line.lanes
            continue
        if skipped:
            counts = ", ".join(f"{skipped[kind]} {kind}" for kind in PACKETS if skipped[kind])
            yield row("", lanes, f"    ⋮ {counts}")
            skipped.clear()
        indent = "    " if line.kind in PACKETS else ""
        emphasis = "■ " if line.kind == "happens" else "  "
        yield row(f"{line.at:12.6f}", line.lanes, indent + emphasis + line.text)


def row(time: str, lanes: tuple[str, ...], text: str) -> str:
    return f"{time:>12}     {'   '.join(lanes)}   {text}".rstrip()
