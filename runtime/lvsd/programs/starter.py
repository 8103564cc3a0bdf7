# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process beside a worker that starts programs, and parses nothing from the network.

    the worker ──▶ the configuration's programs, with arguments ──▶ the starter ──▶ subreaper ──▶ the program
               ◀── refused, or how it ended ◀──────────────────────

A worker forks it before it opens anything; a socket pair joins the two.  `serve` takes a connected socket and the path
of a part of the configuration, and nothing else.  The part belongs to root: the starter reads it when the worker says
that there is another one, and runs the programs that it names and no others, each as the account that it names.

When the worker's end of the pair is closed, the starter carries out what it was told before, lets the programs end
(each has its limit) and ends.  What it cannot understand ends the conversation, too.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from lvsd import capabilities, conf
from lvsd.forked import keep_only, leave_the_terminal, set_name
from lvsd.loop import Loop
from lvsd.signals import USELESS, unheard

from . import protocol
from .configured import ConfiguredPrograms
from .part import Load, NamedPrograms, read
from .protocol import Ended, NotRun
from .run import StartedProgram

NAME = "lvsd_starter"  # as `ps -o comm` shows it
RIGHTS = ("SETUID", "SETGID", "KILL", "DAC_READ_SEARCH")
ENDS_BY_ITSELF = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)  # when the worker's end is closed, not by a signal

Bind = Callable[[], socket.socket]
"""Makes the control socket of the worker again, as root.  Raises OSError."""

Read = Callable[[bool, Callable[[NamedPrograms], None]], object]
"""Begins to read what the configuration says now; (whether programs are known, what is called with that).

Raises OSError.
"""


class Starter:
    """Serves one worker on `connection`, a SOCK_SEQPACKET socket, until both its end and every program have ended."""

    def __init__(self, loop: Loop, connection: socket.socket, read: Read, bind: Bind | None = None) -> None:
        self.programs = ConfiguredPrograms()
        self._loop = loop
        self._connection: socket.socket | None = connection
        self._read = read
        self._bind = bind
        self._runs: dict[int, StartedProgram] = {}
        self._reading: int | None = None  # the order for which the configuration is being read
        self._read_again: int | None = None
        self._held: list[protocol.StartOrder | protocol.JudgeOrder] = []  # until the configuration has been read
        loop.add_reader(connection.fileno(), self._receive)

    def _receive(self) -> None:
        """One order in a turn of the loop; those that are in the socket's buffer come before its end."""
        assert self._connection is not None
        try:
            received = self._connection.recv(protocol.LONGEST + 1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        try:
            if received:
                self._carry_out(protocol.order(received))
                return
        except protocol.Garbled:
            pass
        self._hang_up()

    def _carry_out(self, order: protocol.Order) -> None:
        """Raises Garbled."""
        match order:
            case protocol.ConfigureOrder(asked):
                self._configure(asked)
            case protocol.StartOrder(run, command) if run in self._runs or run in self._held_runs():
                raise protocol.Garbled("a run of that number has not ended")
            case protocol.StartOrder(_, command) if self._reading is not None and not self.programs.names(command):
                self._held.append(order)
            case protocol.StartOrder():
                self._start(order)
            case protocol.JudgeOrder() if self._reading is not None:
                self._held.append(order)
            case protocol.JudgeOrder(asked):
                self._tell_refused(protocol.JudgedReport(asked))
            case protocol.EndOrder():
                self._end(order)
            case protocol.SocketOrder(asked):
                self._give_socket(asked)

    def _give_socket(self, asked: int) -> None:
        """Make the worker's control socket, and pass it; no other one, wherever the worker would like it."""
        if self._bind is None or self._connection is None:
            self._say(protocol.SocketReport(asked, "the starter was not told where"))
            return
        try:
            bound = self._bind()
        except OSError as error:
            self._say(protocol.SocketReport(asked, f"{error.filename}: {error.strerror}"))
            return
        with bound:
            try:
                packet = protocol.packet(protocol.SocketReport(asked))
                socket.send_fds(self._connection, [packet], [bound.fileno()], socket.MSG_NOSIGNAL)
            except OSError:  # the worker has gone: its end is read next
                pass

    def _start(self, order: protocol.StartOrder) -> None:
        account = self.programs.admit(order.command)
        if isinstance(account, NotRun):
            self._say(protocol.RefusalReport(order.run, account))
            return
        try:
            self._runs[order.run] = StartedProgram(self._loop, order, account, partial(self._ended, order.run))
        except OSError as error:
            why = NotRun(f"it cannot be started: {error.strerror}")
            self._say(protocol.RefusalReport(order.run, why))

    def _end(self, order: protocol.EndOrder) -> None:
        if order.run in self._runs:
            self._runs[order.run].end(at_once=order.at_once)
        elif order.run in self._held_runs():
            self._held = [held for held in self._held if getattr(held, "run", None) != order.run]
            self._say(protocol.EndReport(order.run, Ended(None, "it was ended before it had begun")))

    def _held_runs(self) -> list[int]:
        return [held.run for held in self._held if isinstance(held, protocol.StartOrder)]

    def _ended(self, run: int, how: Ended) -> None:
        del self._runs[run]
        self._say(protocol.EndReport(run, how))
        self._end_when_idle()

    def _configure(self, asked: int) -> None:
        if self._reading is not None:
            self._read_again = asked  # the reading may have begun before the file was another one
            return
        self._reading = asked
        try:
            self._read(self.programs.any_named(), self._have_read)
        except OSError as error:
            self._have_read(NamedPrograms(error=f"the configuration cannot be read: {error.strerror}"))

    def _have_read(self, named: NamedPrograms) -> None:
        """Take on what the configuration says, and carry out what waited for it; one that is wrong changes nothing."""
        assert self._reading is not None
        asked, self._reading = self._reading, None
        if named.error is None:
            self.programs.configure(named.defs, named.commands)
        self._tell_refused(protocol.ConfiguredReport(asked, named.error))
        if self._read_again is not None:
            again, self._read_again = self._read_again, None
            self._configure(again)
            return
        held, self._held = self._held, []
        for order in held:
            self._carry_out(order)
        self._end_when_idle()

    def _tell_refused(self, last: protocol.Report) -> None:
        for program in self.programs.refused():
            self._say(program)
        self._say(last)

    def _say(self, report: protocol.Report) -> None:
        if self._connection is not None:
            try:
                self._connection.send(protocol.packet(report), socket.MSG_NOSIGNAL)
            except OSError:  # the worker has gone: its end is read next
                pass

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._loop.remove(self._connection.fileno())
            self._connection.close()
            self._connection = None
        self._end_when_idle()

    def _end_when_idle(self) -> None:
        if self._connection is None and not self._runs and self._reading is None:
            self._loop.stop()


def serve(connection: socket.socket, path: Path, bind: Bind | None = None, load: Load = conf.load) -> None:
    """Be the starter of the worker at the other end, whose programs the file `path` names, which `load` reads."""
    loop = Loop()
    for number in (*USELESS, *ENDS_BY_ITSELF):
        signal.signal(number, unheard)
    Starter(loop, connection, partial(read, loop, path, load=load), bind)
    loop.run()


def fork(path: Path, bind: Bind | None = None, load: Load = conf.load) -> tuple[socket.socket, int]:
    """Start a starter for the part `path`, which `load` reads; the worker's end of the pair, and the process.

    Raises OSError.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # none may meet the worker's handlers
    try:
        pid = os.fork()
        if pid == 0:
            _be(theirs, path, bind, load)
    except OSError:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
    return ours, pid


def _be(connection: socket.socket, path: Path, bind: Bind | None, load: Load) -> NoReturn:
    """In the child, with all signals blocked; the worker's stack is not the child's to return to."""
    code = 1
    try:
        gc.freeze()  # what the worker has stays, so that no descriptor of its is closed twice
        _leave_the_worker(connection.fileno())
        serve(connection, path, bind, load)
        code = 0
    except BaseException as error:
        import traceback

        text = "".join(traceback.format_exception(error))
        connection.send(protocol.packet(protocol.FailureReport(text)), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    finally:
        os._exit(code)


def _leave_the_worker(connection: int) -> None:
    """Give up what a fork has of the worker: terminal, descriptors, signals, its name, the use of its rights.

    Raises OSError.
    """
    signal.set_wakeup_fd(-1)
    leave_the_terminal()
    keep_only(connection)
    set_name(NAME)
    capabilities.keep(RIGHTS)
    for number in (*USELESS, *ENDS_BY_ITSELF):
        signal.signal(number, unheard)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
