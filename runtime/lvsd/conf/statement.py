# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One statement that holds no block of the grammar: a keyword with its value, a block of lines, a word that is kept.

Each adds to the draft of the object that it stands in what it says, and to the findings what is wrong with it.
"""

from __future__ import annotations

from typing import Any

from lvsd.model import KeptCheck

from .draft import Draft, Located
from .findings import Findings, Place
from .grammar.entry import Ignored, Kept, Keyword, Lines, Words
from .inline import items_of
from .parser import Node
from .validate.unimplemented import check_kept


def keyword(findings: Findings, draft: Draft, entry: Keyword, node: Node) -> None:
    """Read the value of a keyword into its field or fields; report one that is missing, bad or too long."""
    name = node.words[0]
    words = counted(findings, draft, entry, node)
    if words is None:
        return
    try:
        value = entry.kind.read(words)
    except ValueError as error:
        value = left_out(findings, draft, entry, node, error)
        if value is None:
            return
    if entry.name in draft.places and not entry.kind.append and entry.kind.most:
        before = draft.places[entry.name].line
        message = f"'{name}' is said again (first in line {before}); the last one counts"
        findings.warning(node.place, draft.say(message), name)
    if isinstance(entry.field, str):
        draft.set(entry.field, value, append=entry.kind.append)
    else:
        for path, one in zip(entry.field, value, strict=True):
            draft.set(path, one, append=entry.kind.append)
    draft.places[entry.name] = node.place
    if words and (remark := entry.kind.remark(words)):
        findings.warning(node.place, draft.say(f"{name} {remark}"), name)
    if entry.warning and (warning := entry.warning(value)):
        findings.warning(node.place, draft.say(warning), name)


def counted(findings: Findings, draft: Draft, entry: Keyword, node: Node) -> Words | None:
    """Return the words of the value, as many as the keyword takes; None where there are too few."""
    name, words, kind = node.words[0], node.words[1:], entry.kind
    if node.body is not None:
        findings.error(node.place, draft.say(f"'{name}' takes no block"), name)
    if len(words) < kind.least:
        message = f"'{name}' needs a value: {name} {kind.syntax}"
        findings.error(node.place, draft.say(message), name, fatal=not entry.bare)
        return None
    if kind.most is not None and len(words) > kind.most:
        extra = " ".join(words[kind.most :])
        findings.warning(node.place, draft.say(f"'{extra}' after '{name}' has no meaning and is ignored"), name)
        return words[: kind.most]
    return words


def left_out(findings: Findings, draft: Draft, entry: Keyword, node: Node, error: ValueError) -> Any:
    """Report a value that cannot be read; what remains of it, or None."""
    fatal = entry.essential or not isinstance(error, Ignored)
    findings.error(node.place, draft.say(f"{node.words[0]} {error}"), node.words[0], fatal=fatal)
    draft.refused |= {*entry.fields}
    rest = error.value if isinstance(error, Ignored) and not fatal else None
    return entry.fallback if rest is None else rest


def lines(findings: Findings, draft: Draft, entry: Lines, node: Node) -> bool:
    """Read a block whose lines are values, such as `virtual_ipaddress`, into the tuple of its field.

    Answers whether it has its braces: without them the lines that follow are its values.
    """
    name = node.words[0]
    if node.body is None or len(node.words) > 1:
        inside = " ".join(node.words[1:]) or entry.syntax
        findings.error(node.place, draft.say(f"the values of '{name}' stand in braces: {name} {{ {inside} }}"), name)
    if node.body is None:
        findings.broken = True
        draft.refused |= {entry.field}
        return False
    draft.places[entry.name] = node.place
    items = draft.children.setdefault(entry.field, [])
    for line in node.body:
        if line.body is not None:
            findings.error(line.place, draft.say(f"{name}: a line cannot open a block: '{line.label}'"), name)
            continue
        for words in items_of(entry, line.words):
            value = line_item(findings, draft, entry, line.place, words, name)
            if value is not None:
                items.append(Located(value, line.place, " ".join(words)))
    draft.values[entry.field] = tuple(item.value for item in items)
    return True


def line_item(findings: Findings, draft: Draft, entry: Lines, place: Place, words: Words, name: str) -> Any:
    """One item of a block of lines, or what remains of it, or None."""
    try:
        value = entry.read(words)
    except ValueError as error:
        fatal = not isinstance(error, Ignored)
        findings.error(place, draft.say(f"{name}: '{words[0]}': {error}"), name, fatal=fatal)
        if not isinstance(error, Ignored) or error.value is None:
            draft.refused |= {entry.field}
            return None
        value = error.value
    if remark := entry.remark(words):
        findings.warning(place, draft.say(f"{name}: {remark}"), name)
    return value


def keep(findings: Findings, draft: Draft, entry: Kept, node: Node) -> None:
    """A word that is not implemented: keep it, and look for mistakes inside."""
    if entry.warning:
        findings.warning(node.place, draft.say(entry.warning), node.words[0])
    check_kept(findings, entry, node, draft.trail)
    draft.places.setdefault(entry.name, node.place)
    if entry.field == "kept":
        draft.kept.append(node.statement())
    else:
        item = Located(KeptCheck(statement=node.statement()), node.place, node.label)
        draft.children.setdefault(entry.field, []).append(item)
        draft.values[entry.field] = (*draft.values.get(entry.field, ()), item.value)
