# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ways in: a file, or a text."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lvsd.model import Configuration
from lvsd.worker.registry import WORKERS

from . import parser, source
from . import reader as codec
from .cache import Witness, sign
from .findings import Findings, Loaded, Place
from .preprocess import Context, Preprocessor, Reader
from .validate import whole

KEPT = 2 + len(WORKERS)  # files: the operator's, the part of each worker, and one that is about to replace them

known: dict[str, tuple[Context | None, Witness, Loaded]] = {}
"""What was loaded last from each file, and why it is what it is; None: wherever it is read."""


def load(path: Path, *, config_id: str | None = None, all_config: bool = False) -> Loaded:
    """Read a configuration with everything it includes; `config_id` is what `@id` compares (keepalived -i).

    When nothing has changed since the last time, the answer is the very same object.
    Raises OSError when the top file cannot be read.  Everything else is a finding.
    """
    context = source.surroundings(config_id, all_config=all_config)
    if (remembered := recall(path, context)) is not None:
        return remembered
    name = str(path)
    witness = Witness(source.Disk())
    text = witness.read(name)
    loaded = parse(text, name, reader=witness, context=replace(context, random=witness.throw(context)))
    keep(name, context, witness, loaded)
    return loaded


def recall(path: Path, context: Context | None = None) -> Loaded | None:
    """Return what `load` has said of `path`, where nothing has changed since; it costs reading the files."""
    context = context or source.surroundings(None)
    at, witness, loaded = known.get(str(path), (None, None, None))
    return loaded if witness and at in (None, context) and witness.unchanged(source.Disk()) else None


def why(path: Path) -> Witness:
    """Return what `path` was loaded from, so that a fork of this process can tell it to this one.  Raises KeyError."""
    return known[str(path)][1]


def learn(path: Path, witness: Witness, configuration: Configuration) -> None:
    """Note what a fork of this process has loaded from `path`, as if this one had."""
    keep(str(path), source.surroundings(None), witness, Loaded(configuration, (), (str(path),)))


def foresee(path: Path, configuration: Configuration, text: str) -> None:
    """Note that `path` will hold `text`, which is `render(configuration)`, so that `load` need not parse it again."""
    name = str(path)
    witness = Witness(source.Disk())
    witness.answers["read", name] = sign(text)
    keep(name, None, witness, Loaded(configuration, (), (name,)))


def keep(name: str, context: Context | None, witness: Witness, loaded: Loaded) -> None:
    """Keep what was loaded from the file `name`, in the place of the oldest of `KEPT` files."""
    known.pop(name, None)
    while len(known) >= KEPT:
        del known[next(iter(known))]
    known[name] = context, witness, loaded


def parse(text: str, name: str = "conf", *, reader: Reader | None = None, context: Context | None = None) -> Loaded:
    """Read a configuration from a text; without a reader `include` is an error.  Raises nothing."""
    findings = Findings()
    preprocessor = Preprocessor(reader, context or Context(), findings)
    with no_collection():
        nodes = parser.parse(preprocessor.lines(name, text), findings)
        located = codec.read(nodes, findings, Place(name, 0))
        programs = whole.scripts(located)
        configuration = whole.check(located, programs, findings)
    order = {path: index for index, path in enumerate(dict.fromkeys(preprocessor.files))}
    found = sorted(findings.result(), key=lambda finding: (order.get(finding.path, -1), finding.line))
    scripts = sorted(programs, key=lambda s: (order.get(s.place.path, -1), s.place.line))
    return Loaded(configuration, tuple(found), tuple(preprocessor.files), tuple(scripts))


@contextmanager
def no_collection() -> Iterator[None]:
    """What is read is kept to the end: looking for garbage in it again and again took up to half of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
