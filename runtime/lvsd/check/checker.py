# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checker knows and does: health and pools on one side, the kernel's IPVS table on the other.

    probes -> health -> pools -> what the kernel should hold -> compared, changed

Its process is in worker.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lvsd.control.peer import Peer, ordered
from lvsd.control.server import Answer, Handler, Later, Refused
from lvsd.kernel.ipvs import Ipvs
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.programs.client import Programs
from lvsd.programs.notifier import Notifier
from lvsd.severity import ERROR, WARNING
from lvsd.worker.registry import WORKERS
from lvsd.worker.reporter import Reporter

from . import overrides, show
from .check_task import Runner
from .commands import Verbs
from .effects import EffectRunner
from .health import Health, Result
from .memory import Memory
from .pool import Pool, pools
from .reconciler import TROUBLE, Reconciler
from .reload_diff import Difference, differences
from .services import Gone, Services, VirtualService
from .shared_probes import SharedProbes
from .state_codec import NO_RESULTS, Results
from .state_file import CheckStateFile
from .step import Checked, Counted, Ordered, ServerLeft, ServerLoaded, ServiceLeft, matters
from .table import KernelTable


class Checker:
    """Steps servers and services with what happens, and keeps the kernel's table as they are."""

    def __init__(
        self,
        loop: Loop,
        options: WorkerOptions,
        ipvs: Ipvs,
        memory: Memory,
        boot: str,
        reporter: Reporter,
        programs: Programs | None = None,
    ) -> None:
        self.options = options
        self.reporter = reporter
        self.events = reporter.events
        self.say = reporter.say
        self.memory = memory
        self.log = reporter.log
        self.state_file = CheckStateFile(loop, options.runtime_dir / WORKERS["checker"].state, boot, self._warn)
        self.programs = programs or Programs(loop)
        self.services = Services(loop, SharedProbes(loop, self.programs), self._observed)
        self.notifier = Notifier(loop, self.say, self.programs, options.scripts)
        self.effects = EffectRunner(self.say, self.log, self.notifier, self.state_file, self._touch)
        self.configuration: Configuration | None = None
        self.pools: dict[ServiceKey, Pool] = {}
        self.orders: overrides.Orders = {}
        self.table = KernelTable(ipvs, memory.read_owned(), memory.keep_owned)
        self.reconciler = Reconciler(loop, self.services, self.table, self.effects, self.say, self.state_file.flush)
        self.verbs = Verbs(self.services, self._give, self._shown)

    def handlers(self) -> dict[str, Handler]:
        """Return what answers each verb of the control socket."""
        verbs = self.verbs
        orders_ = {"drain": verbs.drain, "enable": verbs.enable, "weight": verbs.weight}
        return {"show": self._show, **orders_}

    # --- life ---

    def start(self, configuration: Configuration) -> None:
        """Go on where a predecessor has ended: its results, compare with the kernel, put right. Raises OSError."""
        self.orders = self.memory.read_orders()
        left = self.state_file.read()
        if configuration.global_defs.lvs_flush:
            self.table.own_all()
        self._take(configuration, left)
        self.say("worker", "checker", f"checker: {len(self.services.services)} services{adopted(left)}")

    def stop(self) -> None:
        """No more checks; unless told to leave them, our services go."""
        self.services.stop()
        if self.options.release:
            for service in self.services.services.values():
                if service.pool.omega:
                    self._left(service)
            if self.configuration is not None and self.configuration.global_defs.lvs_flush_on_stop == "":
                self._own_all()
        self.state_file.flush()
        self.reconciler.stop(release=self.options.release)
        if self.options.release:
            self.state_file.remove()

    def _own_all(self) -> None:
        """`lvs_flush_on_stop`: the services of others go with ours."""
        try:
            self.table.own_all()
        except TROUBLE as error:
            self._warn(f"checker: lvs_flush_on_stop: the services of others stay: {error}")

    def leave(self) -> None:
        """No more checks; everything else stays as it is, for a successor."""
        self.services.stop()
        self.reconciler.flush()
        self.state_file.flush()
        self.reconciler.stop(release=False)

    # --- configuration ---

    def _take(self, configuration: Configuration, left: Results = NO_RESULTS) -> Difference:
        """Take a configuration on, as far as it is ours, and compare the kernel with it.

        Raises OSError and the like, before anything has changed.
        """
        wanted = pools(configuration)
        actual = self.table.dump()
        difference = differences(self.pools, wanted)
        self.configuration, self.pools = configuration, wanted
        self.orders = overrides.kept(self.orders, (key for pool in wanted.values() for key in pool.members))
        self._step_servers(self.services.load(wanted, self.orders, actual, left))
        told = {str(key): bool(service.quorum) for key, service in self.services.services.items()}
        with self.effects.telling_later():
            for service in self.services.services.values():
                self.effects.service(service, Counted(service.standings()))
            self.state_file.restart(self.services.results().checks, told)  # a successor tells of what is new
            self.reconciler.compare(actual)
            self.programs.take(configuration)
        return difference

    def _step_servers(self, gone: Gone) -> None:
        """Tell of what is gone, and of the servers that a change of their checks has made another."""
        for service in gone.services:
            self._left(service)
        for server in gone.servers:
            self.effects.server(server, ServerLeft(server.up))
        for service in self.services.services.values():
            for server in service.servers.values():
                if (up := server.up) != server.state.told_up:
                    self.effects.server(server, ServerLoaded(up))

    def _left(self, service: VirtualService) -> None:
        for server in service.servers.values():
            self.effects.server(server, ServerLeft(server.up))
        self.effects.service(service, ServiceLeft())

    def reload(self, configuration: Configuration) -> Answer:
        """Take another configuration, and compare the kernel with it.  Raises Refused; then everything is as it was.

        `changes`: what is asked for now; `refused`: what of the whole table the kernel did not take, as texts.
        """
        try:
            if configuration is self.configuration:
                difference: Difference = {}
                self.reconciler.compare()
            else:
                difference = self._take(configuration)
        except TROUBLE as error:
            self.say("reload", "checker", f"checker: reload failed: {error}", ERROR)
            raise Refused(str(error)) from error
        try:
            self.memory.keep_orders(self.orders)
        except OSError as error:
            self._warn(f"checker: the operator's orders cannot be stored: {error}")
        counts = (f"{len(names)} {what} {how}" for what, parts in difference.items() for how, names in parts.items())
        self.say("reload", "checker", f"checker: reloaded: {', '.join(counts) or 'no change'}", changes=difference)
        return {"changes": difference, "refused": list(self.reconciler.refused)}

    # --- checks ---

    def _observed(self, runner: Runner, before: Health, result: Result) -> None:
        if matters(before, runner.health, result):
            server = self.services.server(runner.plan.identity.destination)
            self.effects.server(server, Checked(runner.plan, before, runner.health, result, server.up))

    def _touch(self, service: ServiceKey) -> None:
        self.reconciler.touch(service)

    # --- the operator ---

    def _give(self, key: DestinationKey, order: overrides.Order, peer: Peer | None) -> None:
        """Store an order, then carry it out. Raises Refused; then it is not given."""
        server = self.services.server(key)
        if order != server.order:
            order = replace(order, since=round(self.events.wall_clock(), 3))
        said = {**self.orders, overrides.name(key): order}
        try:
            self.memory.keep_orders(said)
        except OSError as error:
            raise Refused(f"the order cannot be stored: {error}") from error
        by, details = ordered([peer])
        self.orders = said
        self.effects.server(server, Ordered(order, by, details))
        self.reconciler.flush()
        refused = [reason for reason in self.reconciler.refused if str(key.service) in reason]
        if refused:
            raise Refused(f"stored, but the kernel refuses: {refused[0]}")

    def _show(self, _unused: Mapping[str, Any]) -> Later:
        """Answered when the starter has said which programs are not run.  Raises Refused."""
        shown, later = self._all_shown(), Later()
        self.programs.refused(lambda refused: later.answer({**shown, "refused_programs": refused}))
        return later

    def _all_shown(self) -> Answer:
        try:
            actual, counts = self.table.ipvs.counted()
        except TROUBLE as error:
            raise Refused(f"the kernel's table cannot be read: {error}") from error
        return {"services": show.show(self.services, actual, counts), "refused": list(self.reconciler.refused)}

    def _shown(self, key: DestinationKey) -> Answer:
        try:
            actual, counts = self.table.ipvs.counted(key.service)
        except TROUBLE as error:
            raise Refused(f"the kernel's table cannot be read: {error}") from error
        return show.show_server(key, self.services.server(key), actual, counts)

    def _warn(self, message: str) -> None:
        self.log(message, WARNING)


def adopted(left: Results) -> str:
    """Return how many results of a process before were taken on, for the log."""
    return f", {len(left.checks)} results adopted" if left.checks else ""
