# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of several words: `value option value option`, as in `virtual_ipaddress`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .entry import Ignored, Keyword, Words


def readers(words: Iterable[Keyword]) -> dict[str, Callable[[str], Any] | None]:
    """What `options` knows of these words: the reader of each spelling; None for a word without a value."""

    def reader(word: Keyword) -> Callable[[str], Any] | None:
        return None if word.kind.most == 0 else lambda value: word.kind.read((value,))

    return {name: reader(word) for word in words for name in (word.name, *word.aliases)}


def options(
    words: Words,
    known: Mapping[str, Callable[[str], Any] | None],
    forgiven: frozenset[str] = frozenset(),
    said: list[str] | None = None,
) -> dict[str, Any]:
    """`word value` and bare words after the first word of a line; None in `known` is a bare word.

    Raises Ignored for a word that is not known and for a value that is wrong; where `said` is given, it takes the
    message, and the word is left out, if it is not known or if it is `forgiven`.
    """
    found: dict[str, Any] = {}
    index = 0
    while index < len(words):
        name = words[index]
        read = known.get(name)
        index += 1
        try:
            if name not in known:
                raise Ignored(f"'{name}' is not known here; known are {', '.join(known)}")
            if name in found and read is not None:
                raise Ignored(f"'{name}' is said twice")
            found[name] = True if read is None else option(name, read, words[index : index + 1])
        except Ignored as error:
            if said is None or (name in known and name not in forgiven):
                raise
            said.append(str(error))
        index += read is not None
    return found


def option(name: str, read: Callable[[str], Any], words: Words) -> Any:
    """Return the value behind the word `name` of a line. Raises ValueError, with the name in front of the message."""
    if not words:
        raise Ignored(f"'{name}' needs a value")
    try:
        return read(words[0])
    except ValueError as error:
        raise type(error)(f"{name} {error}") from None


def remaining(value: Any, said: list[str]) -> Any:
    """A value of which something may have been left out: raises Ignored with the rest."""
    if said:
        raise Ignored("; ".join(said), value)
    return value
