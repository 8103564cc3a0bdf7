# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several statements on one line: more than keepalived takes, but unambiguous by the number of words each needs."""

from __future__ import annotations

import itertools

from .draft import Draft
from .findings import Findings
from .grammar.entry import Block, Entry, Kept, Keyword, Lines
from .parser import Node, Quoted

ARITIES: dict[int, tuple[int, int | None]] = {}  # by the identity of the grammar's entries, which live for ever


def cut(findings: Findings, grammar: Block, draft: Draft, entry: Entry, node: Node) -> tuple[Node, Node | None]:
    """Separate a statement from a second one on its line: `connect_timeout 3 retry 3`."""
    words = node.words
    if len(words) == 1:
        return node, None
    known = ARITIES.get(id(entry))
    least, most = known if known is not None else ARITIES.setdefault(id(entry), arity(entry))
    if len(words) <= least + 1:
        return node, None
    for index in range(least + 1, len(words)):
        if words[index] in grammar.known and not isinstance(words[index], Quoted) and most is not None:
            findings.warning(
                node.place,
                draft.say(
                    f"'{words[index]}' stands on the line of '{words[0]}': it is read, but keepalived would not;"
                    " give it a line of its own"
                ),
                words[index],
            )
            return Node(words[:index], None, node.place), Node(words[index:], node.body, node.place)
    return node, None


def arity(entry: Entry) -> tuple[int, int | None]:
    """The fewest and the most words after the name; None for blocks and lists that may hold any word."""
    match entry:
        case Keyword():
            return entry.kind.least, entry.kind.most or (0 if entry.kind.most == 0 else 64)
        case Kept() if not entry.lines and not entry.body:
            return (1 if entry.syntax and not entry.syntax.startswith("[") else 0), 64
    return 0, None


def items_of(entry: Lines, words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A line holds one item; on a line with several, each begins where `starts` says so."""
    if len(words) == 1:
        return [words]
    starts = [0, *(index for index in range(1, len(words)) if entry.starts(words, index)), len(words)]
    return [words[a:b] for a, b in itertools.pairwise(starts)]
