# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarm clock of a loop: a timerfd with absolute times of CLOCK_MONOTONIC (timerfd_create(2)).

Python 3.13 is the first that has it; the daemon runs on 3.11, so the C library is called.
"""

from __future__ import annotations

import ctypes
import os
import time
from math import inf

_libc = ctypes.CDLL(None, use_errno=True)
_TFD_TIMER_ABSTIME = 1  # sys/timerfd.h
_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC  # TFD_NONBLOCK | TFD_CLOEXEC


class _Timespec(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


class _Itimerspec(ctypes.Structure):
    _fields_ = [("it_interval", _Timespec), ("it_value", _Timespec)]


class TimerFd:
    """A timer that a loop watches by its descriptor `fd`, which can be read once the time of `arm` has come.

    Raises OSError.
    """

    def __init__(self) -> None:
        self.fd: int = _libc.timerfd_create(time.CLOCK_MONOTONIC, _NONBLOCK_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._armed = inf

    def arm(self, deadline: float) -> None:
        """Ring at `deadline`, in seconds of CLOCK_MONOTONIC; inf: never."""
        if deadline == self._armed:
            return
        self._armed = deadline
        when = 0.0 if deadline == inf else max(deadline, 1e-9)
        seconds = int(when)
        spec = _Itimerspec(it_value=_Timespec(seconds, int((when - seconds) * 1e9) or int(deadline != inf)))
        if _libc.timerfd_settime(self.fd, _TFD_TIMER_ABSTIME, ctypes.byref(spec), None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def read(self) -> None:
        """Take note that it has rung: it is armed no more."""
        self._armed = inf
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.fd)
