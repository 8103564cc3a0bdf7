# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks between the hosts: they lose, delay, reorder, double and cut, as the plan and the seed want it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lvsd.vrrp.validate import Datagram

from tests.daemon.simulation.clock import Clock


@dataclass(frozen=True, slots=True)
class Weather:
    """Seconds and probabilities.  A packet takes `least` to `most`; packets may so overtake each other."""

    least: float = 0.0
    most: float = 0.0
    loss: float = 0.0
    double: float = 0.0


@dataclass(slots=True)
class Segment:
    """One link: the hosts on it by address, its weather, and who does not reach whom until when."""

    number: int
    usual: Weather
    storm: Weather | None = None
    storm_until: float = 0.0
    cuts: list[tuple[str, str, float]] = field(default_factory=list)  # from, to, until

    @property
    def name(self) -> str:
        return f"net{self.number}"

    def weather(self, now: float) -> Weather:
        return self.storm if self.storm is not None and now < self.storm_until else self.usual

    def cut(self, sender: str, receiver: str, now: float) -> bool:
        return any(now < until and (sender, receiver) == (a, b) for a, b, until in self.cuts)


class Network:
    """Carries datagrams from host to host.  `lost` is told of each that does not arrive, for the timeline."""

    def __init__(self, clock: Clock, random: Random, lost: Callable[[str, str, Datagram], None]) -> None:
        self.clock = clock
        self.random = random
        self.lost = lost
        self.hosts: list[Any] = []

    def send(self, sender: Any, segment: Segment, datagram: Datagram) -> None:
        now, random = self.clock.now, self.random.random
        weather = segment.weather(now)
        for host in self.hosts:
            if host is sender or not host.listens(segment, datagram.target):
                continue
            if (segment.cuts and segment.cut(sender.name, host.name, now)) or (
                weather.loss and random() < weather.loss
            ):
                self.lost(sender.name, host.name, datagram)
                continue
            copies = 2 if weather.double and random() < weather.double else 1
            for _ in range(copies):
                travel = weather.least + (weather.most - weather.least) * random()
                self.clock.at(now + travel, host.arrive, segment, datagram)
