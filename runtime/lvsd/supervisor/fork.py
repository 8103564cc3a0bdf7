# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker as a fork of its parent: it has every module in memory already, so it works a few milliseconds later.

A crashed router is worth nothing to its peers when its successor needs the protocol's whole patience to import
Python's modules (a third of a second, ten times that on an emulated processor); and the parent's memory is shared.
Nothing else of the parent stays: no descriptor, no signal handler of its own, no stack to return to.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from lvsd.forked import keep_only
from lvsd.signals import USELESS, unheard

from .sdnotify import VARIABLES

ALL_SIGNALS = signal.valid_signals()


class CannotStart(Exception):
    """There is no process, and this is why."""


def fork(work: Callable[[], int]) -> int:
    """Run `work` in a child, which ends with the exit code that it returns; the pid.  Raises CannotStart.

    The child leads a process group of its own: Control-C reaches the parent alone, which stops the workers in order.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    gc.collect()
    gc.freeze()  # what exists now is left alone by both collectors, for good: a page is shared until one writes to it
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ALL_SIGNALS)  # none may meet the parent's handlers in the child
    try:
        pid = os.fork()
        if pid == 0:
            _be(work)
    except OSError as error:
        raise CannotStart(str(error)) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return pid


def _be(work: Callable[[], int]) -> NoReturn:
    code = 1
    try:
        _forget_the_parent()
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        try:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        finally:
            os._exit(code)  # whatever happens: the parent's stack is not the child's to return to


def _forget_the_parent() -> None:
    os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    for number in ALL_SIGNALS - {signal.SIGKILL, signal.SIGSTOP}:
        if number in USELESS:
            signal.signal(number, unheard)
        elif callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    keep_only()
    for name in VARIABLES:
        os.environ.pop(name, None)
    signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGHUP])  # it waits until the worker's loop listens to it
