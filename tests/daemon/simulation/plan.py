# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a seed means: the routers and how they are configured, the networks, and what happens to them, when."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from random import Random

from lvsd.vrrp.fsm import OWNER

from tests.daemon.simulation.network import Weather

INTERVALS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)  # seconds; version 2 has whole ones only
PATIENCE = 24  # of the longest interval: how long things go wrong


@dataclass(frozen=True, slots=True)
class Router:
    """One host's part of the configuration, the same for all its instances."""

    name: str
    priority: int
    interval: float
    preempt: bool
    preempt_delay: float
    initial_state: str
    weight: int  # of the tracked interface `uplink`; 0: it is not tracked
    quiet_to_lower: bool


@dataclass(frozen=True, slots=True)
class Action:
    """`who` does or suffers `verb` at the time `at`; `until` ends what lasts; `other` and `segment` say where."""

    at: float
    verb: str
    who: str
    until: float = inf
    other: str = ""
    segment: int = -1


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    version: int
    families: tuple[int, ...]  # of the instances
    segments: tuple[int, ...]  # the network of each instance
    grouped: bool
    unicast: bool
    down_adverts: int
    routers: tuple[Router, ...]
    weather: Weather
    storm: Weather
    actions: tuple[Action, ...]
    heals_at: float

    @property
    def longest_interval(self) -> float:
        return max(router.interval for router in self.routers)

    @property
    def longest_delay(self) -> float:
        """After the network has healed."""
        return self.weather.most

    @property
    def longest_down(self) -> float:
        """No Active_Down_Interval is longer, whatever the priority: RFC 9568 §6.1, RFC 3768 §6.1."""
        interval = self.longest_interval
        return self.down_adverts * interval + (interval if self.version == 3 else 1.0)

    @property
    def healed_at(self) -> float:
        """Nothing that was sent during a storm is on its way any more."""
        return self.heals_at + max(self.weather.most, self.storm.most)

    @property
    def settled_at(self) -> float:
        """When every invariant of the end must hold.

        Somebody's Active_Down_Timer runs out (one interval later in a sync group, whose members wait for each
        other), the better router hears the lower one, leaves it alone for its preempt delay, and its timer, which
        the last Advertisement within the delay has started anew, runs out; two that became Active at once need an
        interval to find out.
        """
        delay = max(router.preempt_delay for router in self.routers)
        rounds = 3 if self.grouped else 2
        return self.healed_at + rounds * self.longest_down + delay + 2 * self.longest_interval + 4 * self.longest_delay

    @property
    def ends_at(self) -> float:
        return self.settled_at + self.longest_down


def plan(seed: int) -> Plan:
    """Everything that the seed decides before the first packet is sent."""
    draw = Random(seed)
    count = draw.choices((1, 2, 3), (6, 3, 2))[0]
    families = tuple(draw.choices((4, 6), (3, 1), k=count))
    version = 3 if 6 in families else draw.choices((2, 3), (1, 2))[0]
    apart = draw.random() < 0.7
    routers = tuple(routers_of(draw, version))
    interval = max(router.interval for router in routers)
    shortest = min(router.interval for router in routers)
    usual = weather(draw, shortest)
    storm = Weather(0.0, draw.choice((0.1, 0.5, 1.5)) * interval, draw.choice((0.3, 0.6, 1.0)), 0.1)
    segments = tuple(range(count)) if apart else (0,) * count
    heals_at = PATIENCE * interval
    return Plan(
        seed=seed,
        version=version,
        families=families,
        segments=segments,
        grouped=count > 1 and draw.random() < 0.8,
        unicast=draw.random() < 0.3,
        down_adverts=draw.choices((3, 2, 4), (8, 1, 1))[0],
        routers=routers,
        weather=usual,
        storm=storm,
        actions=tuple(sorted(actions(draw, routers, segments, interval, heals_at), key=lambda action: action.at)),
        heals_at=heals_at,
    )


def routers_of(draw: Random, version: int) -> list[Router]:
    names = "abc"[: draw.choices((2, 3), (4, 1))[0]]
    interval = 1.0 if version == 2 else draw.choice(INTERVALS)
    differs = version == 3 and draw.random() < 0.25
    equal = draw.random() < 0.2
    priorities = draw.sample(range(1, 255), len(names))
    if not equal and draw.random() < 0.15:
        priorities[draw.randrange(len(names))] = OWNER
    weighty = draw.random() < 0.35
    polite = draw.random() < 0.35  # one policy for the pair, as operators have it; sometimes mixed
    found = []
    for name, priority in zip(names, priorities, strict=True):
        own = interval * draw.choice((1, 2, 4)) if differs else interval
        master = draw.random() < 0.25
        preempt = not polite if draw.random() < 0.9 else polite
        delays = preempt and draw.random() < 0.25
        found.append(
            Router(
                name=name,
                priority=priorities[0] if equal else priority,
                interval=round(min(own, 2.0), 2),
                preempt=preempt,
                preempt_delay=round(draw.uniform(0.5, 6) * interval, 3) if delays else 0.0,
                initial_state="MASTER" if master else "BACKUP",
                weight=draw.choice((-60, -10, 20, 80)) if weighty else 0,
                quiet_to_lower=draw.random() < 0.1,
            )
        )
    return found


def weather(draw: Random, interval: float) -> Weather:
    """Of ordinary days: what an interval can bear."""
    least = draw.choice((0.0, 0.001, 0.02)) * interval
    most = least + draw.choice((0.0, 0.001, 0.02, 0.1)) * interval
    return Weather(least, most, draw.choices((0.0, 0.02, 0.1, 0.3), (5, 2, 2, 1))[0], draw.choice((0.0, 0.0, 0.05)))


def actions(
    draw: Random, routers: tuple[Router, ...], segments: tuple[int, ...], unit: float, heals_at: float
) -> list[Action]:
    """First everybody starts, then things happen; some of them last until the network heals, or for ever."""
    found = [Action(draw.choice((0.0, draw.uniform(0, 6))) * unit, "boot", router.name) for router in routers]
    verbs = ("crash", "replace", "pause", "freeze", "stop", "failover", "link", "uplink", "cut", "one-way", "storm")
    weights = (3, 4, 3, 2, 3, 3, 2, 3, 3, 2, 2)
    for _ in range(draw.randint(2, 7)):
        at = draw.uniform(0.5 * unit, heals_at - unit)
        verb = draw.choices(verbs, weights)[0]
        who, other = draw.sample([router.name for router in routers], 2)
        lasts = draw.choice((0.1, 0.5, 1, 2, 4, 8)) * draw.uniform(0.5, 1.5) * unit
        segment = draw.choice(segments)
        until = at + lasts
        match verb:
            case "crash" | "stop":
                found.append(Action(at, verb, who))
                if draw.random() < 0.8:
                    found.append(Action(until, "start", who))
            case "replace":
                gap = draw.choice((0.0, 0.05, 0.5, 2, 5)) * unit
                found.append(Action(at, verb, who, at + gap))
            case "link" | "uplink":
                where = segment if verb == "link" else -1
                found.append(Action(at, verb, who, inf if draw.random() < 0.1 else until, "", where))
            case "cut" | "one-way":
                everywhere = draw.random() < 0.5
                found.append(Action(at, verb, who, until, other, -1 if everywhere else segment))
            case "storm":
                found.append(Action(at, verb, who, until, "", segment))
            case _:
                found.append(Action(at, verb, who, until))
    return [action for action in found if action.at < heals_at]
