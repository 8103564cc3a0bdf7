# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a part of the configuration says of programs, read and parsed in a child, so that no program waits for it.

Most directors have no program: a part in which none can be is not parsed, so that their reloads cost nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from functools import partial
from pathlib import Path

from lvsd import conf
from lvsd.conf import Loaded
from lvsd.forked_answer import ForkedAnswer
from lvsd.loop import Loop
from lvsd.model import Command, GlobalDefs
from lvsd.record import record

MOST_TEXT = 4096  # characters of an error
WORDS = re.compile(rb"notify|quorum_(?:up|down)|misc_path|include|[$\\\\]")


@record(frozen=True, slots=True)
class NamedPrograms:
    """The programs that a part names, with global_defs; `error`: why it cannot be taken on, and then nothing else."""

    defs: GlobalDefs = field(default_factory=GlobalDefs)
    commands: tuple[Command, ...] = ()
    error: str | None = None


Load = Callable[[Path], Loaded]
"""Reads a configuration as `conf.load` does.  Raises OSError."""


def read(loop: Loop, path: Path, known: bool, done: Callable[[NamedPrograms], None], load: Load = conf.load) -> None:
    """Find out what the part `path` names, and call `done` with that.  `known`: there are programs to compare with.

    Raises OSError.
    """
    if not known and none_in(path):
        done(NamedPrograms())
    else:
        PartReader(loop, path, done, load)


def none_in(path: Path) -> bool:
    """Whether there is no keyword in a part that names a program, nor what could become one (`$`, `include`)."""
    try:
        text = path.read_bytes()
    except OSError:
        return False
    return WORDS.search(text) is None


class PartReader(ForkedAnswer):
    """One reading of the part `path`; `done` is called once with what it says.  Raises OSError: there is no child."""

    def __init__(self, loop: Loop, path: Path, done: Callable[[NamedPrograms], None], load: Load = conf.load) -> None:
        super().__init__(loop, partial(named_in, path, load), lambda received: done(told(received)))


def told(received: bytes) -> NamedPrograms:
    """Return what the child has written, as far as it came to that."""
    import pickle

    try:
        named: NamedPrograms = pickle.loads(received)
    except (EOFError, pickle.UnpicklingError):
        return NamedPrograms(error="the reading of the configuration ended early")
    return named


def named_in(path: Path, load: Load = conf.load) -> NamedPrograms:
    """Return what a part of the configuration says of programs.  Raises nothing."""
    try:
        loaded = load(path)
    except OSError as error:
        return NamedPrograms(error=f"{error.filename or path}: {error.strerror}")
    except Exception as error:  # whatever it is, the programs that are known go on being run
        return NamedPrograms(error=f"{path}: {type(error).__name__}: {error}")
    if loaded.refused:
        errors = "; ".join(str(finding) for finding in loaded.findings if finding.fatal)
        return NamedPrograms(error=errors[:MOST_TEXT])
    configuration = loaded.configuration
    return NamedPrograms(configuration.global_defs, tuple(dict.fromkeys(conf.commands(configuration))))
