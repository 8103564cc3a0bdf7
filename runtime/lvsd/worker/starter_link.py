# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker of a daemon without root asks systemd for its starter, by connecting to a socket (lvsd-starter.socket).

        the configuration names a program   the starter has ended, or systemd could not start it
(none) ───────────────────────────────▶ (linked) ───────────┐
                                           ▲                ▼
                                           └─────────── (absent)
                                    again after a pause, which grows

Meanwhile no program is run; the worker says why, once, and does all its other work.  A worker whose configuration names
no program asks for no starter: it would have 11 MB of its own, for nothing.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from lvsd import conf
from lvsd.log import ERROR, NOTICE
from lvsd.loop import Timer
from lvsd.model import Configuration
from lvsd.programs.client import Judged, Programs
from lvsd.programs.protocol import NotRun, RefusedProgram

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds


def socket_of(runtime_dir: Path) -> Path:
    """Where systemd listens: beside RUNTIME_DIR, which belongs to the system user."""
    return runtime_dir.with_name(f"{runtime_dir.name}-starter.sock")


class StarterLink:
    """Joins `programs` to a starter at the socket `path`, again whenever that has ended.

    `judged` is that of Programs.connect; `say` gets a line for the log and how severe it is.
    """

    def __init__(
        self,
        programs: Programs,
        path: Path,
        judged: Judged,
        say: Callable[[str, int], None],
    ) -> None:
        self._programs, self._path = programs, path
        self._judged, self._say = judged, say
        self._wanted = Configuration()
        self._pause = FIRST_PAUSE
        self._timer: Timer | None = None
        self._why = ""  # there is no starter; that was said
        self._since = 0.0
        programs.unserved, programs.follow = self._unserved, self.follow

    def follow(self, wanted: Configuration) -> None:
        """Have a starter read the configuration `wanted`; where that names no program, none is asked for."""
        self._wanted = wanted
        if self._programs.connected:
            self._programs.configure()
        elif self._timer is None:
            self._connect()

    def _connect(self) -> None:
        """Connect, or try again later.  It never waits: systemd accepts whenever it comes to that."""
        self._timer = None
        if not conf.needs_starter(self._wanted):
            self._why = ""
            return
        kind, connection = socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, None
        try:
            connection = socket.socket(socket.AF_UNIX, kind)
            connection.connect(os.fspath(self._path))
        except OSError as error:
            if connection is not None:
                connection.close()
            self._absent(f"{self._path}: {(error.strerror or str(error)).lower()}")
            return
        self._programs.connect(connection, self._answered, self._absent)
        self._programs.configure()

    def close(self) -> None:
        """Try no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _answered(self, refused: list[RefusedProgram], error: str | None) -> None:
        self._pause = FIRST_PAUSE
        if self._why:
            self._why = ""
            self._say("programs are run again", NOTICE)
        self._judged(refused, error)

    def _absent(self, why: str) -> None:
        self._programs.lost = False  # this worker stays: it gets another starter
        self._programs.absence = NotRun(f"there is no starter: {why}", known=True)
        if not conf.needs_starter(self._wanted):
            return
        if not self._why:
            self._since = time.time()
            self._say(f"no program is run until systemd has started a starter (lvsd-starter.socket): {why}", ERROR)
        self._why = why
        self._timer = self._programs.loop.call_later(self._pause, self._connect)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _unserved(self) -> list[RefusedProgram]:
        reason = self._programs.absence.reason
        default = self._wanted.global_defs.script_user or ""
        return [
            RefusedProgram(command.words[0], command.user or default, reason, self._since)
            for command in dict.fromkeys(conf.commands(self._wanted))
        ]
