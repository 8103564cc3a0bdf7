# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line of the grammar can be: a keyword, a block, a block of lines, or a word that is kept.

A table of these is all that reading, rendering, `lvsctl explain` and the keyword manual know of the language.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from lvsd.record import record

from ..lexer import Literal, literal

Words = tuple[str, ...]


class Ignored(ValueError):
    """What keepalived reports and leaves out, as if it had not been said: a daemon does the same and goes on.

    `value` is what remains, where only a part is left out.  Every other ValueError is of a value of which keepalived
    makes something else than its default, or with which it does not start: that is no configuration for a daemon.
    """

    def __init__(self, message: str, value: Any = None) -> None:
        super().__init__(message)
        self.value = value


NO_EFFECT = "it is kept and rendered, and has no effect"


@record(frozen=True, slots=True)
class Kind:
    """How the words after a keyword become a value and back.

    `read` raises ValueError with the rest of a sentence that starts with the keyword.  `write` gets the value and
    the object that holds it, and answers None where the keyword is not the one to write.  What follows `remark` says
    the same of the value as `read` does, as data: the collection's schema is made of it.
    """

    syntax: str
    read: Callable[[Words], Any]
    write: Callable[[Any, Any], Words | None]
    least: int = 1  # words after the keyword
    most: int | None = 1
    append: bool = False  # each value is added to a tuple
    remark: Callable[[Words], str | None] = lambda _: None  # what was read in another way than it may seem
    type: str = "str"  # int, float, str; words, more than one; flag, switch and member, bare words
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str | int, ...] = ()
    form: str = ""  # of a text: what reads it in plugins/module_utils/_forms.py
    words: tuple[Keyword, ...] = ()  # those that can follow on the same line


@record(frozen=True, slots=True)
class Keyword:
    """`name words...` that sets a field; a dotted field lies in a group of the model, several share the words."""

    name: str
    field: str | tuple[str, ...]
    kind: Kind
    text: str
    default: str = ""
    aliases: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()  # older spellings, accepted with a warning
    warning: Callable[[Any], str | None] | None = None  # a value that is known but not implemented
    always: bool = False  # rendered even where it is the default: keepalived -t wants it said
    bare: bool = False  # keepalived leaves it out where its value is missing, and does not start with most others
    fallback: Any = None  # what holds where the value is left out, unless it is the default
    essential: bool = False  # keepalived does not start without a good value

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the model that the keyword sets."""
        return (self.field,) if isinstance(self.field, str) else self.field


@record(frozen=True, slots=True)
class Lines:
    """`name { line... }`: a block of lines that are no keywords, each read into one item of a tuple.

    `words` are those of one line: the first, whose name is never written, then the options after it.
    """

    name: str
    field: str
    syntax: str
    read: Callable[[Words], Any]
    write: Callable[[Any], Words]
    starts: Callable[[Words, int], bool]  # whether the word at this index begins a new item
    text: str
    remark: Callable[[Words], str | None] = lambda _: None  # as that of a kind
    default: str = ""
    aliases: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    words: tuple[Keyword, ...] = ()


@record(frozen=True, slots=True)
class Kept:
    """A word that keepalived knows and we do not act on: it stays in `kept`, and a warning says so.

    `effect` says what happens instead; None where nothing has to be said.  `body` holds the words of its block,
    `lines` says that the block holds free lines.
    """

    name: str
    text: str
    syntax: str = ""
    effect: str | None = NO_EFFECT
    body: tuple[Kept, ...] = ()
    lines: bool = False
    field: str = "kept"
    worker: str = "both"  # who needs it: vrrp, checker or both (for the words outside all blocks)
    aliases: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    obsolete: str = ""  # a deprecated word: what to use instead
    known: Mapping[str, Entry] = dataclasses.field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", by_name(self.body))

    @property
    def warning(self) -> str | None:
        """What `lvsd -t` says of the keyword; None where its absence changes nothing."""
        if self.obsolete:
            return f"'{self.name}' is deprecated ({self.obsolete})" + (f": {self.effect}" if self.effect else "")
        return f"'{self.name}' is known but not implemented yet: {self.effect}" if self.effect else None


@record(frozen=True, slots=True)
class Block:
    """`name key... { entries }` that becomes one `model`.

    `read_key` turns the words after the name into fields, or raises ValueError; it answers None where the block is
    of a kind that is only kept.  `many` blocks fill a tuple, the others one field.  `fixed` are fields that the
    name itself decides.  `required` are fields without which the object cannot be, each with what to write.
    """

    name: str
    field: str
    model: Callable[..., Any]
    entries: tuple[Entry, ...]
    text: str
    syntax: str = ""
    read_key: Callable[[Words], Mapping[str, Any] | None] | None = None
    write_key: Callable[[Any], Words] = lambda _: ()
    many: bool = True
    fixed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    required: Mapping[str, str] = dataclasses.field(default_factory=dict)
    groups: Mapping[str, Callable[..., Any]] = dataclasses.field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    kept_effect: str = ""
    most: int = 0  # words before the brace that count; a name is one word and nothing else
    remark: Callable[[Words], str | None] = lambda _: None  # as that of a kind, of the words before the brace
    known: Mapping[str, Entry] = dataclasses.field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", by_name(self.entries))


Entry = Keyword | Lines | Kept | Block


def by_name(entries: tuple[Entry, ...]) -> dict[str, Entry]:
    """Every spelling of every entry."""
    return {name: entry for entry in entries for name in (entry.name, *entry.aliases, *entry.deprecated)}


def kept(name: str, text: str, effect: str | None = NO_EFFECT, syntax: str = "", **more: Any) -> Kept:
    """Return a keyword that is read and kept and has no effect; `effect` says what happens instead."""
    return Kept(name, text, syntax, effect, **more)


def word(name: str, text: str, syntax: str = "", **more: Any) -> Kept:
    """A word inside a block that is kept as a whole: the block's warning is enough."""
    return kept(name, text, None, syntax, **more)


def one_name(words: Words) -> Mapping[str, Any]:
    """The key of a block that has a name.  Raises ValueError."""
    if len(words) != 1 or not literal(words[0])[0]:
        raise Ignored("needs exactly one name")
    return {"name": literal(words[0])[0]}


def name_of(value: Any) -> Words:
    """Return the key of a block that has a name."""
    return (Literal(value.name),)
