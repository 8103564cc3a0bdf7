# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""MISC_CHECK: a program says how the server is, with its exit status.

0 is good, anything else bad; with `misc_dynamic` 2..255 is good, too, and asks for the weight status - 2.  After
`misc_timeout` its process group gets SIGTERM, and SIGKILL `GRACE` seconds later, as keepalived does.  A program that
cannot be started says nothing about the server.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lvsd.loop import Loop, Timer
from lvsd.notify import default_user, environment, identity

from ..health import Result
from ..schedule import MiscProbe
from .connection import Ending, unlooked

GRACE = 2.0
HARD_LIMIT = 2 * GRACE  # past misc_timeout: even a program that no signal ends does not hold its check


class MiscAttempt:
    def __init__(self, loop: Loop, probe: MiscProbe, timeout: float, done: Callable[[Result], None]) -> None:
        """`timeout` is the `misc_timeout`."""
        self._loop = loop
        self._probe = probe
        self._timeout = timeout
        self._late = False
        self._process: subprocess.Popen[bytes] | None = None
        self._timers: list[Timer] = []
        self._ending = Ending(loop, timeout + HARD_LIMIT, done, lambda: None)
        self._ending.doing = "running"
        try:
            self._process = spawn(probe)
        except (OSError, KeyError, ValueError, subprocess.SubprocessError) as error:
            self._ending.finish_soon(unstartable(error))
            return
        self._timers.append(loop.call_later(timeout, self._stop))
        loop.watch_child(self._process.pid, self._ended)

    def cancel(self, at_once: bool = False) -> None:
        """The program is ended, too: `at_once`, or with time to end by itself."""
        if not self._ending.ended:
            self._ending.cancel()
            if at_once:
                self._signal(signal.SIGKILL)
            else:
                self._stop()

    def _ended(self, code: int) -> None:
        assert self._process is not None
        self._process.returncode = code  # reaped by the loop: Popen must not wait for it
        for timer in self._timers:
            timer.cancel()
        if self._late:
            self._signal(signal.SIGKILL)  # what it has left behind in its group
            self._ending.finish(Result(False, f"timeout after {self._timeout:g} s"))
        else:
            self._ending.finish(verdict(code, self._probe.dynamic))

    def _stop(self) -> None:
        self._late = True
        self._signal(signal.SIGTERM)
        self._timers.append(self._loop.call_later(GRACE, lambda: self._signal(signal.SIGKILL)))

    def _signal(self, number: int) -> None:
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except (ProcessLookupError, PermissionError):
                pass


def verdict(code: int, dynamic: bool) -> Result:
    """`code` is the exit status; negative: the signal that ended it."""
    if code < 0:
        return Result(False, f"ended by signal {-code}")
    if dynamic and code >= 2:
        return Result(True, f"exit status {code}: weight {code - 2}", weight=code - 2)
    return Result(code == 0, f"exit status {code}")


def spawn(probe: MiscProbe) -> subprocess.Popen[bytes]:
    """Run the words as they are, in a process group of their own. Raises OSError; KeyError for an unknown user."""
    words, user, group = probe.command.words, probe.command.user, probe.command.group
    uid, gid, groups = identity(user or default_user(), group)
    settings: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": environment(os.environ),
        "start_new_session": True,
        "user": uid,
        "group": gid,
        "extra_groups": groups,
    }
    try:
        return subprocess.Popen(words, **settings)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return subprocess.Popen(["/bin/sh", *words], **settings)  # a script without #!, as a shell would take it


def unstartable(error: Exception) -> Result:
    found = unlooked(error)
    return replace(found, detail=f"cannot run: {found.detail}")
