# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each worker gets to do: its part of the configuration, as text in a file that an operator can read and start.

RUNTIME_DIR/vrrp.conf, RUNTIME_DIR/checker.conf and so on      mode 0640: passwords stay with root and the workers

Where the workers have a user of their own, the files belong to its group.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path

from lvsd import conf, regular_files
from lvsd.control.peer import member_of
from lvsd.model import Configuration
from lvsd.options import Options
from lvsd.record import record
from lvsd.worker import rights
from lvsd.worker.registry import WORKERS
from lvsd.worker.system_user import group_of_workers

LARGEST = 64 << 20  # bytes


@record(frozen=True, slots=True)
class Parts:
    """The text of each worker's part, and the workers that have something to do.

    `capabilities` are those that each needs for it, `reads_as_root` the workers whose part names files of root's.
    """

    texts: Mapping[str, str]
    needed: frozenset[str]
    capabilities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reads_as_root: frozenset[str] = frozenset()
    starts_programs: bool = False  # one of them does


def split(configuration: Configuration, options: Options) -> Parts:
    """The parts of `configuration`.  A worker that may not run (-P, -C) gets an empty one."""
    whole = conf.parts(configuration)
    allowed = {name: whole[name] if name in options.workers else Configuration() for name in WORKERS}
    busy = {name for name, part in allowed.items() if getattr(part, WORKERS[name].blocks[0])}
    needed = set(options.workers) if options.all_workers else busy
    texts = {name: conf.render(part) for name, part in allowed.items()}
    for name, part in allowed.items():
        conf.foresee(file_of(options.runtime_dir, name), part, texts[name])  # a forked worker knows it already
    capabilities = {name: rights.needed(WORKERS[name], part) for name, part in allowed.items()}
    reading = {name for name, part in allowed.items() if rights.reads_as_root(part)}
    programs = any(map(conf.needs_starter, allowed.values()))
    return Parts(texts, frozenset(needed), capabilities, frozenset(reading), programs)


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
    with _group() as group:
        for name, text in texts.items():
            regular_files.place(file_of(runtime_dir, name), text.encode("utf-8"), group=group)


def let_read(runtime_dir: Path, worker: str) -> None:
    """Have the worker's user read its part, which a version before this one may have written.  Raises OSError."""
    with _group() as group:
        fd = regular_files.opened(file_of(runtime_dir, worker), os.O_RDONLY)
        try:
            if group is not None and os.fstat(fd).st_gid != group:
                os.fchown(fd, -1, group)
        finally:
            os.close(fd)


@contextmanager
def _group() -> Iterator[int | None]:
    """The group of the workers' user, in which this process is meanwhile; None where there is none."""
    group = group_of_workers()
    if group is None:
        yield None
    else:
        with member_of(group):
            yield group
