# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each worker gets to do: its part of the configuration, as text in a file that an operator can read and start.

RUNTIME_DIR/vrrp.conf, RUNTIME_DIR/checker.conf and so on      mode 0640: passwords stay with root and its group
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lvsd import conf, regular_files
from lvsd.model import Configuration
from lvsd.options import Options
from lvsd.worker.registry import WORKERS

LARGEST = 64 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """The text of each worker's part, and the workers that have something to do."""

    texts: Mapping[str, str]
    needed: frozenset[str]


def split(configuration: Configuration, options: Options) -> Parts:
    """The parts of `configuration`.  A worker that may not run (-P, -C) gets an empty one."""
    whole = conf.parts(configuration)
    allowed = {name: whole[name] if name in options.workers else Configuration() for name in WORKERS}
    busy = {name for name, part in allowed.items() if getattr(part, WORKERS[name].blocks[0])}
    needed = set(options.workers) if options.all_workers else busy
    texts = {name: conf.render(part) for name, part in allowed.items()}
    for name, part in allowed.items():
        conf.foresee(file_of(options.runtime_dir, name), part, texts[name])  # a forked worker knows it already
    return Parts(texts, frozenset(needed))


def file_of(runtime_dir: Path, worker: str) -> Path:
    """Return the path of a worker's part of the configuration."""
    return runtime_dir / f"{worker}.conf"


def on_disk(runtime_dir: Path) -> dict[str, str]:
    """The texts that a parent before us has written, as far as they are there."""
    texts = {}
    for name in WORKERS:
        try:
            texts[name] = regular_files.read(file_of(runtime_dir, name), LARGEST).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return texts


def write(runtime_dir: Path, texts: Mapping[str, str]) -> None:
    """Put each text in its worker's file.  Raises OSError."""
    for name, text in texts.items():
        regular_files.place(file_of(runtime_dir, name), text.encode("utf-8"))
