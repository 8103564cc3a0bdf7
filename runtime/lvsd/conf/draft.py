# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects in the making: what was read of one so far, the object made of it, and the places that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from lvsd.model import Statement

from .findings import Findings, Place
from .grammar.entry import Block, Keyword
from .parser import Node

T = TypeVar("T")


@dataclass(slots=True)
class Located(Generic[T]):
    """A value, where it begins and its keywords stand, the located values in it, the fields whose word was bad."""

    value: T
    place: Place
    label: str
    places: dict[str, Place] = field(default_factory=dict)
    children: dict[str, list[Located[Any]]] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()

    def at(self, keyword: str) -> Place:
        """Where a keyword stands, or where the block begins."""
        return self.places.get(keyword, self.place)


@dataclass(slots=True)
class Draft:
    """What was found of an object so far."""

    node: Node
    trail: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    children: dict[str, list[Located[Any]]] = field(default_factory=dict)
    kept: list[Statement] = field(default_factory=list)
    single: dict[str, Node] = field(default_factory=dict)  # blocks that may stand once, joined
    strangers: list[Node] = field(default_factory=list)  # lone words that are no keyword
    refused: frozenset[str] = frozenset()  # fields that were given, with a bad value: it has been said

    def say(self, message: str) -> str:
        """Return `message` behind the names of the blocks that lead to this object."""
        return f"{': '.join(self.trail)}: {message}" if self.trail else message

    def set(self, path: str, value: Any, *, append: bool = False) -> None:
        """Give the field `path` a value: NAME, or GROUP.NAME for a field of a group; `append` adds it to a tuple."""
        target, name = self.values, path
        if "." in path:
            group, _dot, name = path.rpartition(".")
            target = self.groups.setdefault(group, {})
        target[name] = (*target.get(name, ()), value) if append else value


def ordered_flags(grammar: Block, values: dict[str, Any]) -> Mapping[str, Any]:
    """Flags in the order of the grammar, each once, so that equal settings are equal objects."""
    for name, entries in appended(grammar).items():
        if name in values:
            values[name] = tuple(entry.name for entry in entries if entry.name in values[name])
    return values


APPENDED: dict[int, dict[str, list[Keyword]]] = {}  # by the identity of the grammar's blocks, which live for ever


def appended(grammar: Block) -> dict[str, list[Keyword]]:
    """Return the keywords of a block that add to a tuple, by the field that they share."""
    if id(grammar) not in APPENDED:
        found: dict[str, list[Keyword]] = {}
        for entry in grammar.entries:
            if isinstance(entry, Keyword) and entry.kind.append:
                found.setdefault(entry.fields[0], []).append(entry)
        APPENDED[id(grammar)] = found
    return APPENDED[id(grammar)]


def complete(findings: Findings, grammar: Block, draft: Draft) -> bool:
    """Whether a block has all that it needs; report each keyword that is missing."""
    have = {*draft.values, *draft.groups}
    missing = {name: hint for name, hint in grammar.required.items() if name not in have}
    for name, hint in missing.items():
        if name not in draft.refused:
            word = grammar.known[hint.split()[0]]
            fatal = isinstance(word, Keyword) and word.essential
            findings.error(draft.node.place, draft.say(f"'{hint}' is missing"), word.name, fatal=fatal)
    return not missing


def build(findings: Findings, grammar: Block, draft: Draft) -> Located[Any]:
    """Return the object that a draft describes, with places; report fields that are of no use alone."""
    for group, values in draft.groups.items():
        try:
            draft.values[group] = grammar.groups[group](**values)
        except TypeError:  # a field without a default is missing: sorry_server_inhibit without sorry_server
            words = [e.name for e in grammar.entries if isinstance(e, Keyword) and e.fields[0].startswith(f"{group}.")]
            given = next((word for word in words if word in draft.places), group)
            findings.warning(
                draft.places.get(given, draft.node.place),
                draft.say(f"'{given}' has no effect without '{words[0]}'"),
                given,
            )
    if draft.kept:
        draft.values["kept"] = tuple(draft.kept)
    ordered = ordered_flags(grammar, draft.values)
    value = grammar.model(**ordered)
    return Located(value, draft.node.place, draft.node.label, draft.places, draft.children, draft.refused)
