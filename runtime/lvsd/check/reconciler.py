# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the kernel's table as the services want it: after a check, at a reload, after a refusal, and every minute."""

from __future__ import annotations

from collections.abc import Callable

from lvsd.kernel.ipvs_types import ServiceKey, Table
from lvsd.kernel.netlink import BadMessage, NetlinkError
from lvsd.loop import Loop, Timer
from lvsd.severity import ERROR, NOTICE

from .effects import EffectRunner, Say
from .services import Services
from .step import Counted
from .table import KernelTable

COMPARE_EVERY = 60.0  # seconds
TRY_AGAIN, TRY_AGAIN_AT_MOST = 1.0, 60.0  # seconds after a refusal: first, doubled in between
TROUBLE = (OSError, BadMessage, NetlinkError)  # the kernel does not answer, or not as it should


class Reconciler:
    """`refused` is what the kernel does not take, object by object; it is tried again after a pause that grows.

    `record` stores what the checks have found; it is called before the kernel's table changes, so that a successor
    never knows less than the kernel shows.
    """

    def __init__(
        self,
        loop: Loop,
        services: Services,
        table: KernelTable,
        effects: EffectRunner,
        say: Say,
        record: Callable[[], None] = lambda: None,
    ) -> None:
        self._record = record
        self.refused: tuple[str, ...] = ()
        self._loop = loop
        self._services = services
        self._table = table
        self._effects = effects
        self._say = say
        self._dirty: dict[ServiceKey, None] = {}
        self._flushing: Timer | None = None
        self._comparing: Timer | None = None
        self._pause = TRY_AGAIN
        self._stopped = False

    def touch(self, service: ServiceKey) -> None:
        """It may have to change: at the end of this wake-up, together with all others."""
        self._dirty[service] = None
        if self._flushing is None:
            self._flushing = self._loop.call_at(self._loop.now, self.flush)

    def flush(self) -> None:
        """The services that were touched: only what differs from what was applied last."""
        self._flushing = None
        dirty, self._dirty = self._dirty, {}
        services = [self._services.services[key] for key in dirty if key in self._services.services]
        if self._stopped:
            return
        for service in services:
            self._effects.service(service, Counted(service.standings()))
        self._record()
        refused: list[str] = []
        for service in services:
            try:
                refused += self._table.update(service.pool.key, service.wanted()).refused
            except TROUBLE as error:
                refused.append(str(error))
                break
        if refused:  # together with what was refused before, of which nothing new is known
            self._say_refused((*refused, *(reason for reason in self.refused if reason not in refused)))
            if self._comparing is None or self._comparing.deadline > self._loop.now + self._pause:
                self._compare_in(self._pause)

    def compare(self, actual: Table | None = None, *, periodic: bool = False) -> None:
        """Everything, with what the kernel really holds, or `actual`, just read; and again in a while."""
        services = self._services.services.values()
        desired = {service.pool.key: service.pool.service for service in services}
        wanted = {key: value for service in services for key, value in service.wanted().items()}
        try:
            applied = self._table.make(desired, wanted, actual)
        except TROUBLE as error:
            self._tell_refused((str(error),))
            return
        if periodic and str(applied):
            self._say("drift", "ipvs", f"ipvs: the kernel's table differed: {applied}", NOTICE)
        elif str(applied):
            self._say("kernel", "ipvs", f"ipvs: {applied}")
        self._compare_in(COMPARE_EVERY)
        self._tell_refused(applied.refused)

    def stop(self, *, release: bool) -> None:
        """Nothing is changed any more, after our services have gone if they are to."""
        self._stopped = True
        if self._comparing is not None:
            self._comparing.cancel()
        if release:
            try:
                self._say_refused(self._table.remove().refused)
            except TROUBLE as error:
                self._say("kernel", "ipvs", f"ipvs: our services could not be removed: {error}", ERROR)

    def _compare_in(self, seconds: float) -> None:
        if self._comparing is not None:
            self._comparing.cancel()
        self._comparing = self._loop.call_later(seconds, self._periodic)

    def _periodic(self) -> None:
        self.flush()
        self.compare(periodic=not self.refused)

    def _tell_refused(self, refused: tuple[str, ...]) -> None:
        """Of a comparison: the next one comes after a pause, which is twice as long each time."""
        self._say_refused(refused)
        if refused:
            self._compare_in(self._pause)
            self._pause = min(2 * self._pause, TRY_AGAIN_AT_MOST)
        else:
            self._pause = TRY_AGAIN

    def _say_refused(self, refused: tuple[str, ...]) -> None:
        """Each reason once, as long as it stays."""
        for reason in refused:
            if reason not in self.refused:
                self._say("kernel", "ipvs", f"ipvs: {reason}", ERROR)
        self.refused = refused
