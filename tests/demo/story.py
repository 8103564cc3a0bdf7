# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's acts, each a function that takes the lab and prints what it saw."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.inventory import inventory
from tests.lab.lab import Lab
from tests.lab.machine import Machine
from tests.lab.paths import LabError
from tests.lab.traffic import Request, Summary, summarize
from tests.lab.web import serve

from .directors import DIRECTORS, active, connections, events, eventually
from .picture import draw
from .provision import ROOT, Recap, play
from .timeline import Failover, Moment, Span, active_down_interval, as_text, moments, spans
from .wire import first_announcement, last_advertisement, listening, read_frames

VIP = "192.168.122.140"
URL = f"http://{VIP}/index.html"
OUTPUT = ROOT / ".cache" / "demo"
PRIORITY = {"director-01": 100, "director-02": 50}  # as in examples/pair
SERVER = "10.0.0.11"
WEIGHTS = {"real-01": 2, "real-02": 1}
RATE = 25.0  # requests a second
AROUND = (-2.0, 8.0)  # seconds around the cut that the picture shows


class Stage:
    """Progress for the eye: a heading per act, indented lines, a running line of tasks."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def act(self, title: str) -> None:
        print(f"\n[{time.monotonic() - self.began:4.0f} s] {title}", flush=True)

    def say(self, words: str) -> None:
        print(f"         {words}", flush=True)

    def tick(self, words: str) -> None:
        print(f"           · {words}", file=sys.stderr, flush=True)


def tell(stage: Stage) -> None:
    """The whole story; the lab is down afterwards, whatever happened.  Raises what a step raises."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    stage.act("Boot two directors, two real servers and a client")
    with Lab() as lab:
        reach = OUTPUT / "inventory.json"
        reach.write_text(json.dumps(inventory(lab), indent=2))
        stage.act("Put a web server on each real server (what users bring themselves)")
        serve([lab.machine("real-01"), lab.machine("real-02")])
        provision(stage, reach)
        balance(stage, lab)
        fail_over(stage, lab)
        drain(stage, lab, reach)
        stage.act("Stop everything")


def provision(stage: Stage, reach: Path) -> None:
    stage.act("Provision all of it: ansible-playbook lvs.director.site")
    show(stage, play("lvs.director.site", reach, stage.tick))
    stage.act("Provision again: nothing may change")
    again = play("lvs.director.site", reach, lambda _: None)
    show(stage, again)
    if any(host.changed for host in again):
        raise LabError("the second run of site.yml changed something")


def show(stage: Stage, recaps: list[Recap]) -> None:
    for host in recaps:
        stage.say(f"{host.host:12} ok={host.ok:<4} changed={host.changed}")


def balance(stage: Stage, lab: Lab) -> None:
    stage.act("Fetch 60 pages through the virtual address")
    leader = eventually("one director is Active, the other Backup", lambda: active(lab))
    stage.say(f"{leader.name} is Active and holds 192.168.122.140 and 10.0.0.1")
    eventually("the first page arrives", lambda: not stream(lab, 1, "warm-up").failures)
    saw = stream(lab, 60 / RATE, "pages")
    for name, weight in WEIGHTS.items():
        count = saw.shares.get(name, 0)
        stage.say(f"{name} (weight {weight}) answered {count:3} {'#' * count}")
    if saw.failures:
        raise LabError(f"{saw.failures} of {saw.requests} requests failed: {saw.errors}")


def stream(lab: Lab, seconds: float, name: str) -> Summary:
    return summarize(lab.client().stream(URL, rate=RATE, duration=seconds, name=name).wait(seconds + 20))


def fail_over(stage: Stage, lab: Lab) -> None:
    leader = eventually("one director is Active, the other Backup", lambda: active(lab))
    peer = lab.machine(next(name for name in DIRECTORS if name != leader.name))
    stage.act(f"Power {leader.name} off under {RATE:.0f} requests a second")
    offsets = {machine.name: machine.clock_offset().offset for machine in (leader, peer)}
    told = events(leader)
    requests = lab.client().stream(URL, rate=RATE, duration=120, name="failover")
    with listening(lab, leader, "eth1") as adverts, listening(lab, peer, "eth0") as announcements:
        eventually("answers before the cut", lambda: sum(r.good for r in requests.requests()) > 2 * RATE)
        eventually("an advertisement before the cut", lambda: last_advertisement(read_frames(adverts)))
        cut = time.time()
        leader.power_off()
        eventually("answers after the cut", lambda: answers_after(requests.requests(), cut + 1) > 4 * RATE)
        heard = last_advertisement(read_frames(adverts)) or cut
        announced = first_announcement(read_frames(announcements), VIP, cut) or cut
    seen = requests.stop()
    words = {leader: told, peer: events(peer)}
    report(stage, compose(Cut(leader, cut, heard, announced), seen, words, offsets))
    stage.act(f"Power {leader.name} on again: nopreempt keeps it Backup")
    leader.power_on()
    eventually(f"{peer.name} is Active, {leader.name} Backup", lambda: active(lab) == peer, within=120)
    stage.say(f"{peer.name} stays Active, {leader.name} is Backup")


def answers_after(requests: tuple[Request, ...], moment: float) -> int:
    return sum(request.good and request.time > moment for request in requests)


@dataclass(frozen=True, slots=True)
class Cut:
    """Which machine lost power and when, its last advertisement before, the peer's first gratuitous ARP after."""

    machine: Machine
    time: float
    heard: float
    announced: float


def compose(
    cut: Cut, requests: tuple[Request, ...], told: dict[Machine, list[dict[str, Any]]], offsets: dict[str, float]
) -> Failover:
    """One clock for what the client saw and what both directors said."""
    end = max(request.time for request in requests)
    lanes = [Span(cut.machine.name, "off", cut.time, end)]
    words = [Moment(cut.time, cut.machine.name, "power off")]
    words.append(Moment(cut.heard, cut.machine.name, "last advertisement on its wire"))
    peer = next(machine for machine in told if machine != cut.machine)
    words.append(Moment(cut.announced, peer.name, f"first gratuitous ARP for {VIP} on its wire"))
    for machine, said in told.items():
        lanes += spans(machine.name, said, offsets[machine.name], cut.time if machine == cut.machine else end)
        words += moments(machine.name, said, offsets[machine.name])
    floor = active_down_interval(1.0, PRIORITY[peer.name])
    return Failover(cut.time, cut.heard, cut.announced, requests, tuple(words), tuple(lanes), floor)


def report(stage: Stage, failover: Failover) -> None:
    client = summarize(failover.requests)
    stage.say(f"client:   {client.requests} requests, {client.failures} failed, gap {client.gap:.0f} ms")
    stage.say(f"floor:    {failover.floor * 1000:.0f} ms, Active_Down_Interval of these timers (3 x 1 s + Skew_Time)")
    stage.say(
        f"overhead: {failover.overhead * 1000:.0f} ms from the last advertisement to the gratuitous ARP, beyond it"
    )
    stage.say("both directors on one timeline, in seconds around the cut:")
    for line in as_text(failover, -600.0, 30.0):
        stage.say(f"  {line}")
    picture = OUTPUT / "failover.svg"
    picture.write_text(draw(failover, *AROUND))
    stage.say(f"drawn: {picture.relative_to(ROOT)}")


def drain(stage: Stage, lab: Lab, reach: Path) -> None:
    stage.act("Drain real-01 under load, wait for its last connection, put it back")
    leader = eventually("one director is Active, the other Backup", lambda: active(lab))
    requests = lab.client().stream(URL, rate=RATE, duration=300, name="drain")
    eventually("answers before the drain", lambda: sum(r.good for r in requests.requests()) > RATE)
    stage.say(f"{leader.name} holds {counted(connections(leader, SERVER))} to real-01")
    began = time.monotonic()
    play(str(ROOT / "tests" / "demo" / "drain.yml"), reach, stage.tick)
    stage.say(f"drained and put back within {time.monotonic() - began:.0f} s")
    client = summarize(requests.stop())
    stage.say(f"client: {client.requests} requests, {client.failures} failed, shares {client.shares}")
    if client.failures:
        raise LabError(f"draining lost {client.failures} requests: {client.errors}")


def counted(states: Mapping[str, int]) -> str:
    """ "3 ESTABLISHED, 2 SYN_RECV": a handshake that the power cut left unended counts for a minute."""
    return ", ".join(f"{number} {state}" for state, number in sorted(states.items())) or "no connection"
