# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out what step.py has decided: the log, the events, the scripts, the file for the next process, the kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import assert_never

from lvsd.kernel.ipvs_types import ServiceKey
from lvsd.programs.notifier import Notifier

from .services import Server, VirtualService
from .state_file import CheckStateFile
from .step import (
    KeepCheck,
    KeepQuorum,
    LogLine,
    RunScript,
    SayEvent,
    ServerEvent,
    ServiceEvent,
    StepEffect,
    TouchService,
    step_server,
    step_service,
)

Say = Callable[..., None]
"""(what, subject, message, priority=INFO, **details): an event and a line of the log."""

Log = Callable[..., None]
"""(message, priority=INFO)"""


class EffectRunner:
    """Steps the servers and services, and does what comes of it, in order."""

    def __init__(
        self, say: Say, log: Log, notifier: Notifier, file: CheckStateFile, touch: Callable[[ServiceKey], None]
    ) -> None:
        self._say = say
        self._log = log
        self._notifier = notifier
        self._file = file
        self._touch = touch
        self._untold: list[StepEffect] | None = None  # what is told later, in order

    @contextmanager
    def telling_later(self) -> Iterator[None]:
        """Tell of nothing until the end of the block, nor note a quorum as told: a table of 1,000 services is in the
        kernel before 1,000 lines are in the log, and each script finds what it is told.
        """
        untold: list[StepEffect] = []
        self._untold = untold
        try:
            yield
        finally:
            self._untold = None
            self._carry_out(untold)

    def server(self, server: Server, event: ServerEvent) -> None:
        """Step a real server, and carry out what comes of it."""
        server.state, effects = step_server(server.state, event)
        self._carry_out(effects)

    def service(self, service: VirtualService, event: ServiceEvent) -> None:
        """Step a virtual service, and carry out what comes of it."""
        service.state, effects = step_service(service.state, event)
        self._carry_out(effects)

    def _carry_out(self, effects: Iterable[StepEffect]) -> None:
        for effect in effects:
            match effect:
                case KeepQuorum() | SayEvent() | LogLine() | RunScript() if self._untold is not None:
                    self._untold.append(effect)
                case SayEvent():
                    self._say(effect.what, effect.subject, effect.message, effect.priority, **effect.details)
                case LogLine():
                    self._log(effect.message, effect.priority)
                case RunScript():
                    self._notifier.tell(effect.subject, [(effect.command, ())])
                case KeepCheck():
                    self._file.check(effect.name, effect.health)
                case KeepQuorum():
                    self._file.quorum(effect.service, effect.up)
                case TouchService():
                    self._touch(effect.service)
                case _:
                    assert_never(effect)
