# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that stops itself (SIGSTOP) right behind its reading of the clock, when a file says so; it removes the file.

Usage: stopping.py FILE MODULE ARGUMENTS-OF-LVSD...
MODULE is the one of ours that reads the clock: lvsd.loop in each wake-up, lvsd.vrrp.worker when it begins.
"""

import os
import signal
import sys
import time
from importlib import import_module
from types import SimpleNamespace

from lvsd import __main__


def clock(file: str) -> SimpleNamespace:
    """The module `time`, as far as ours use it."""

    def monotonic() -> float:
        now = time.monotonic()
        if os.path.exists(file):
            os.unlink(file)
            os.kill(os.getpid(), signal.SIGSTOP)
        return now

    return SimpleNamespace(**{**vars(time), "monotonic": monotonic})


if __name__ == "__main__":
    vars(import_module(sys.argv[2]))["time"] = clock(sys.argv[1])
    sys.argv[:] = ["lvsd", *sys.argv[3:]]
    sys.exit(__main__.main())
