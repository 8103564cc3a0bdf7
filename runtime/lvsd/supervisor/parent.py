# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent of the workers: one loop, one control socket, no state but what it was told to run.

SIGHUP, `lvsctl reload`   read the configuration again (reload.py)
SIGTERM, SIGINT           stop: vrrp first (priority 0, a peer takes over), then the checker
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import __version__, conf, journal
from ..conf import Loaded
from ..control import Answer, ControlServer, EventLog, Handler, Later
from ..loop import Loop
from ..model import Configuration
from ..options import WORKERS, Options
from . import parts, sdnotify
from .parts import Parts
from .reload import Reload, as_json, refusal
from .workers import STOP_PATIENCE, Worker, write_pid

TICK = 1.0
FIRST_TICK = 0.1  # until every worker has answered once
READY_WITHIN = 10.0  # seconds; then the unit counts as started, whatever the workers do

WorkerCommand = Callable[[str, Path], list[str]]  # (worker, its part) -> the words behind the interpreter


class Parent:
    """Supervises the workers of one configuration until it is told to stop; `exit_code` says how that went."""

    def __init__(
        self, loop: Loop, options: Options, loaded: Loaded, load: Callable[[], Loaded], command: WorkerCommand
    ) -> None:
        self.loop = loop
        self.options = options
        self.load = load
        self.loaded = loaded
        self.loaded_at = time.time()
        self.events = EventLog("lvsd")
        self.events.followers.append(lambda event: journal.log(event["message"]))
        self.exit_code = 0
        self.runtime_dir = options.runtime_dir.absolute()
        self.parts = parts.split(loaded.configuration, options)
        self.workers = {name: self._worker(name, command) for name in WORKERS}
        self.ready = False
        self.stopping = False
        self._reload: Reload | None = None
        self._waiting: list[Later] = []  # for the next reload
        self._started = loop.now
        handlers: dict[str, Handler] = {"show": self.show, "reload": self.on_reload, "config": self.config}
        self.control = ControlServer(loop, self.runtime_dir / "lvsd.sock", handlers, self.events)

    def _worker(self, name: str, command: WorkerCommand) -> Worker:
        pid_files = {"vrrp": self.options.vrrp_pid_file, "checker": self.options.checker_pid_file}
        worker = Worker(
            self.loop,
            name,
            command(name, parts.file_of(self.runtime_dir, name)),
            self.runtime_dir / f"{name}.sock",
            self.events,
            pid_file=pid_files[name] or self.runtime_dir / f"{name}.pid",
        )
        worker.respawn = self.options.respawn
        worker.release = self.options.release(name)
        worker.failed = self._worker_failed
        return worker

    def start(self) -> None:
        """Write the parts, start the workers that have one, listen to signals."""
        write_pid(self.pid_file, os.getpid())
        parts.write(self.runtime_dir, self.parts.texts)
        for name in WORKERS:
            if name in self.parts.needed:
                self.workers[name].start()
        self.loop.on_signal(signal.SIGHUP, lambda: self._queue_reload(Later()))
        self.loop.on_signal(signal.SIGTERM, self.stop)
        self.loop.on_signal(signal.SIGINT, self.stop)
        self.loop.call_later(FIRST_TICK, self._tick)
        if interval := sdnotify.watchdog_interval():
            self._feed_watchdog(interval)

    @property
    def pid_file(self) -> Path:
        return self.options.pid_file or self.runtime_dir / "lvsd.pid"

    # --- what it answers ---

    def show(self, _: Mapping[str, Any]) -> Answer:
        """The parent's `show` of the contract, and the findings of what runs."""
        return {
            "pid": os.getpid(),
            "version": __version__,
            "workers": [self.workers[name].show() for name in WORKERS if self.workers[name].wanted],
            "config": str(self.options.config.absolute()),
            "loaded_at": self.loaded_at,
            "findings": as_json(self.loaded),
        }

    def config(self, request: Mapping[str, Any]) -> Answer:
        """What runs, as canonical text; passwords only where the request says `"secrets": true`."""
        configuration = self.loaded.configuration
        return {
            "text": conf.render(configuration if request.get("secrets") is True else without_secrets(configuration))
        }

    def on_reload(self, _: Mapping[str, Any]) -> Later:
        later = Later()
        self._queue_reload(later)
        return later

    # --- reload ---

    def _queue_reload(self, later: Later) -> None:
        """Requests that come while a reload is under way share the next one: it reads what they have written."""
        self._waiting.append(later)
        if self._reload is None:
            self._begin_reload()

    def _begin_reload(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self.stopping:
            self._refuse(waiting, "lvsd is stopping")
            return
        try:
            loaded = self.load()
        except OSError as error:
            self._refuse(waiting, f"cannot read the configuration: {error}")
            return
        if loaded.refused:
            log_findings(loaded)
            reason, findings = refusal(loaded)
            self._refuse(waiting, reason, findings=findings)
            return
        sdnotify.reloading()
        new = parts.split(loaded.configuration, self.options)

        def done(reason: str | None, answers: dict[str, Answer]) -> None:
            self._end_reload(waiting, loaded, new, reason, answers)

        self._reload = Reload(self.loop, self.workers, self.runtime_dir, self.parts, new, done)
        try:
            self._reload.begin()
        except OSError as error:
            self._reload = None
            sdnotify.notify("READY=1")
            self._refuse(waiting, f"cannot write the workers' parts: {error}")

    def _end_reload(
        self, waiting: list[Later], loaded: Loaded, new: Parts, reason: str | None, answers: dict[str, Answer]
    ) -> None:
        self._reload = None
        if reason is not None:
            self._refuse(waiting, reason, workers=answers)
        else:
            started, stopped = sorted(new.needed - self.parts.needed), sorted(self.parts.needed - new.needed)
            self.loaded, self.parts, self.loaded_at = loaded, new, time.time()
            log_findings(loaded)
            changes = {name: answer.get("changes", {}) for name, answer in answers.items()}
            self.events.add("reload", "lvsd", f"lvsd: {self.options.config} loaded", changes=changes)
            for later in waiting:
                later.answer({"changes": changes, "started": started, "stopped": stopped, "findings": as_json(loaded)})
        sdnotify.notify("READY=1", self._status())
        if self._waiting:
            self._begin_reload()

    def _refuse(self, waiting: list[Later], reason: str, **details: Any) -> None:
        self.events.add("reload", "lvsd", f"lvsd: reload refused, the old configuration stays: {reason}")
        for later in waiting:
            later.refuse(reason, **details)

    # --- keeping alive ---

    def _tick(self) -> None:
        length = TICK if self.ready else FIRST_TICK
        for worker in self.workers.values():
            worker.tick(length)
        if not self.ready:
            waited = self.loop.now - self._started
            if waited >= READY_WITHIN or all(worker.settled() for worker in self.workers.values()):
                self.ready = True
                sdnotify.notify("READY=1", self._status())
                self.events.add("worker", "lvsd", f"lvsd: ready (pid {os.getpid()})", change="ready")
        self.loop.call_later(length, self._tick)

    def _feed_watchdog(self, interval: float) -> None:
        sdnotify.notify("WATCHDOG=1")
        self.loop.call_later(interval, lambda: self._feed_watchdog(interval))

    def _status(self) -> str:
        running = ", ".join(f"{worker.name} {worker.pid}" for worker in self.workers.values() if worker.pid)
        return f"STATUS={self.options.config}; workers: {running or 'none'}"

    def _worker_failed(self) -> None:
        self.exit_code = 1
        self.loop.call_at(self.loop.now, self.stop)

    # --- the end ---

    def stop(self) -> None:
        """Stop the workers one after the other, then the loop."""
        if not self.stopping:
            self.stopping = True
            if self._reload:
                self._reload.abandon()
            sdnotify.notify("STOPPING=1")
            self.events.add("worker", "lvsd", "lvsd: stopping", change="stopping")
            self._stop_next(list(WORKERS))

    def _stop_next(self, names: list[str]) -> None:
        if names:
            self.workers[names[0]].stop(lambda: self._stop_next(names[1:]), STOP_PATIENCE)
        else:
            self.loop.stop()

    def close(self) -> None:
        """Take away the control socket and the pid file."""
        self.control.close()
        self.pid_file.unlink(missing_ok=True)


def log_findings(loaded: Loaded) -> None:
    """Each finding as a line of the log: in a running daemon what is left over is a warning."""
    for finding in loaded.findings:
        journal.log(str(finding), journal.WARNING)


def without_secrets(configuration: Configuration) -> Configuration:
    """The same with every password replaced by asterisks."""
    routers = tuple(
        replace(router, authentication=replace(router.authentication, password="********"))
        if router.authentication
        else router
        for router in configuration.routers
    )
    ssl = configuration.ssl
    if ssl and ssl.password:
        ssl = replace(ssl, password="********")
    return replace(configuration, routers=routers, ssl=ssl)
