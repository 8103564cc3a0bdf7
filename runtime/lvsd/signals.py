# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What signals are called, and what becomes of those that ask a process of ours for nothing.

keepalived's tools send SIGUSR1, SIGUSR2, SIGRTMIN+2 and others to have files written; the default of most signals
would end a process of ours, or stop it.  A signal that reports an error of the process itself (SIGSEGV and its kin)
keeps its default: the process ends and is started again.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from math import inf
from types import FrameType

from .loop import Loop, Timer

SAY_EVERY = 60.0  # seconds between two lines about one signal
RELOAD_EVERY = 1.0  # seconds between two reloads that signals ask for

_KEPT = {
    # an error of the process itself, or the order to end with a core dump: signal(7)
    *(signal.SIGQUIT, signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV),
    *(signal.SIGXCPU, signal.SIGSYS),
    # no process can choose
    *(signal.SIGKILL, signal.SIGSTOP),
    # every process of ours has a use for it
    *(signal.SIGTERM, signal.SIGINT, signal.SIGHUP),
    # they end nothing: by default, or because Python ignores them
    *(signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH, signal.SIGPIPE, signal.SIGXFSZ),
}
USELESS = frozenset(int(number) for number in signal.valid_signals()) - _KEPT


def name(number: int) -> str:
    """SIGUSR1, SIGRTMIN+2; those between the two ranges belong to the C library and have no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        pass
    if signal.SIGRTMIN < number < signal.SIGRTMAX:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
    return f"signal {number}"


def unheard(_number: int, _frame: FrameType | None) -> None:
    """A handler for a process that has no loop yet.  Programs that it executes have the default again."""


class IgnoredSignals:
    """Every signal of `USELESS` is ignored by the process of `loop`; `say` gets a line, once a minute for each."""

    def __init__(self, loop: Loop, say: Callable[[str], None]) -> None:
        self._loop = loop
        self._say = say
        self._said: dict[int, float] = {}
        for number in sorted(USELESS):
            loop.on_signal(number, partial(self._ignore, number))

    def _ignore(self, number: int) -> None:
        if self._loop.now - self._said.get(number, -inf) >= SAY_EVERY:
            self._said[number] = self._loop.now
            self._say(f"{name(number)} ignored: it asks for nothing here; what runs is shown by lvsctl")


class Coalesced:
    """Does `act` at the first call at once, and for all that follow within `RELOAD_EVERY` seconds once behind them."""

    def __init__(self, loop: Loop, act: Callable[[], object]) -> None:
        self._loop = loop
        self._act = act
        self._again = False
        self._pause: Timer | None = None

    def __call__(self) -> None:
        if self._pause is not None:
            self._again = True
            return
        self._pause = self._loop.call_later(RELOAD_EVERY, self._over)
        self._act()

    def _over(self) -> None:
        self._pause = None
        if self._again:
            self._again = False
            self()
