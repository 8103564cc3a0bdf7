# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model to canonical text: keywords in the grammar's order, defaults left out, kept words at the end of their block."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from lvsd.conf.blocks import Quoted
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.entry import Block, Entry, Kept, Keyword, Lines
from lvsd.conf.remember import once
from lvsd.conf.words import quote
from lvsd.model import Configuration, KeptCheck, Statement

INDENT = "    "
MISSING = dataclasses.MISSING


@once
def render(configuration: Configuration) -> str:
    """The canonical text; `parse(render(m)).configuration == m` for every configuration without findings."""
    return text_of(statements(ROOT, configuration))


def text_of(body: tuple[Statement, ...]) -> str:
    """Statements as text, each on a line of its own; an empty line before each block of the outermost level."""
    lines: list[str] = []
    for statement in body:
        if lines and statement.body is not None:
            lines.append("")
        lines += rows(statement, "")
    return "".join(f"{line}\n" for line in lines)


def rows(statement: Statement, indent: str) -> Iterator[str]:
    words = indent + " ".join(map(quote, statement.words))
    if statement.body is None:
        yield words
        return
    yield words + " {"
    for inner in statement.body:
        yield from rows(inner, indent + INDENT)
    yield indent + "}"


def block_of(grammar: Block, value: Any) -> Statement:
    """One object as its block."""
    return Statement((grammar.name, *grammar.write_key(value)), statements(grammar, value))


def statements(grammar: Block, owner: Any) -> tuple[Statement, ...]:
    """The body of an object's block: one statement per field that is not at its default."""
    found: list[Statement] = []
    done: set[str] = set()
    for entry in plan(grammar, set_fields(owner)):
        match entry:
            case Keyword():
                found += keyword(grammar, entry, owner)
            case Lines():
                items = getattr(owner, entry.field)
                found.append(Statement((entry.name,), tuple(Statement(entry.write(item)) for item in items)))
            case Block(many=True) if entry.field not in done:
                done.add(entry.field)
                found += [child(grammar, entry.field, item) for item in getattr(owner, entry.field)]
            case Block(many=False):
                found.append(block_of(entry, getattr(owner, entry.field)))
    return (*found, *getattr(owner, "kept", ()))


PLANS: dict[tuple[int, frozenset[str]], list[Entry]] = {}
"""By the identity of the grammar's tables, which live for ever, and by the fields that are not at their default."""


def plan(grammar: Block, said: frozenset[str]) -> list[Entry]:
    """The entries that may have to be written of an object with these fields set."""
    if (id(grammar), said) not in PLANS:
        PLANS[id(grammar), said] = [entry for entry in grammar.entries if written(entry, said)]
    return PLANS[id(grammar), said]


def written(entry: Entry, said: frozenset[str]) -> bool:
    if isinstance(entry, Kept):
        return False
    always = isinstance(entry, Keyword) and entry.always
    return always or any(path.partition(".")[0] in said for path in fields_of(entry))


def fields_of(entry: Entry) -> tuple[str, ...]:
    return entry.fields if isinstance(entry, Keyword) else (entry.field,)


def set_fields(owner: Any) -> frozenset[str]:
    """The fields that are not at their default."""
    known = defaults(type(owner))
    held = ((name, getattr(owner, name), known.get(name, MISSING)) for name in type(owner).__dataclass_fields__)
    return frozenset(name for name, value, default in held if value is not default and value != default)


def child(grammar: Block, field: str, item: Any) -> Statement:
    """An item of a tuple that several blocks share, by the block that fits it."""
    if isinstance(item, KeptCheck):
        return item.statement
    for entry in grammar.entries:
        if isinstance(entry, Block) and entry.field == field and fits(entry, item):
            return block_of(entry, item)
    raise TypeError(f"{grammar.name} has no block for {type(item).__name__}")


def fits(entry: Block, item: Any) -> bool:
    return item.__class__ is entry.model and all(getattr(item, name) == value for name, value in entry.fixed.items())


def keyword(grammar: Block, entry: Keyword, owner: Any) -> list[Statement]:
    held = [held_by(owner, path) for path in entry.fields]
    if not entry.always and all(
        value is MISSING or default(owner, path) == value for value, path in zip(held, entry.fields, strict=True)
    ):
        return []
    value = tuple(None if v is MISSING else v for v in held) if isinstance(entry.field, tuple) else held[0]
    words = entry.kind.write(value, owner)
    if words is None:
        return []
    # a word that is a keyword of this block would begin a statement of its own: quotes keep it
    optional = (Quoted(word) if word in grammar.known else word for word in words[entry.kind.least :])
    return [Statement((entry.name, *words[: entry.kind.least], *optional))]


def held_by(owner: Any, path: str) -> Any:
    group, dot, name = path.rpartition(".")
    if dot:
        owner = getattr(owner, group)
        if owner is None:
            return MISSING
    return getattr(owner, name)


def default(owner: Any, path: str) -> Any:
    group, dot, name = path.rpartition(".")
    return defaults(type(getattr(owner, group)) if dot else type(owner)).get(name, MISSING)


DEFAULTS: dict[type, dict[str, Any]] = {}


def defaults(model: type) -> dict[str, Any]:
    if model not in DEFAULTS:
        DEFAULTS[model] = {f.name: f.default for f in dataclasses.fields(model) if f.default is not MISSING}
    return DEFAULTS[model]
