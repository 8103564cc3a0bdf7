# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent of the workers: one loop, one control socket, no state but what it was told to run.

begin                     adopt what a parent before has left, start the rest (adopt.py)
SIGHUP, `lvsctl reload`   read the configuration again (reload_queue.py)
`lvsctl reexec`           become the program that is installed now (reexec.py), and begin again
SIGTERM, SIGINT           stop: vrrp first (priority 0, a peer takes over), then the others (worker/registry.py)
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvsd import __version__, conf, log
from lvsd.conf import Loaded
from lvsd.control.peer import asked_by
from lvsd.control.server import Answer, ControlServer, EventLog, Handler, Later
from lvsd.loop import Loop
from lvsd.options import Options
from lvsd.signals import Coalesced, IgnoredSignals
from lvsd.version import described
from lvsd.worker import own_files
from lvsd.worker.handover import unoccupied
from lvsd.worker.registry import WORKERS
from lvsd.worker.system_user import on_this_host

from . import sdnotify, worker_config
from .adopt import Takeover
from .fork import CannotStart
from .last_good import RunningConfiguration, keep_good, last_good
from .left_workers import something_is_left
from .passwords import without_secrets
from .process_status import forget_pid, write_pid
from .reexec import Inheritance, Program, Reexec
from .reload import as_json
from .reload_queue import Reloads
from .runtime_dir import RuntimeDirectory
from .worker_config import Parts
from .worker_process import STOP_PATIENCE, WorkerProcess

TICK = 1.0
FIRST_TICK = 0.1  # until every worker has answered once
READY_WITHIN = 10.0  # seconds; then the unit counts as started, whatever the workers do

Starter = Callable[[str, Path], Callable[[], int]]  # (worker, its part) -> what starts it, and tells its pid


class Parent:
    """Supervises the workers of one configuration until it is told to stop; `exit_code` says how that went.

    `failure`: why no worker could be begun, and the loop has ended.
    """

    def __init__(
        self,
        loop: Loop,
        options: Options,
        running: RunningConfiguration,
        load: Callable[[], Loaded],
        starter: Starter,
        prepare: Callable[[Parts], None],
        *,
        program: Program,
        lock: int,
        before: Inheritance | None = None,
    ) -> None:
        self.loop = loop
        self.options = options
        self.before = before
        self.prepare = prepare  # for the next starts of the workers of these parts
        self.events = EventLog("lvsd")
        self.events.followers.append(lambda event: log.log(event["message"]))
        self.exit_code = 0
        self.failure: OSError | None = None
        self.runtime_dir = options.runtime_dir.absolute()
        self.workers = {name: self._worker(name, starter) for name in WORKERS}
        self.reloads = Reloads(loop, options, self.workers, running, load, self.events, self._tell_ready)
        self.takeover = Takeover(loop, self.workers, self.runtime_dir, running.parts, self._taken_over, self._fail)
        self.reexec = Reexec(loop, program, lock, self.reloads, self.events)
        self.directory = RuntimeDirectory(self.runtime_dir, lock, self._say)
        self.ready = False  # said to systemd
        self.complete = False  # every worker that runs is ours and of our version, or it is known why not
        self.stopping = False
        self._pid_is_old = False  # it could not be written
        self.started_at = time.time()
        self._started = loop.now
        handlers: dict[str, Handler] = {
            "show": self.show,
            "config": self.config,
            "reload": self.reloads.ask,
            "reexec": self.on_reexec,
        }
        self.control = ControlServer(loop, self.runtime_dir / "lvsd.sock", handlers, self.events)

    def _worker(self, name: str, starter: Starter) -> WorkerProcess:
        control = self.runtime_dir / WORKERS[name].socket
        start = starter(name, worker_config.file_of(self.runtime_dir, name))

        def begin() -> int:
            self._put_right()  # it cannot begin without its part
            try:
                unoccupied(control)
                own_files.folder(WORKERS[name], self.runtime_dir, on_this_host())
                worker_config.let_read(self.runtime_dir, name)
            except OSError as error:
                raise CannotStart(f"{error.filename}: {error.strerror}") from error
            return start()

        worker = WorkerProcess(
            self.loop,
            name,
            begin,
            control,
            self.events,
            pid_file=self.options.worker_pid_files.get(name) or self.runtime_dir / f"{name}.pid",
        )
        worker.respawn = self.options.respawn
        worker.release = self.options.release(name)
        worker.failed = self._worker_failed
        return worker

    def start(self) -> None:
        """Adopt the workers that run, write the parts, start the workers that lack, listen to signals.

        Raises OSError, which names the file.
        """
        self._write_pid()
        self._give_state_dir()
        self.prepare(self.reloads.running.parts)  # before the first fork: what all have in memory is shared
        if self.before:
            version = f"{self.before.release} ({self.before.digest or 'no digest'})"
            self.events.add("worker", "lvsd", f"lvsd: goes on where {version} was", change="reexec")
        self.takeover.begin()
        self.loop.on_signal(signal.SIGHUP, Coalesced(self.loop, lambda: self.reloads.queue(Later())))
        self.loop.on_signal(signal.SIGTERM, self.stop)
        self.loop.on_signal(signal.SIGINT, self.stop)
        IgnoredSignals(self.loop, lambda text: self._tell("signal", f"lvsd: {text}"))
        self.loop.call_later(FIRST_TICK, self._tick)
        if interval := sdnotify.watchdog_interval():
            self._feed_watchdog(interval)

    @property
    def pid_file(self) -> Path:
        """The path of the parent's pid file."""
        return self.options.pid_file or self.runtime_dir / "lvsd.pid"

    def _write_pid(self) -> None:
        """Raises OSError, but where workers may run: a full disk is no reason to leave them without a parent."""
        try:
            write_pid(self.pid_file, os.getpid())
        except OSError:
            if not (self.before or something_is_left(self.runtime_dir)):
                raise
            self._keep_pid()

    def _keep_pid(self) -> None:
        before, self._pid_is_old = self._pid_is_old, False
        try:
            write_pid(self.pid_file, os.getpid())
        except OSError as error:
            self._pid_is_old = True  # until a tick finds room
            if not before:
                self._say(f"lvsd: {self.pid_file} could not be written: {error.strerror}")

    # --- what it answers ---

    def show(self, _unused: Mapping[str, Any]) -> Answer:
        """The parent's `show` of the contract, the versions, and the findings of what runs."""
        running = self.reloads.running
        return {
            "pid": os.getpid(),
            "version": __version__,
            **described(),
            "workers": [self.workers[name].show() for name in WORKERS if self.workers[name].wanted],
            "as_root": self._as_root(),
            "router_id": running.loaded.configuration.global_defs.router_id or socket.gethostname(),
            "config": str(self.options.config.absolute()),
            "loaded_at": running.loaded_at,
            "fallback": running.fallback,
            "findings": as_json(running.loaded),
            "started_at": self.started_at,
            "complete": self.complete,
            "takeover": self.takeover.show(),
        }

    def _as_root(self) -> str | None:
        """Why a worker that starts now stays root; None: it does not, or the daemon itself is not root's."""
        user = on_this_host()
        return user if isinstance(user, str) and os.geteuid() == 0 else None

    def config(self, request: Mapping[str, Any]) -> Answer:
        """What runs, as canonical text; passwords only where the request says `"secrets": true`."""
        configuration = self.reloads.running.loaded.configuration
        return {
            "text": conf.render(configuration if request.get("secrets") is True else without_secrets(configuration))
        }

    def on_reexec(self, request: Mapping[str, Any]) -> Later:
        """Become the version that is installed; the answer comes when all processes run it."""
        later = Later(asked_by(request))
        if self.stopping or not self.complete:
            later.refuse("lvsd is stopping" if self.stopping else "lvsd is still starting; ask again")
        else:
            self.reexec.ask(later)
        return later

    # --- keeping alive ---

    def _taken_over(self, refused: str | None) -> None:
        running = self.reloads.running
        if refused:
            self._fall_back(refused)
        elif not running.fallback:
            keep_good(self.runtime_dir, running.loaded)
        self._unshare()
        self.complete = True
        self.reloads.release()
        self.loop.call_later(TICK, lambda: self.prepare(self.reloads.running.parts))

    def _fail(self, error: OSError) -> None:
        self.failure = error
        self.loop.stop()

    def _give_state_dir(self) -> None:
        """Let the workers that this parent adopts go on writing there."""
        if self.options.state_dir.is_dir():
            try:
                own_files.state_folder(self.options.state_dir, on_this_host())
            except OSError as error:
                self._say(f"lvsd: {error.filename or self.options.state_dir} stays as it is: {error.strerror}")

    def _unshare(self) -> None:
        try:
            own_files.unshare(self.runtime_dir)
        except OSError as error:
            self._say(f"lvsd: {error.filename} stays: {error.strerror}")

    def _fall_back(self, why: str) -> None:
        good = last_good(self.runtime_dir) or self.reloads.running.loaded
        split = worker_config.split(good.configuration, self.options)
        self.reloads.running = RunningConfiguration(good, split, why)
        self.events.add("reload", "lvsd", f"lvsd: the configuration does not run, what ran before goes on: {why}")

    def _put_right(self) -> None:
        """Not while others write the parts."""
        if self.complete and not self.reloads.busy and self.directory.put_right(self.reloads.running):
            self.reexec.lock = self.directory.lock
            self._keep_pid()
            for worker in self.workers.values():
                worker.keep_pid()

    def _tick(self) -> None:
        length = TICK if self.ready else FIRST_TICK
        self._put_right()
        if self._pid_is_old:
            self._keep_pid()
        for worker in self.workers.values():
            worker.tick(length)
        if not self.ready:
            settled = self.complete and all(worker.settled() for worker in self.workers.values())
            too_long = not self.before and self.loop.now - self._started >= READY_WITHIN
            if settled or too_long:
                self.ready = True
                self._tell_ready()
                self.events.add("worker", "lvsd", f"lvsd: ready (pid {os.getpid()})", change="ready")
        self.loop.call_later(length, self._tick)

    def _tell_ready(self) -> None:
        running = ", ".join(f"{worker.name} {worker.pid}" for worker in self.workers.values() if worker.pid)
        sdnotify.notify("READY=1", f"STATUS={self.options.config}; workers: {running or 'none'}")

    def _feed_watchdog(self, interval: float) -> None:
        sdnotify.notify("WATCHDOG=1")
        self.loop.call_later(interval, lambda: self._feed_watchdog(interval))

    def _worker_failed(self) -> None:
        self.exit_code = 1
        self.loop.call_at(self.loop.now, self.stop)

    # --- the end ---

    def stop(self) -> None:
        """Stop the workers one after the other, then the loop."""
        if not self.stopping:
            self.stopping = True
            sdnotify.notify("STOPPING=1")
            self.events.add("worker", "lvsd", "lvsd: stopping", change="stopping")
            self.reexec.cancel()
            self.reloads.end("lvsd is stopping")
            self.takeover.abandon(lambda: self._stop_next(list(WORKERS)))

    def _stop_next(self, names: list[str]) -> None:
        if names:
            self.workers[names[0]].stop(lambda: self._stop_next(names[1:]), STOP_PATIENCE)
        else:
            self.loop.stop()

    def close(self) -> None:
        """Take away the control socket and the pid file."""
        self.control.close()
        forget_pid(self.pid_file)

    def _say(self, message: str) -> None:
        self._tell("directory", message)

    def _tell(self, change: str, message: str) -> None:
        self.events.add("worker", "lvsd", message, change=change)
