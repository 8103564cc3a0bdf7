# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of checks, one row each: its class of the model, its defaults, its probe, its name, what runs it.

Everything else asks this table, so that a new kind is a row here, a file in probe/, a class of the model and a block
of the grammar (CONTRIBUTING.md, "A check").  The defaults are keepalived's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from lvsd.model import (
    Check,
    CheckTiming,
    Configuration,
    HttpCheck,
    KeptCheck,
    MiscCheck,
    RealServer,
    TcpCheck,
    VirtualServer,
)

from .probe.attempt import AttemptOptions, RunningProbe, passed
from .probe.http import HttpAttempt
from .probe.misc import MiscAttempt
from .probe.tcp import TcpAttempt
from .probe_spec import HttpProbe, MiscProbe, NoProbe, Probe, TcpProbe, http_name, http_probe, identified, target

C = TypeVar("C")
P = TypeVar("P", bound=Probe)


class CheckPlace(NamedTuple):
    """Where a check stands in the configuration: what it may inherit from."""

    configuration: Configuration
    virtual: VirtualServer
    real: RealServer


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckKind(Generic[C, P]):
    """One kind of check; times in seconds.

    `check` is the class of the model, `probe` that of the probe; `spec` makes the probe of a check, or a `NoProbe`
    where the check has nothing to look at; `start` begins one attempt, which calls `done` later; it may raise OSError
    or ImportError, and then the check could not look.
    """

    check: type[C]
    probe: type[P]
    name: Callable[[P], str]  # keepalived's
    spec: Callable[[C, CheckPlace], Probe]
    start: Callable[[P, AttemptOptions], RunningProbe]
    retry: int = 1
    delay_before_retry: float = 1.0
    limit: Callable[[C], float | None] | None = None  # instead of `connect_timeout`; its None is `delay_loop`
    timing: Callable[[C], CheckTiming] = attrgetter("timing")
    looks: bool = True  # False: it is never run and counts as passing
    urls: Callable[[P], int] = lambda _: 1  # how many a check goes through, one after the other
    fast_recovery: Callable[[P], bool] = lambda _: False  # the remaining URLs at once while it is not up
    dynamic: Callable[[P], bool] = lambda _: False  # it asks for weights


def http_spec(check: HttpCheck, place: CheckPlace) -> Probe:
    """Return what an HTTP check does."""
    return http_probe(check, place.configuration.ssl, place.virtual, place.real)


def http_start(probe: HttpProbe, options: AttemptOptions) -> RunningProbe:
    """Start an attempt at the page whose turn it is."""
    page = probe.pages[options.url % len(probe.pages)]
    return HttpAttempt(options.loop, probe, page, options.timeout, options.done, options.searcher)


def misc_spec(check: MiscCheck, place: CheckPlace) -> Probe:
    """Return what a MISC_CHECK does."""
    return MiscProbe(command=identified(check.command, place.configuration.global_defs), dynamic=check.dynamic)


KINDS: tuple[CheckKind[Any, Any], ...] = (
    CheckKind(
        check=TcpCheck,
        probe=TcpProbe,
        name=lambda _: "TCP_CHECK",
        spec=lambda check, place: TcpProbe(target(check.target, place.virtual, place.real)),
        start=lambda probe, options: TcpAttempt(options.loop, probe.target, options.timeout, options.done),
    ),
    CheckKind(
        check=HttpCheck,
        probe=HttpProbe,
        name=http_name,
        spec=http_spec,
        start=http_start,
        delay_before_retry=3.0,
        urls=lambda probe: len(probe.pages),
        fast_recovery=attrgetter("fast_recovery"),
    ),
    CheckKind(
        check=MiscCheck,
        probe=MiscProbe,
        name=lambda _: "MISC_CHECK",
        spec=misc_spec,
        start=lambda probe, options: MiscAttempt(options.loop, probe, options.timeout, options.done, options.programs),
        retry=0,
        limit=attrgetter("timeout"),
        dynamic=attrgetter("dynamic"),
    ),
    CheckKind(
        check=KeptCheck,
        probe=NoProbe,
        name=attrgetter("name"),
        spec=lambda check, _place: NoProbe(check.statement.words[0]),
        start=lambda _probe, options: passed(options, "not checked"),
        timing=lambda _: CheckTiming(),
        looks=False,
    ),
)

_of_checks: dict[type, CheckKind[Any, Any]] = {}
_of_probes: dict[type, CheckKind[Any, Any]] = {}


def register(kind: CheckKind[Any, Any]) -> None:
    """Take one more kind into the table."""
    _of_checks[kind.check] = kind
    _of_probes[kind.probe] = kind


def forget(kind: CheckKind[Any, Any]) -> None:
    """Take a kind out of the table again."""
    del _of_checks[kind.check], _of_probes[kind.probe]


def of_check(check: Check) -> CheckKind[Any, Any]:
    """The kind of a check of the configuration."""
    return _of_checks[type(check)]


def of_probe(probe: Probe) -> CheckKind[Any, Any]:
    """The kind that runs a probe."""
    return _of_probes[type(probe)]


for row in KINDS:
    register(row)
