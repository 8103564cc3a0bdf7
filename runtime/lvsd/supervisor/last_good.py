# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration that runs, and its copy in RUNTIME_DIR for a parent that starts over a broken file.

RUNTIME_DIR/lvsd.conf.good      canonical text, mode 0640
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from lvsd import conf, log, regular_files
from lvsd.conf import Loaded

from . import worker_config as parts
from .worker_config import Parts

ROOT = 0


@dataclass(slots=True)
class RunningConfiguration:
    """A configuration, and its parts as the workers have them."""

    loaded: Loaded
    parts: Parts
    fallback: str | None = None  # why this is the last good configuration, and not what the file says
    loaded_at: float = field(default_factory=time.time)


def keep_good(runtime_dir: Path, loaded: Loaded) -> None:
    """Remember what runs; a full disk is no reason not to run it."""
    try:
        regular_files.place(_file(runtime_dir), conf.render(loaded.configuration).encode("utf-8"))
    except OSError as error:
        log.log(f"lvsd: {_file(runtime_dir)} could not be written: {error.strerror}", log.WARNING)


def last_good(runtime_dir: Path) -> Loaded | None:
    """What ran before; None where no file says it that root or this process's user has written."""
    try:
        with open(regular_files.opened(_file(runtime_dir), os.O_RDONLY), "rb") as file:
            if os.fstat(file.fileno()).st_uid not in (ROOT, os.geteuid()):
                return None
            text = file.read(parts.LARGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    loaded = conf.parse(text, str(_file(runtime_dir)))
    return None if loaded.refused else loaded


def _file(runtime_dir: Path) -> Path:
    return runtime_dir / "lvsd.conf.good"
