# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What need not be done again: a reload that finds every file as it was costs reading them, and no more.

A configuration is decided by what its reader answered and by its surroundings.  `Witness` notes every answer;
`unchanged` asks the same questions again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from lvsd.worker.registry import WORKERS

from .preprocess import Context, Reader

KEPT = 2 + len(WORKERS)  # configurations: the whole, the part of each worker, and one that is about to replace them

A = TypeVar("A")
R = TypeVar("R")


class Witness:
    """A `Reader` that notes what it answered, and whether chance had a say."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.answers: dict[tuple[str, str], object] = {}
        self.chance = False

    def read(self, path: str) -> str:
        """Return the text of the file `path` and note it, or the error. Raises OSError as the reader does."""
        try:
            text = self.reader.read(path)
        except OSError as error:
            self.answers["read", path] = sign(error)
            raise
        self.answers["read", path] = sign(text)
        return text

    def glob(self, pattern: str) -> list[str]:
        """Return the paths that match `pattern` and note them, or the error. Raises OSError as the reader does."""
        try:
            found = self.reader.glob(pattern)
        except OSError as error:
            self.answers["glob", pattern] = sign(error)
            raise
        self.answers["glob", pattern] = tuple(found)
        return found

    def throw(self, context: Context) -> Callable[[int, int], int]:
        """The surroundings' dice, noted."""

        def thrown(least: int, most: int) -> int:
            self.chance = True
            return context.random(least, most)

        return thrown

    def unchanged(self, reader: Reader) -> bool:
        """Whether `reader` answers everything as it was answered."""
        return not self.chance and all(asked(reader, *question) == was for question, was in self.answers.items())


def asked(reader: Reader, what: str, about: str) -> object:
    """Put one noted question to `reader` again: `what` is "read" or "glob"; the answer as `Witness` notes it."""
    try:
        return tuple(reader.glob(about)) if what == "glob" else sign(reader.read(about))
    except OSError as error:
        return sign(error)


def sign(answer: str | OSError) -> object:
    """A text is too long to be kept: Python's hash of it (64 bits, with a key of the process and its forks) will do."""
    if isinstance(answer, OSError):
        return type(answer), answer.errno
    return len(answer), hash(answer)


def once(function: Callable[[A], R]) -> Callable[[A], R]:
    """Keep the last results of `function` for the same (not equal) argument; callers must not change them."""
    kept: list[tuple[Any, Any]] = []

    @wraps(function)
    def remembered(argument: A) -> R:
        found = next((at for at, (known, _unused) in enumerate(kept) if known is argument), None)
        asked = (argument, function(argument)) if found is None else kept.pop(found)
        kept[:] = [*kept[1 - KEPT :], asked]
        result: R = asked[1]
        return result

    return remembered
