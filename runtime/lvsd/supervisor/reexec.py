# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parent becomes the program that is installed now, in the same process: no worker stops, systemd sees no restart.

    rehearsal   the new program reads the configuration and imports all it needs, as a child; a failure changes nothing
    become      execve(2): same pid, same parent of the workers, same lock, signals kept for the new image

What can fail is tried by the child; what comes behind execve is done by `Takeover`, as after a crash.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from lvsd.control.peer import ordered
from lvsd.control.server import EventLog, Later
from lvsd.loop import Loop
from lvsd.record import record
from lvsd.signals import USELESS
from lvsd.version import described
from lvsd.worker import own_files

from . import sdnotify
from .process_status import ending
from .reload_queue import Reloads

PROGRAM = "LVSD_PROGRAM"  # the path of the program that runs whatever version is current; from its wrapper
REHEARSAL = "LVSD_REHEARSAL"  # set: `-t` imports what a daemon imports, and accepts what a daemon accepts
INHERITANCE = "LVSD_INHERITANCE"  # JSON, from one image to the next
REHEARSE_WITHIN = 30.0  # seconds
HELD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, *USELESS)  # until the loop of the new image listens to them


@record(frozen=True, slots=True)
class Program:
    """How to start this daemon again: the words before its options, and its options, both from `directory`."""

    words: tuple[str, ...]
    options: tuple[str, ...]
    directory: str

    @classmethod
    def running(cls) -> Program:
        """The installed program where there is one, else exactly what was typed; to be asked before any chdir."""
        options = tuple(sys.argv[1:])
        if installed := os.environ.get(PROGRAM):
            return cls((installed,), options, os.getcwd())
        typed = sys.orig_argv[1 : len(sys.orig_argv) - len(options)]
        return cls((sys.executable, *typed), options, os.getcwd())


@record(frozen=True, slots=True)
class Inheritance:
    """What one image leaves to the next: the descriptor that holds the lock, and which version it was."""

    lock: int
    release: str | None
    digest: str | None

    @classmethod
    def taken(cls) -> Inheritance | None:
        """Ours, taken out of the environment; None for a process that was started, or if it is not understood."""
        try:
            said = json.loads(os.environ.pop(INHERITANCE, "null"))
            return cls(int(said["lock"]), said["release"], said["digest"])
        except (ValueError, TypeError, KeyError):
            return None


class Reexec:
    """The requests to become the installed program: one at a time."""

    def __init__(self, loop: Loop, program: Program, lock: int, reloads: Reloads, events: EventLog) -> None:
        self.loop = loop
        self.program = program
        self.lock = lock
        self.reloads = reloads
        self.events = events
        self.directory = reloads.runtime_dir
        self._rehearsal: Rehearsal | None = None

    def ask(self, later: Later) -> None:
        """The verb `reexec`: answered when nothing can fail any more that was foreseen, or refused."""
        if self._rehearsal:
            later.refuse("another version is being tried already")
            return

        by, order = ordered([later.peer])
        self.events.add("worker", "lvsd", f"lvsd: told by {by} to become the installed version", change="told", **order)

        def done(reason: str | None, findings: list[dict[str, Any]]) -> None:
            self._rehearsal = None
            if reason is None:
                self.reloads.when_idle(lambda: self._become(later))
            else:
                self.events.add("worker", "lvsd", f"lvsd: this version stays: {reason}", change="kept")
                later.refuse(reason, findings=findings)

        try:
            self._rehearsal = Rehearsal(self.loop, self.program, done)
        except OSError as error:
            later.refuse(f"{self.program.words[0]} cannot be started: {error.strerror}", findings=[])

    def cancel(self) -> None:
        """End a rehearsal that runs."""
        if self._rehearsal:
            self._rehearsal.cancel()

    def _become(self, later: Later) -> None:
        later.answer({"pid": os.getpid(), **described()})
        self.reloads.end("lvsd is becoming another version; ask again")
        sdnotify.reloading()
        sdnotify.notify("WATCHDOG=1")
        self._share()
        try:
            become(self.program, self.lock)
        except OSError as error:
            sdnotify.notify("READY=1")
            self.reloads.go_on()
            self.events.add("worker", "lvsd", f"lvsd: this version stays: {error}", change="kept")

    def _share(self) -> None:
        """The installed version may be an older one, whose workers look for what ours leave in another place."""
        try:
            own_files.share(self.directory)
        except OSError as error:
            self.events.add("worker", "lvsd", f"lvsd: an older version would begin anew: {error}", change="share")


class Rehearsal:
    """Runs the program with `-t`; `done` gets None, or the reason why it must not run, and its findings."""

    def __init__(self, loop: Loop, program: Program, done: Callable[[str | None, list[dict[str, Any]]], None]) -> None:
        """Raises OSError where the program cannot even be started."""
        self._done = done
        self._late = False
        self._out, self._err = os.memfd_create("out"), os.memfd_create("err")
        try:
            self._process = loop.watch_process(self._spawn(program), self._ended)
        except OSError:
            os.close(self._out)
            os.close(self._err)
            raise
        self._timer = loop.call_later(REHEARSE_WITHIN, self._give_up)

    def cancel(self) -> None:
        """End it; `done` is still called."""
        self._process.send(signal.SIGKILL)

    def _spawn(self, program: Program) -> int:
        argv = [*program.words, "-t", "--json", *program.options]
        kept = {name: value for name, value in os.environ.items() if name not in sdnotify.VARIABLES}
        files = [(os.POSIX_SPAWN_DUP2, self._out, 1), (os.POSIX_SPAWN_DUP2, self._err, 2)]
        with contextlib.chdir(program.directory):
            return os.posix_spawn(argv[0], argv, {**kept, REHEARSAL: "1"}, file_actions=files, setpgroup=0)

    def _give_up(self) -> None:
        self._late = True
        self.cancel()

    def _ended(self, code: int | None) -> None:
        self._timer.cancel()
        out, err = _contents(self._out), _contents(self._err)
        if code == 0:
            self._done(None, [])
        elif self._late:
            self._done(f"the new version took longer than {REHEARSE_WITHIN:g} s to read the configuration", [])
        else:
            findings = _findings(out)
            last = (err.strip().splitlines() or [""])[-1]
            first = "{path}:{line}: {message}".format(**findings[0]) if findings else last
            self._done(f"the new version cannot run: {first or ending(code)}", findings)


def become(program: Program, lock: int) -> None:
    """Execute `program` in this process.  Raises OSError where that is not possible; then all is as before."""
    here = os.getcwd()
    environment = {**os.environ, INHERITANCE: json.dumps({"lock": lock, **described()})}
    try:
        os.chdir(program.directory)
        signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        os.set_inheritable(lock, True)
        os.execve(program.words[0], [*program.words, *program.options], environment)
    except OSError:
        os.set_inheritable(lock, False)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
        os.chdir(here)
        raise


def _contents(fd: int) -> str:
    with open(fd, "rb") as file:
        file.seek(0)
        return file.read(1 << 20).decode(errors="replace")


def _findings(out: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(out)["findings"]
        return [finding for finding in found if {"path", "line", "message"} <= finding.keys()]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []
