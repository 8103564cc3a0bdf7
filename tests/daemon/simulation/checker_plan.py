# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a seed means for the checker: services, servers and their checks, and what happens to them, when.

Times are in seconds of the virtual clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

SPAN = 60.0  # how long things happen
CALM = 40.0  # after that; a check looks at least twice meanwhile
REPAIR = 130.0  # instead, where the kernel refused something or was changed: its pause and a comparison


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """One check of a server; `number` tells its checks apart, equal ones of several services are shared."""

    number: int
    dynamic: bool
    retry: int
    delay_loop: float
    delay_before_retry: float
    warmup: float
    timeout: float
    alpha: bool


@dataclass(frozen=True, slots=True)
class ServerPlan:
    number: int
    weight: int
    inhibit: bool
    checks: tuple[CheckPlan, ...]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    number: int
    servers: tuple[ServerPlan, ...]
    quorum: int
    hysteresis: int
    sorry: bool
    sorry_inhibit: bool
    persistent: bool
    omega: bool


Services = tuple[ServicePlan, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """`verb` happens to a server (of a service, where it is an order) at the time `at`; `until` ends what lasts."""

    at: float
    verb: str
    service: int = 0
    server: int = 0
    until: float = 0.0
    value: int | None = None


@dataclass(frozen=True, slots=True)
class CheckerPlan:
    """`configurations`: the first is that of the start; a reload names another one by its number."""

    seed: int
    configurations: tuple[Services, ...]
    actions: tuple[Action, ...]
    disturbed: bool  # the kernel refuses, or is changed by somebody else

    @property
    def ends_at(self) -> float:
        return SPAN + (REPAIR if self.disturbed else CALM)


def plan(seed: int) -> CheckerPlan:
    draw = Random(seed)
    first = tuple(service(draw, number) for number in range(draw.choice((1, 1, 2, 3))))
    configurations = [first]
    for _ in range(3):
        configurations.append(changed(draw, draw.choice(configurations)))
    disturbed = draw.random() < 0.3
    actions = sorted(happenings(draw, first, disturbed), key=lambda action: action.at)
    return CheckerPlan(seed, tuple(configurations), tuple(actions), disturbed)


# --- what is configured --------------------------------------------------------------------------


def service(draw: Random, number: int) -> ServicePlan:
    servers = tuple(server(draw, n) for n in draw.sample(range(1, 7), draw.randint(1, 4)))
    total = sum(one.weight for one in servers)
    quorum = draw.randint(1, max(1, total))
    return ServicePlan(
        number=number,
        servers=servers,
        quorum=quorum,
        hysteresis=draw.randint(0, quorum - 1),
        sorry=draw.random() < 0.5,
        sorry_inhibit=draw.random() < 0.3,
        persistent=draw.random() < 0.3,
        omega=draw.random() < 0.3,
    )


def server(draw: Random, number: int) -> ServerPlan:
    count = draw.choices((0, 1, 2), (1, 6, 2))[0]
    return ServerPlan(
        number=number,
        weight=draw.choice((1, 1, 1, 2, 3, 10, 0)),
        inhibit=draw.random() < 0.25,
        checks=tuple(check(draw, k) for k in range(count)),
    )


def check(draw: Random, number: int) -> CheckPlan:
    delay_loop = draw.choice((1.0, 2.0, 6.0, 10.0))
    return CheckPlan(
        number=number,
        dynamic=draw.random() < 0.25,
        retry=draw.choice((0, 0, 1, 2, 3)),
        delay_loop=delay_loop,
        delay_before_retry=draw.choice((0.2, 1.0, 3.0)),
        warmup=draw.choice((0.0, delay_loop, delay_loop)),
        timeout=draw.choice((0.5, 1.0, 3.0)),
        alpha=draw.random() < 0.2,
    )


def changed(draw: Random, before: Services) -> Services:
    """Another configuration: one or two things differ."""
    after = list(before)
    for _ in range(draw.randint(1, 2)):
        where = draw.randrange(len(after))
        found = after[where]
        match draw.choice(("server comes", "server goes", "server differs", "service differs", "service goes")):
            case "server comes":
                number = draw.randint(1, 6)
                if number not in {one.number for one in found.servers}:
                    after[where] = replace(found, servers=(*found.servers, server(draw, number)))
            case "server goes" if len(found.servers) > 1:
                after[where] = replace(found, servers=found.servers[1:])
            case "server differs":
                one = draw.choice(found.servers)
                other = server(draw, one.number)
                swapped = tuple(other if each is one else each for each in found.servers)
                after[where] = replace(found, servers=swapped)
            case "service differs":
                other_service = service(draw, found.number)
                after[where] = replace(other_service, servers=found.servers)
            case "service goes" if len(after) > 1:
                del after[where]
    return tuple(after)


# --- what happens --------------------------------------------------------------------------------

SERVERS = ("die", "die", "hang", "flap", "blind", "weigh")
OPERATOR = ("drain", "drain", "enable", "weight", "weight", "not stored", "reload", "reload", "same")
PROCESS = ("crash", "crash", "leave", "stop")
KERNEL = ("refuse", "surprise")


def happenings(draw: Random, first: Services, disturbed: bool) -> list[Action]:
    verbs = [*SERVERS * 2, *OPERATOR, *PROCESS, *(KERNEL * 2 if disturbed else ())]
    found = []
    for _ in range(draw.randint(4, 14)):
        verb, at = draw.choice(verbs), draw.uniform(0.0, SPAN)
        where = draw.choice(first)
        lasts = draw.choice((0.5, 3.0, 10.0, 30.0)) * draw.uniform(0.5, 1.5)
        until = min(at + lasts, SPAN)
        who = draw.choice(where.servers).number
        if verb == "flap":
            step = draw.uniform(0.3, 4.0)
            beginnings = [at + 2 * n * step for n in range(draw.randint(2, 5))]
            found += [Action(t, "die", where.number, who, min(t + step, SPAN)) for t in beginnings if t < SPAN]
            continue
        value = draw.choice((0, 1, 5, 65535, None)) if verb == "weight" else draw.choice((0, 1, 4, 20))
        if verb == "reload":
            value = draw.randrange(4)
        if verb in PROCESS:
            until = min(at + draw.choice((0.0, 0.0, 1.0, 5.0)), SPAN)
        found.append(Action(at, verb, where.number, who, until, value))
    return found
