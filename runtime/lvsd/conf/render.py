# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model to canonical text: keywords in the grammar's order, defaults left out, kept words at the end of their block.

Outside all blocks, what is kept comes before the instances and services that may use it, as keepalived wants it.

Every start and every reload renders everything, so lines are written as they are found, with no tree in between.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from lvsd.model import Configuration, KeptCheck, Statement

from .cache import once
from .grammar import ROOT
from .grammar.entry import Block, Entry, Kept, Keyword, Lines, Words
from .grammar.root import uses_others
from .lexer import quote
from .parser import Quoted

INDENT = "    "
MISSING = dataclasses.MISSING
SIMPLE = re.compile(r"""[^\s"'\\#!{}]+""")  # a word that is the same wherever it is read


@once
def render(configuration: Configuration) -> str:
    """The canonical text; `parse(render(m)).configuration == m` for every configuration without findings."""
    text: list[str] = []
    entries = plan(ROOT, said(configuration))
    first = 1 if entries and entries[0].name == "global_defs" else 0
    written(text, "", ROOT, configuration, entries[:first])
    for statement in configuration.kept:
        if not uses_others(statement):
            kept(text, "", statement)
    written(text, "", ROOT, configuration, entries[first:])
    for statement in configuration.kept:
        if uses_others(statement):
            kept(text, "", statement)
    return "\n".join([*text, ""])


def body(text: list[str], indent: str, grammar: Block, owner: Any) -> None:
    """What stands in an object's block: one statement per field that is not at its default."""
    written(text, indent, grammar, owner, plan(grammar, said(owner)))
    for statement in getattr(owner, "kept", ()):
        kept(text, indent, statement)


def written(text: list[str], indent: str, grammar: Block, owner: Any, entries: list[Entry]) -> None:
    """Add to `text` the lines of those `entries` of a block that `owner` has a value for."""
    for entry in entries:
        match entry:
            case Keyword():
                words = keyword(grammar, entry, owner)
                if words is not None:
                    text.append(" ".join([f"{indent}{entry.name}", *map(quote, words)]))
            case Lines():
                opens(text, indent, entry.name)
                text += [f"{indent}{INDENT}{row(entry.write(item))}" for item in getattr(owner, entry.field)]
                text.append(f"{indent}}}")
            case Block(many=True):
                blocks = sharing(grammar, entry.field)
                for item in getattr(owner, entry.field):
                    child(text, indent, blocks, item)
            case Block():
                block(text, indent, entry, getattr(owner, entry.field))


def block(text: list[str], indent: str, grammar: Block, owner: Any) -> None:
    """Add to `text` one block: its name and key, what it holds, its closing brace."""
    opens(text, indent, row((grammar.name, *grammar.write_key(owner))))
    body(text, indent + INDENT, grammar, owner)
    text.append(f"{indent}}}")


def child(text: list[str], indent: str, blocks: list[Block], item: Any) -> None:
    """An item of a tuple that several blocks share, by the one that fits it."""
    if isinstance(item, KeptCheck):
        kept(text, indent, item.statement)
        return
    for entry in blocks:
        if item.__class__ is entry.model and all(getattr(item, name) == value for name, value in entry.fixed.items()):
            block(text, indent, entry, item)
            return
    raise TypeError(f"no block holds {type(item).__name__}")


def kept(text: list[str], indent: str, statement: Statement) -> None:
    """Add to `text` a statement that is kept as it was read, with the block behind it."""
    if statement.body is None:
        text.append(f"{indent}{as_read(statement.words)}")
        return
    opens(text, indent, as_read(statement.words))
    for inner in statement.body:
        kept(text, indent + INDENT, inner)
    text.append(f"{indent}}}")


def as_read(words: Words) -> str:
    """The words of a statement that is kept, in the form in which they were read where that is known."""
    return " ".join(
        word.source if isinstance(word, Quoted) else str(word) if SIMPLE.fullmatch(word) else quote(word)
        for word in words
    )


def opens(text: list[str], indent: str, row: str) -> None:
    """The line that begins a block; an empty one before each of the outermost level."""
    if text and not indent:
        text.append("")
    text.append(f"{indent}{row} {{")


def row(words: Words) -> str:
    """Return words as one line, each quoted where it has to be."""
    return " ".join(map(quote, words))


# --- keywords ------------------------------------------------------------------------------------


def keyword(grammar: Block, entry: Keyword, owner: Any) -> Words | None:
    """The words after its name, or None where there is nothing to say."""
    if isinstance(entry.field, str) and "." not in entry.field:
        value = getattr(owner, entry.field)
    else:
        held = [held_by(owner, path) for path in entry.fields]
        if not entry.always and all(at_default(owner, *one) for one in zip(entry.fields, held, strict=True)):
            return None
        value = tuple(None if v is MISSING else v for v in held) if isinstance(entry.field, tuple) else held[0]
    words = entry.kind.write(value, owner)
    if words is None:
        return None
    if len(words) > (least := entry.kind.least):
        # a word that is a keyword of this block would begin a statement of its own: quotes keep it
        words = (*words[:least], *(Quoted(word) if word in grammar.known else word for word in words[least:]))
    return words


def held_by(owner: Any, path: str) -> Any:
    """Return the field NAME or GROUP.NAME of `owner`, `MISSING` where it has no such group."""
    group, dot, name = path.rpartition(".")
    if dot:
        owner = getattr(owner, group)
        if owner is None:
            return MISSING
    return getattr(owner, name)


def at_default(owner: Any, path: str, value: Any) -> bool:
    """Whether `value` of the field `path` is what the model has without being told."""
    group, dot, name = path.rpartition(".")
    return value is MISSING or bool(defaults(type(getattr(owner, group) if dot else owner))[name] == value)


# --- what has to be said -------------------------------------------------------------------------

PLANS: dict[tuple[int, frozenset[str]], list[Entry]] = {}
"""By the identity of the grammar's tables, which live for ever, and by the fields that are not at their default."""
DEFAULTS: dict[type, dict[str, Any]] = {}


def plan(grammar: Block, wanted: frozenset[str]) -> list[Entry]:
    """The entries that may have to be written of an object with these fields set."""
    if (id(grammar), wanted) not in PLANS:
        PLANS[id(grammar), wanted] = [entry for entry in grammar.entries if is_written(grammar, entry, wanted)]
    return PLANS[id(grammar), wanted]


def is_written(grammar: Block, entry: Entry, wanted: frozenset[str]) -> bool:
    """Whether an entry has something to say when the fields `wanted` of its block are not at their default."""
    match entry:
        case Kept():
            return False
        case Keyword():
            return entry.always or any(path.partition(".")[0] in wanted for path in entry.fields)
        case Block(many=True) if sharing(grammar, entry.field)[0] is not entry:
            return False  # the first one writes the others' items, too
    return entry.field in wanted


def sharing(grammar: Block, field: str) -> list[Block]:
    """The blocks whose objects fill one tuple."""
    return [entry for entry in grammar.entries if isinstance(entry, Block) and entry.field == field]


def said(owner: Any) -> frozenset[str]:
    """The fields that are not at their default."""
    return frozenset(
        [
            name
            for name, default in defaults(type(owner)).items()
            if (value := getattr(owner, name)) is not default and value != default
        ]
    )


def defaults(model: type) -> dict[str, Any]:
    """By field; MISSING where there is none."""
    if model not in DEFAULTS:
        DEFAULTS[model] = {field.name: field.default for field in dataclasses.fields(model)}
    return DEFAULTS[model]
