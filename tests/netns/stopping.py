# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that stops itself (SIGSTOP) right behind its reading of the clock, when a file says so; it removes the file.

Usage: stopping.py FILE ARGUMENTS-OF-LVSD...
"""

import os
import signal
import sys
import time
from types import SimpleNamespace

from lvsd import __main__, loop


def clock(file: str) -> SimpleNamespace:
    """The module `time`, as far as the loop uses it."""

    def monotonic() -> float:
        now = time.monotonic()
        if os.path.exists(file):
            os.unlink(file)
            os.kill(os.getpid(), signal.SIGSTOP)
        return now

    return SimpleNamespace(monotonic=monotonic, CLOCK_MONOTONIC=time.CLOCK_MONOTONIC)


if __name__ == "__main__":
    loop.time = clock(sys.argv[1])
    sys.argv[:] = ["lvsd", *sys.argv[2:]]
    sys.exit(__main__.main())
