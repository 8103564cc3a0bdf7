# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program in the starter: started as its account, with a limit, and waited for.  It has been judged before."""

from __future__ import annotations

import os
from collections.abc import Callable

from lvsd.loop import Loop

from . import subreaper
from .identity import environment
from .protocol import Ended, StartOrder
from .security import Account

BACKSTOP = 1.0  # seconds: so much later the subreaper ends the program by itself, where no worker is left to do so

Done = Callable[[Ended], None]


class StartedProgram:
    """A program that runs; `done` is called once, when it and all that it has started have ended."""

    def __init__(self, loop: Loop, order: StartOrder, account: Account, done: Done) -> None:
        """Start the program of `order` as `account`.  Raises OSError."""
        task = subreaper.Task(
            words=(*order.command.words, *order.arguments),
            account=None if is_ours(account) else account,
            environment=environment(os.environ, account),
            limit=order.limit + BACKSTOP,
            grace=order.grace,
        )
        self._done = done
        pid, self._report = subreaper.fork(task)
        self._pid: int | None = pid
        loop.watch_child(pid, self._ended)

    def end(self, *, at_once: bool) -> None:
        """SIGTERM and, after its grace, SIGKILL; or `at_once` SIGKILL to it and to all that it has started."""
        if self._pid is not None:
            os.kill(self._pid, subreaper.AT_ONCE if at_once else subreaper.POLITELY)

    def _ended(self, _unused: int) -> None:
        self._pid = None
        told = b""
        try:
            told = os.read(self._report, 4096)
        except BlockingIOError:  # it has been killed before it could say anything, and the program runs on
            pass
        os.close(self._report)
        self._done(ended(told.decode()))


def ended(report: str) -> Ended:
    """What a subreaper has said."""
    said = dict(line.partition(" ")[::2] for line in report.splitlines())
    if "failed" in said:
        return Ended(None, f"did not start: {os.strerror(int(said['failed'])).lower()}")
    code = int(said["code"]) if "code" in said else None
    return Ended(code, None if code is not None else "it is not known how it ended", int(said.get("left", "0")))


def is_ours(account: Account) -> bool:
    """Whether nothing is to be changed for this account, as for root where the daemon is root."""
    return (account.uid, account.gid) == (os.geteuid(), os.getegid())
