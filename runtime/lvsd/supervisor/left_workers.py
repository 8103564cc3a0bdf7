# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a parent that has ended in no order may have left in RUNTIME_DIR: workers that run, and notes of the others."""

from __future__ import annotations

import os
from pathlib import Path

from lvsd.control.server import Unreachable, request
from lvsd.worker.handover import is_worker
from lvsd.worker.registry import WORKERS


def something_is_left(runtime_dir: Path) -> bool:
    """Whether a worker runs, or has ended in no order: what it noted is there, and what it holds may be in the kernel.

    A worker that stops removes its note, and a boot all of them.
    """
    found = (serving(runtime_dir / worker.socket) for worker in WORKERS.values())
    noted = (os.path.lexists(runtime_dir / worker.state) for worker in WORKERS.values())
    return any(pid is not None and is_worker(pid) for pid in found) or any(noted)


def serving(control: Path) -> int | None:
    """Return the process that answers at a control socket; None where none does within two seconds."""
    try:
        return int(request(control, "ping", timeout=2)["pid"])
    except (Unreachable, KeyError, TypeError, ValueError):
        return None
