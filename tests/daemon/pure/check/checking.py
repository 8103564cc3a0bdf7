# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of check that the tests answer themselves: each attempt waits in `Desk.attempts` until it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lvsd.check import kinds
from lvsd.check.health import Result
from lvsd.check.kinds import CheckKind
from lvsd.check.probe.attempt import AttemptOptions, RunningProbe
from lvsd.check.probe_spec import Probe
from lvsd.model import CheckTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCheck:
    """Its class of the model."""

    name: str = "one"
    urls: int = 1
    fast: bool = False
    timing: CheckTiming = field(default_factory=CheckTiming)


@dataclass(frozen=True, slots=True)
class DeskProbe(Probe):
    """Equal for equal names."""

    name: str
    urls: int = 1
    fast: bool = False


class DeskAttempt:
    """An attempt on its way; `end` is how its server answers."""

    def __init__(self, probe: DeskProbe, options: AttemptOptions) -> None:
        self.probe = probe
        self.options = options
        self.began = options.loop.now
        self.cancelled: bool | None = None  # at once, or not
        self.ended = False

    def end(
        self, passed: bool = True, detail: str = "as told", *, looked: bool = True, weight: int | None = None
    ) -> None:
        assert self.cancelled is None
        self.ended = True
        self.options.done(Result(passed, detail, weight=weight, looked=looked))

    def cancel(self, at_once: bool = False) -> None:
        assert not self.ended
        assert self.cancelled is None
        self.cancelled = at_once


@dataclass
class Desk:
    """All attempts, in the order of their beginning."""

    attempts: list[DeskAttempt] = field(default_factory=list)

    def start(self, probe: DeskProbe, options: AttemptOptions) -> RunningProbe:
        self.attempts.append(DeskAttempt(probe, options))
        return self.attempts[-1]

    @property
    def open(self) -> list[DeskAttempt]:
        """Those that neither have ended nor were cancelled."""
        return [attempt for attempt in self.attempts if not attempt.ended and attempt.cancelled is None]


@contextmanager
def desk() -> Iterator[Desk]:
    """The checker knows the kind meanwhile."""
    made = Desk()
    kind: CheckKind[DeskCheck, DeskProbe] = CheckKind(
        check=DeskCheck,
        probe=DeskProbe,
        name=lambda _: "DESK_CHECK",
        spec=lambda check, _place: DeskProbe(check.name, check.urls, check.fast),
        start=made.start,
        urls=lambda probe: probe.urls,
        fast_recovery=lambda probe: probe.fast,
    )
    kinds.register(kind)
    try:
        yield made
    finally:
        kinds.forget(kind)
