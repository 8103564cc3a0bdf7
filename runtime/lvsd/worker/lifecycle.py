# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of a worker, whatever it works at: how it starts, what it hears, how it ends.

    read the configuration ─▶ prepare ─▶ end the predecessor ─▶ settle ─▶ begin ─▶ take ... take ─▶ release, or depart

As the last step of `settle` the process becomes the system user: what needs root is done by then.

SIGTERM and SIGINT stop it in order, SIGHUP reloads it, every signal that asks for nothing is ignored.  On its control
socket the verbs `reload`, `leave` (end and release nothing: a successor is ready) and `adopt` are the same for all.
"""

from __future__ import annotations

import gc
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from socket import socket as Socket
from typing import Any, ClassVar

from lvsd import conf, log
from lvsd.control.control_socket import ControlSocket
from lvsd.control.server import Answer, ControlServer, Handler, Refused
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.programs.client import Programs
from lvsd.programs.notifier import Notifier
from lvsd.programs.protocol import RefusedProgram
from lvsd.signals import Coalesced, IgnoredSignals

from . import own_files, privileges
from .parent_watch import ParentWatch
from .registry import WORKERS
from .reload import WorkerReload
from .reporter import Reporter
from .rights import needed
from .starter_link import StarterLink, socket_of
from .system_user import SystemUser, on_this_host, runs_as_it


class WorkerLifecycle(ABC):
    """One worker's process.  Its own class says what it works at, in the methods that are abstract here."""

    name: ClassVar[str]  # of its row in the registry
    scripts_at_stop: ClassVar[float]  # seconds that the scripts of a stop may take
    trouble: ClassVar[tuple[type[Exception], ...]] = (OSError,)  # with which it cannot start
    notifier: Notifier  # of its scripts

    def __init__(self, options: WorkerOptions, loop: Loop) -> None:
        self.options = options
        self.loop = loop
        self.reporter = Reporter(self.name)
        self.programs = Programs(loop)
        self.stopping = False
        self.left = False  # a successor goes on from here
        self.reloads = WorkerReload(loop, options.config, self._take_on, self._refused, self.programs.settled)
        self.parent_watch = ParentWatch(loop, options.parent, self.stop, self._say)
        self.control: ControlServer | None = None
        self.listening: ControlSocket | None = None  # made before root is given up
        self.link: StarterLink | None = None  # to a starter of systemd's
        self.starts_none = False  # no program: it has no starter, and cannot get one

    # --- what the worker's own class does ---

    @abstractmethod
    def prepare(self, wanted: Configuration) -> None:
        """Do what can fail or takes long, while a predecessor still runs.  Raises `trouble`."""

    @abstractmethod
    def begin(self, wanted: Configuration) -> None:
        """Be the worker: there is no other one from here on.  Raises `trouble`."""

    @abstractmethod
    def verbs(self) -> Mapping[str, Handler]:
        """Its own verbs, for the control socket."""

    @abstractmethod
    def take(self, wanted: Configuration) -> Answer:
        """Carry out another configuration; the answer says what changed.  Raises Refused; then nothing has."""

    @abstractmethod
    def release(self) -> None:
        """Stop in order: the kernel keeps nothing of ours, unless `options.release` is False."""

    @abstractmethod
    def depart(self) -> None:
        """Make room for a successor: the kernel and the files keep everything that it goes on with."""

    @abstractmethod
    def write_again(self) -> None:
        """Write the files in the runtime directory again, which were removed while this worker runs."""

    @abstractmethod
    def dispose(self) -> None:
        """Close what this class has opened; behind `release` or `depart`, or a start that failed."""

    # --- what they all do ---

    @property
    def socket(self) -> Path:
        """The path of the control socket."""
        return self.options.runtime_dir / WORKERS[self.name].socket

    def use_starter(self, connection: Socket, pid: int) -> None:
        """Have programs started by the process `pid` at the other end of `connection`."""
        self.loop.watch_process(pid, lambda _code: None)
        self.programs.connect(connection, self._programs_judged, self._starter_lost)

    def look_for_starter(self) -> None:
        """Have programs, where there are any, started by a process that systemd starts, as this one is not root."""

        def say(text: str, severity: int) -> None:
            self.reporter.say("script", self.name, f"{self.name}: {text}", severity)

        path = socket_of(self.options.runtime_dir)
        self.link = StarterLink(self.programs, path, self._programs_judged, say)

    def do_without_starter(self) -> None:
        """Start no program; the parent replaces this process by one that can when the first is named."""
        self.starts_none = True

    def start(self, wanted: Configuration) -> None:
        """Listen to signals, begin, answer.  Raises `trouble`."""
        self.reloads.running = wanted
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.stop)
        self.loop.on_signal(signal.SIGHUP, Coalesced(self.loop, lambda: self.reloads.ask({})))
        IgnoredSignals(self.loop, lambda text: self._say(f"{self.name}: {text}"))
        self.begin(wanted)
        verbs = {**self.verbs(), "reload": self.reloads.ask, "leave": self.leave, "adopt": self.adopt}
        self.control = ControlServer(
            self.loop,
            self.socket,
            verbs,
            self.reporter.events,
            restored=self._restored,
            listening=self.listening,
            remake=self.programs.make_socket,
            daemon=self.parent_watch.user,
        )
        gc.freeze()

    def settle(self, wanted: Configuration) -> None:
        """Do what needs root, as no predecessor runs any more, and give root up.  Raises OSError.

        On a host without the system user, or for a daemon that root has not started, this process stays what it is.
        """
        row, user = WORKERS[self.name], on_this_host()
        if isinstance(user, SystemUser):
            user = privileges.obstacle() or user
        own_files.prepare(row, self.options.runtime_dir, self.options.state_dir, user)
        self.listening = ControlSocket(self.socket)
        if isinstance(user, SystemUser):
            privileges.give_up(user, needed(row, wanted))
        elif runs_as_it():
            privileges.keep(needed(row, wanted))
        elif os.geteuid() == 0:
            log.log(f"{self.name}: runs as root: {user}", log.NOTICE)

    def stop(self) -> None:
        """Release everything and run the scripts of a stop, once; then the loop ends."""
        if self.stopping:
            return
        self.stopping = True
        self.reloads.end(f"{self.name} is stopping")
        self.notifier.part(self.scripts_at_stop, self.loop.stop)
        self.release()

    def leave(self, _unused: Mapping[str, Any]) -> Answer:
        """The verb `leave`: end at once and release nothing.  One that is stopping ends soon anyway, in order."""
        if not (self.stopping or self.left):
            self.left = True
            self.reloads.end(f"a successor takes the place of {self.name}")
            self.depart()
            self.loop.call_at(self.loop.now, self.loop.stop)
        return {}

    def adopt(self, request: Mapping[str, Any]) -> Answer:
        """The verb `adopt`, see parent_watch.py.  Raises Refused."""
        answer = self.parent_watch.adopt(request)
        if self.programs.lost:
            self.loop.call_at(self.loop.now, self._make_room)
        return answer

    def close(self) -> None:
        """Give back what was opened; neither the worker nor its loop can be used again."""
        self.parent_watch.close()
        self.reloads.end(f"{self.name} has ended")
        if self.control is not None:
            self.control.close()
        elif self.listening is not None:
            self.listening.close()
        self.dispose()
        if self.link is not None:
            self.link.close()
        self.programs.close()
        self.loop.close()

    def _take_on(self, wanted: Configuration) -> Answer:
        """Raises Refused; with `replace`, so that the parent starts another process, which has a starter."""
        if self.starts_none and conf.needs_starter(wanted):
            raise Refused("it has no starter for the programs that are named now", replace=True)
        return self.take(wanted)

    def _refused(self, why: str) -> None:
        self.reporter.say("reload", self.name, f"{self.name}: reload refused: {why}", log.ERROR)

    def _programs_judged(self, refused: list[RefusedProgram], error: str | None) -> None:
        """The starter has read the configuration.  A parent of root has said what it found, with the line."""
        if error is not None:
            text = f"{self.name}: the programs stay those of the configuration before: {error}"
            self.reporter.say("script", self.name, text, log.ERROR)
        if self.options.parent is None or self.link is not None:
            for program in refused:
                self.reporter.say("script", program.program, str(program), log.ERROR)

    def _starter_lost(self, why: str) -> None:
        """Without a starter no program runs.  A parent starts another worker, with another starter, which goes on from
        here as after a crash; where there is no parent, this one goes on without programs until one adopts it.
        """
        self.reporter.say("script", self.name, f"{self.name}: {why}", log.ERROR)
        if self.parent_watch.parent is not None:
            self._make_room()

    def _make_room(self) -> None:
        self.leave({})

    def _restored(self) -> None:
        if not (self.stopping or self.left):
            self.write_again()

    def _say(self, text: str) -> None:
        self.reporter.say("worker", self.name, text)
