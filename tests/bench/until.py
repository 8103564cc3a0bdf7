# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a state."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], within: float, what: str, every: float = 0.01) -> None:
    """Raises TimeoutError naming `what` when it has not come after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within:g} s in vain: {what}")
        time.sleep(every)
