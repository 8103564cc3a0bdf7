# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a loop of the daemon in a test until something is so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lvsd.loop import Loop


def run_until(
    loop: Loop, there: Callable[[], Any], within: float = 10, why: Callable[[], str] = lambda: "", every: float = 0.01
) -> None:
    """Run `loop` until `there` is true.  Raises AssertionError, with `why`, after `within` seconds."""
    deadline = time.monotonic() + within

    def look() -> None:
        assert time.monotonic() < deadline, why()
        if there():
            loop.stop()
        else:
            loop.call_later(every, look)

    loop.call_later(0, look)
    loop.run()
