# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker: the shell around health and pools, and the one who writes the IPVS table.

    probes -> health -> pools -> what the kernel should hold -> compared, changed

At start nothing is flushed: what the kernel holds is read, compared and put right.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvsd import conf
from lvsd.control import Answer, ControlServer, EventLog, Refused
from lvsd.kernel.ipvs import Ipvs, IpvsUnavailable
from lvsd.kernel.service import DestinationKey, ServiceKey
from lvsd.kernel.socket import generic_netlink
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.notify import Notifier

from . import orders, report
from .answer import unusable
from .differences import Difference, differences
from .health import Health, Result
from .keeper import TROUBLE, Keeper
from .memory import Memory
from .pool import Pool, pools
from .prober import Prober
from .runner import Runner
from .schedule import HttpProbe
from .services import Services
from .table import KernelTable
from .transitions import Transitions
from .verbs import Verbs

ERROR, WARNING, INFO, DEBUG = 3, 4, 6, 7  # syslog(3)

RUN_FAILED, CANNOT_READ, BAD_CONFIGURATION = 2, 4, 5  # exit codes, as keepalived
LAST_SCRIPTS = 2.0  # seconds that scripts get when the worker stops
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def main(options: WorkerOptions) -> int:
    """Run until SIGTERM; the exit code."""
    try:
        configuration = load(options)
    except conf.ConfigurationError as error:
        log(str(error), ERROR)
        return BAD_CONFIGURATION
    except OSError as error:
        log(f"checker: {error}", ERROR)
        return CANNOT_READ
    try:
        return run(options, configuration)
    except (IpvsUnavailable, *TROUBLE) as error:
        log(f"checker: {error}", ERROR)
        return RUN_FAILED


def run(options: WorkerOptions, configuration: Configuration) -> int:
    """Raises IpvsUnavailable, OSError, BadMessage, NetlinkError when the kernel does not do as it should at start."""
    worker = Worker(options, open_ipvs())
    try:
        worker.start(configuration)
        worker.loop.run()
    finally:
        worker.close()
    return 0


class Worker:
    def __init__(self, options: WorkerOptions, ipvs: Ipvs) -> None:
        self.options = options
        self.loop = Loop()
        self.events = EventLog("checker")
        self.services = Services(self.loop, Prober(self.loop), self._observed)
        self.notifier = Notifier(self.loop, self._say)
        self.transitions = Transitions(self.services, self.notifier, self._say)
        self.pools: dict[ServiceKey, Pool] = {}
        self.orders: orders.Orders = {}
        boot = BOOT_ID.read_text().strip()
        self.memory = Memory(options.state_dir, boot, write, lambda reason: log(reason, WARNING))
        self.table = KernelTable(ipvs, self.memory.read_owned(), self.memory.keep_owned)
        self.keeper = Keeper(self.loop, self.services, self.table, self.transitions, self._say)
        self.flush_on_stop: str | None = None
        self.control: ControlServer | None = None
        self._stopping = False

    # --- life ---

    def start(self, configuration: Configuration) -> None:
        """Compare with the kernel, put right, answer, check. Raises OSError."""
        self.orders = self.memory.read_orders()
        if configuration.global_defs.lvs_flush:
            self.table.own_all()
        self._take(configuration)
        self.keeper.compare()
        verbs = Verbs(self.services, self._give, self._shown)
        handlers = {"drain": verbs.drain, "enable": verbs.enable, "weight": verbs.weight}
        self.control = ControlServer(
            self.loop,
            self.options.runtime_dir / "checker.sock",
            {"show": self._show, "reload": self._reload_asked, **handlers},
            self.events,
        )
        self.loop.on_signal(signal.SIGHUP, self._hangup)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.stop)
        gc.collect()
        gc.freeze()
        self._say("worker", "checker", f"checker: {len(self.services.services)} services")

    def stop(self) -> None:
        """Orderly: no more checks; unless told to leave them, our services go; the last scripts may end."""
        if self._stopping:
            return
        self._stopping = True
        self.services.stop()
        if self.options.release:
            for service in self.services.services.values():
                self.transitions.leaving(service)
            if self.flush_on_stop == "":
                log("checker: lvs_flush_on_stop: only our services are removed, those of others stay", WARNING)
        self.keeper.stop(release=self.options.release)
        self.notifier.when_idle(self.loop.stop)
        self.loop.call_later(LAST_SCRIPTS, self.loop.stop)

    def close(self) -> None:
        if self.control is not None:
            self.control.close()
        self.loop.close()

    # --- configuration ---

    def _take(self, configuration: Configuration) -> Difference:
        """Take a configuration on, as far as it is ours. Raises OSError and the like, before anything has changed."""
        wanted = pools(configuration)
        actual = self.table.dump()
        difference = differences(self.pools, wanted)
        globals_ = configuration.global_defs
        self.notifier.user, self.notifier.group = globals_.script_user, globals_.script_group
        self.pools = wanted
        self.orders = orders.kept(self.orders, (key for pool in wanted.values() for key in pool.members))
        for service in self.services.load(wanted, self.orders, actual):
            self.transitions.leaving(service)
        for service in self.services.services.values():
            for key in service.servers:
                self.transitions.server(key, "its checks have changed")
            self.transitions.quorum(service)
        self.flush_on_stop = globals_.lvs_flush_on_stop
        self._warn_of_regexes()
        return difference

    def _warn_of_regexes(self) -> None:
        for pool in self.pools.values():
            for key, member in pool.members.items():
                pages = (p for plan in member.plans if isinstance(plan.probe, HttpProbe) for p in plan.probe.pages)
                for reason in filter(None, map(unusable, pages)):
                    log(f"{key}: {reason}", WARNING)

    def _reload_asked(self, _: Mapping[str, Any]) -> Answer:
        return {"changes": self._reload()}

    def _hangup(self) -> None:
        try:
            self._reload()
        except Refused:
            pass  # said

    def _reload(self) -> Difference:
        """Raises Refused; then everything is as it was."""
        try:
            difference = self._take(load(self.options))
        except conf.ConfigurationError as error:
            self._say("reload", "checker", f"checker: reload refused: {error}", ERROR)
            found = [str(finding) for finding in error.findings]
            raise Refused(f"the configuration is refused: {found[0]}", findings=found) from error
        except TROUBLE as error:
            self._say("reload", "checker", f"checker: reload failed: {error}", ERROR)
            raise Refused(str(error)) from error
        try:
            self.memory.keep_orders(self.orders)
        except OSError as error:
            log(f"checker: the operator's orders cannot be stored: {error}", WARNING)
        self.keeper.compare()
        counts = (f"{len(names)} {what} {how}" for what, parts in difference.items() for how, names in parts.items())
        self._say("reload", "checker", f"checker: reloaded: {', '.join(counts) or 'no change'}", changes=difference)
        return difference

    # --- checks ---

    def _observed(self, runner: Runner, before: Health, result: Result) -> None:
        key = runner.plan.identity.destination
        after = runner.health
        if not result.passed and before.up and after.up:
            retry = f"{after.failures} of {runner.plan.schedule.retry + 1}"
            log(f"{key}: {runner.plan.kind}: {result.detail} (failure {retry})", DEBUG)
        if before.up != after.up or before.weight != after.weight:
            self.transitions.server(key, f"{runner.plan.kind}: {result.detail}")
            self.keeper.touch(key.service)

    # --- the operator ---

    def _give(self, key: DestinationKey, order: orders.Order) -> None:
        """Store an order, then carry it out. Raises Refused; then it is not given."""
        said = {**self.orders, orders.name(key): order}
        try:
            self.memory.keep_orders(said)
        except OSError as error:
            raise Refused(f"the order cannot be stored: {error}") from error
        server = self.services.server(key)
        before, server.order, self.orders = server.order, order, said
        if order != before:
            message = f"{key}: {describe(before)} -> {describe(order)} (operator)"
            self._say("operator", str(key), message, drained=order.drained, weight=order.weight)
        self.keeper.touch(key.service)
        self.keeper.flush()
        refused = [reason for reason in self.keeper.refused if str(key.service) in reason]
        if refused:
            raise Refused(f"stored, but the kernel refuses: {refused[0]}")

    def _show(self, _: Mapping[str, Any]) -> Answer:
        try:
            actual = self.table.dump()
            counts = self.table.ipvs.connections(self.services.services)
        except TROUBLE as error:
            raise Refused(f"the kernel's table cannot be read: {error}") from error
        return {"services": report.show(self.services, actual, counts)}

    def _shown(self, key: DestinationKey) -> Answer:
        try:
            actual, counts = self.table.dump(), self.table.ipvs.connections([key.service])
        except TROUBLE as error:
            raise Refused(f"the kernel's table cannot be read: {error}") from error
        return report.show_server(key, self.services.server(key), actual, counts)

    def _say(self, what: str, subject: str, message: str, priority: int = INFO, **details: Any) -> None:
        """An event and a line of the log."""
        log(message, priority)
        self.events.add(what, subject, message, **details)


def describe(order: orders.Order) -> str:
    weight = "" if order.weight is None else f", weight {order.weight}"
    return ("drained" if order.drained else "enabled") + weight


def load(options: WorkerOptions) -> Configuration:
    """Raises OSError, ConfigurationError."""
    loaded = conf.load(options.config)
    if loaded.refused:
        raise conf.ConfigurationError(finding for finding in loaded.findings if finding.fatal)
    return loaded.configuration


def open_ipvs() -> Ipvs:
    """Loads the module where that is needed and allowed, as keepalived does. Raises IpvsUnavailable, OSError."""
    socket = generic_netlink()
    try:
        return Ipvs(socket)
    except IpvsUnavailable:
        try:
            subprocess.run(["modprobe", "ip_vs"], check=False, capture_output=True, timeout=20)
        except (OSError, subprocess.SubprocessError):
            pass  # the next line says what is missing
        return Ipvs(socket)


def write(path: Path, text: str) -> None:
    """Whole or not at all, also when the power fails. Raises OSError."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def log(message: str, priority: int = INFO) -> None:
    print(f"<{priority}>{message}", file=sys.stderr, flush=True)
