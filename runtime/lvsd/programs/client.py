# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way in which a worker has a program started: it tells its starter, and hears how the program ended.

programs = Programs(loop)
programs.connect(connection, judged, lost)
programs.take(configuration)
run = programs.start(command, ("INSTANCE", "VI_1"), limit=60, grace=5, done=ended, refused=not_run)

An order is one `send` that does not wait; what the socket has no room for is sent when it has.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from lvsd import conf
from lvsd.loop import Loop, Timer
from lvsd.model import Command, Configuration

from . import protocol
from .protocol import Ended, NotRun, RefusedProgram

GIVE_UP = 2.0  # seconds behind SIGKILL: a process that no signal ends (state D) holds no other program up
SETTLED_WITHIN = 5.0  # seconds
JUDGED_WITHIN = 1.0  # seconds; then what was known before is the answer
FLUSHED_WITHIN = 1.0  # seconds at the end, for orders that had no room
HAS_ENDED = "the process that starts programs has ended"
NOT_THERE = "there is no process that starts programs"

Done = Callable[[Ended], None]
NotBegun = Callable[[NotRun], None]
Shown = list[dict[str, Any]]
Judged = Callable[[list[RefusedProgram], "str | None"], None]
"""Gets the programs that are not run, and why the configuration was not taken on, if it was not."""


class Programs:
    """The programs that a worker's configuration names, started by the starter at the other end of a socket."""

    def __init__(self, loop: Loop) -> None:
        """Without a connection no program is run."""
        self.loop = loop
        self.lost = False  # there was a starter, and it has ended
        self.absence = NotRun(NOT_THERE)  # why no program is run while there is no connection
        self.unserved: Callable[[], list[RefusedProgram]] | None = None  # the programs that are not run for that reason
        self.follow: Callable[[Configuration], None] | None = None  # has a starter of systemd's read a configuration
        self._any_named = False  # the configuration that was taken last names a program
        self._connection: socket.socket | None = None
        self._judged: Judged = lambda _programs, _error: None
        self._tell_lost: Callable[[str], None] = lambda _why: None
        self._numbers = count(1)
        self._runs: dict[int, Run] = {}
        self._sockets: dict[int, Callable[[socket.socket | None], None]] = {}  # that were asked for
        self._waiting: deque[bytes] = deque()  # orders for which the socket had no room
        self._refused: list[RefusedProgram] = []
        self._named: list[RefusedProgram] = []  # those of the answer that is arriving
        self._configuring = 0  # the last order to configure that has not been answered
        self._settling: list[tuple[Callable[[], None], Timer]] = []
        self._asked: dict[int, tuple[Callable[[Shown], None], Timer]] = {}

    def connect(self, connection: socket.socket, judged: Judged, lost: Callable[[str], None]) -> None:
        """Use this starter.  `judged` hears the answer to each `configure`; `lost` why the starter has ended, once."""
        connection.setblocking(False)
        self.lost = False
        self._connection, self._judged, self._tell_lost = connection, judged, lost
        self.loop.add_reader(connection.fileno(), self._receive)

    @property
    def connected(self) -> bool:
        """Whether there is a starter."""
        return self._connection is not None

    def take(self, wanted: Configuration) -> None:
        """Have the programs of `wanted`, which is the worker's configuration now, be those that are started."""
        before, self._any_named = self._any_named, conf.needs_starter(wanted)
        if self.follow is not None:
            self.follow(wanted)
        elif before or self._any_named:
            self.configure()

    def configure(self) -> None:
        """Have the starter, where there is one, read the configuration, which is another one now."""
        if self._connection is not None:
            self._configuring = next(self._numbers)
            self._send(protocol.packet(protocol.ConfigureOrder(self._configuring)))

    def settled(self, then: Callable[[], None]) -> None:
        """Call back once the starter has read what `configure` told it to, so that the file may become another one.

        At once where it has; after some seconds where it does not answer.
        """
        if not self._configuring:
            then()
            return
        self._settling.append((then, self.loop.call_later(SETTLED_WITHIN, self._settle)))

    def refused(self, then: Callable[[Shown], None]) -> None:
        """Call back with the programs that are not run, for `show`: as it is now, or, from a starter that does not
        answer within a second, as it was."""
        if self._connection is None:
            then([program.shown() for program in (self.unserved() if self.unserved else self._refused)])
            return
        asked = next(self._numbers)
        self._asked[asked] = then, self.loop.call_later(JUDGED_WITHIN, lambda: self._answer(asked))
        self._send(protocol.packet(protocol.JudgeOrder(asked)))

    def start(
        self,
        command: Command,
        arguments: tuple[str, ...] = (),
        *,
        limit: float,
        grace: float,
        done: Done,
        refused: NotBegun,
    ) -> Run:
        """Have a program started; later, exactly one of `done` and `refused` is called.

        The caller ends it after `limit` seconds; `grace` seconds lie between SIGTERM and SIGKILL.
        """
        number = next(self._numbers)
        most = protocol.SECONDS
        order = protocol.StartOrder(number, command, arguments, min(limit, most), min(grace, most))
        run = Run(self, number, grace, done, refused)
        packet = protocol.packet(order)
        if self._connection is None:
            self.loop.call_at(self.loop.now, lambda: run.refuse(NotRun(HAS_ENDED) if self.lost else self.absence))
        elif len(packet) > protocol.LONGEST:
            self.loop.call_at(self.loop.now, lambda: run.refuse(NotRun("its arguments are too long")))
        else:
            self._runs[number] = run
            self._send(packet)
        return run

    def make_socket(self, then: Callable[[socket.socket | None], None]) -> None:
        """Have the control socket of this worker made again; `then` gets it, None where there can be none."""
        if self._connection is None:
            self.loop.call_at(self.loop.now, lambda: then(None))
            return
        asked = next(self._numbers)
        self._sockets[asked] = then
        self._send(protocol.packet(protocol.SocketOrder(asked)))

    def end(self, run: int, *, at_once: bool) -> None:
        """Tell the starter to end a run; nothing happens where it has ended already."""
        if run in self._runs:
            self._send(protocol.packet(protocol.EndOrder(run, at_once)))

    def close(self) -> None:
        """Let the starter end, behind all that it was told; no callback is called any more."""
        for _unused, timer in (*self._asked.values(), *self._settling):
            timer.cancel()
        self._asked.clear()
        self._settling.clear()
        connection = self._disconnect()
        if connection is None:
            return
        connection.settimeout(FLUSHED_WITHIN)
        try:
            while self._waiting:
                connection.send(self._waiting.popleft(), socket.MSG_NOSIGNAL)
        except OSError:  # it has ended, or does not read
            pass
        connection.close()

    # --- the socket ---

    def _send(self, packet: bytes) -> None:
        if self._connection is None:
            return
        if self._waiting:
            self._waiting.append(packet)
            return
        try:
            self._connection.send(packet, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            self._waiting.append(packet)
            self.loop.add_writer(self._connection.fileno(), self._send_more)
        except OSError:
            self.loop.call_at(self.loop.now, lambda: self._lose(HAS_ENDED))

    def _send_more(self) -> None:
        assert self._connection is not None
        self.loop.remove_writer(self._connection.fileno())
        waiting, self._waiting = self._waiting, deque()
        for packet in waiting:
            self._send(packet)

    def _receive(self) -> None:
        assert self._connection is not None
        try:
            received, passed, _flags, _address = socket.recv_fds(self._connection, protocol.LONGEST + 1, 1)
        except BlockingIOError:
            return
        except OSError:
            received, passed = b"", []
        bound = None
        if passed:
            bound = socket.socket(fileno=passed[0])
            bound.set_inheritable(False)  # recv_fds of Python 3.11 passes no flags on
        if not received:
            self._lose(HAS_ENDED)
            return
        try:
            self._hear(protocol.report(received), bound)
        except protocol.Garbled as error:
            self._lose(f"the process that starts programs cannot be understood: {error}")

    def _hear(self, report: protocol.Report, bound: socket.socket | None) -> None:
        match report:
            case protocol.EndReport(number, how):
                if run := self._runs.pop(number, None):
                    run.tell(how)
            case protocol.RefusalReport(number, why):
                if run := self._runs.pop(number, None):
                    run.refuse(why)
            case RefusedProgram():
                self._named.append(report)
            case protocol.JudgedReport(asked):
                self._refused, self._named = self._named, []
                self._answer(asked)
            case protocol.ConfiguredReport(asked, error):
                self._refused, self._named = self._named, []
                self._judged(self._refused, error)
                if asked == self._configuring:
                    self._settle()
            case protocol.SocketReport(asked, error):
                if then := self._sockets.pop(asked, None):
                    then(bound if error is None else None)
            case protocol.FailureReport(text):
                self._lose(f"{HAS_ENDED}: {text}")

    def _answer(self, asked: int) -> None:
        if asked in self._asked:
            then, timer = self._asked.pop(asked)
            timer.cancel()
            then([program.shown() for program in self._refused])

    def _settle(self) -> None:
        self._configuring = 0
        settling, self._settling = self._settling, []
        for then, timer in settling:
            timer.cancel()
            then()

    def _lose(self, why: str) -> None:
        """The starter has ended, and so has the worker's knowledge of every run."""
        connection = self._disconnect()
        if connection is None:
            return
        connection.close()
        self.lost = True
        self._waiting.clear()
        runs, self._runs = self._runs, {}
        for run in runs.values():
            run.tell(Ended(None, HAS_ENDED))
        sockets, self._sockets = self._sockets, {}
        for then in sockets.values():
            then(None)
        for asked in list(self._asked):
            self._answer(asked)
        self._settle()
        self._tell_lost(why)

    def _disconnect(self) -> socket.socket | None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self.loop.remove(connection.fileno())
        return connection


class Run:
    """A program that was ordered; it is told once how that ended."""

    def __init__(self, programs: Programs, number: int, grace: float, done: Done, refused: NotBegun) -> None:
        self._programs = programs
        self._number = number
        self._grace = grace
        self._done = done
        self._refused = refused
        self._over = False
        self._timer: Timer | None = None

    def stop(self) -> None:
        """SIGTERM now, SIGKILL after the grace; `done` is called when it has ended."""
        self._end(self._grace, at_once=False)

    def kill(self) -> None:
        """SIGKILL now, to it and to all that it has started."""
        self._end(0.0, at_once=True)

    def tell(self, how: Ended) -> None:
        """Say how it ended, unless that was said already."""
        if self._finish():
            self._done(how)

    def refuse(self, why: NotRun) -> None:
        """Say that it has not begun."""
        if self._finish():
            self._refused(why)

    def _end(self, grace: float, *, at_once: bool) -> None:
        if self._over:
            return
        self._programs.end(self._number, at_once=at_once)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._programs.loop.call_later(grace + GIVE_UP, lambda: self.tell(Ended(None)))

    def _finish(self) -> bool:
        """Whether it was not over."""
        if self._timer is not None:
            self._timer.cancel()
        before, self._over = self._over, True
        return not before
