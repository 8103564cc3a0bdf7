# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks to model, by the grammar's tables.

A reading never stops at a mistake: a value that cannot be read is left at its default, an object without an essential
value is left out, and each has its finding.  What was read keeps the places it came from (`Located`), for the checks
that look at more than one word.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, cast

from lvsd.model import Configuration

from . import statement
from .draft import Draft, Located, build, complete
from .findings import Findings, Place
from .grammar import ROOT
from .grammar.entry import Block, Ignored, Kept, Keyword, Lines, Words
from .grammar.root import uses_others
from .inline import cut
from .parser import Node
from .suggest import belongs_elsewhere, braces_needed, misplaced, unknown

ON_ONE_LINE = 256  # keywords that may share a line


def read(nodes: Iterable[Node], findings: Findings, place: Place) -> Located[Configuration]:
    """The configuration in a sequence of nodes, none of which is kept."""
    found = TreeReader(findings).root(nodes, place)
    return cast(Located[Configuration], found)


@dataclasses.dataclass(slots=True)
class Astray:
    """Keywords of other blocks that follow each other, or with no grammar lines that follow from a mistake before."""

    draft: Draft
    grammar: Block | None
    nodes: list[Node] = dataclasses.field(default_factory=list)


class TreeReader:
    """One pass over a tree; `hoisted` are blocks found inside another one that lacks its closing brace."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.hoisted: list[Node] = []
        self.declared: dict[str, Place] = {}  # every block by its first words, also those with errors
        self.astray: Astray | None = None

    def root(self, nodes: Iterable[Node], place: Place) -> Located[Any]:
        """Read the whole file: the statements outside all blocks, and blocks that were found inside others."""
        draft = Draft(Node((), [], place), ())
        self.statements(ROOT, draft, nodes)
        while self.hoisted:
            more, self.hoisted = self.hoisted, []
            self.statements(ROOT, draft, more)
        self.singles(ROOT, draft)
        draft.kept.sort(key=uses_others)
        draft.places.update(self.declared)
        return build(self.findings, ROOT, draft)

    def block(self, grammar: Block, node: Node, trail: tuple[str, ...], *, applied: bool = True) -> Located[Any] | None:
        """An object, or None where an essential value is missing (`applied` False: where only its mistakes count)."""
        draft = Draft(node, (*trail, node.label))
        words = node.words[1:]
        if not trail:
            self.declared[f"{grammar.name} {' '.join(words)}"] = node.place
        key, essential = self.key(grammar, draft, words)
        draft.values.update(grammar.fixed)
        draft.values.update(key or {})
        if node.body is None:
            self.findings.broken = True
            self.findings.error(node.place, draft.say("a block in braces must follow"), grammar.name)
            self.astray = Astray(draft, None)  # the lines that follow are its own
            return None
        self.statements(grammar, draft, node.body or [])
        self.singles(grammar, draft)
        if key is None or not essential or not applied:
            return None
        return build(self.findings, grammar, draft) if complete(self.findings, grammar, draft) else None

    def key(self, grammar: Block, draft: Draft, words: Words) -> tuple[Mapping[str, Any] | None, bool]:
        """The fields that the words before the brace set, None for a kind that is only kept; whether they are good."""
        place, name = draft.node.place, grammar.name
        if (grammar.most or not grammar.read_key) and len(words) > grammar.most:
            extra = " ".join(words[grammar.most :])
            self.findings.warning(place, draft.say(f"'{extra}' before the '{{' has no meaning and is ignored"), name)
            words = words[: grammar.most]
        try:
            key = grammar.read_key(words) if grammar.read_key else {}
        except ValueError as error:
            self.findings.error(place, draft.say(str(error)), name, fatal=not isinstance(error, Ignored))
            return {}, False
        if remark := grammar.remark(words):
            self.findings.warning(place, draft.say(remark), name)
        return key, True

    def statements(self, grammar: Block, draft: Draft, nodes: Iterable[Node]) -> None:
        """Read the statements of one block into `draft`, those that share a line one after the other."""
        for node in nodes:
            rest: Node | None = node
            for _unused in range(ON_ONE_LINE):
                if rest is None:
                    break
                rest = self.statement(grammar, draft, rest)
            else:
                if rest is not None:
                    self.findings.error(node.place, draft.say(f"a line holds more than {ON_ONE_LINE} keywords"))
        if self.astray:
            self.found_again()
        if draft.strangers:
            braces_needed(self.findings, draft.say, draft.strangers)
            draft.places["strangers"] = draft.strangers[0].place
            draft.strangers = []

    def statement(self, grammar: Block, draft: Draft, node: Node) -> Node | None:
        """One statement; answers what follows it on the same line, if anything does."""
        if not node.words:
            return None
        entry = grammar.known.get(node.words[0])
        if entry is None:
            self.unknown(grammar, draft, node)
            return None
        if self.astray:
            self.found_again()
        node, rest = cut(self.findings, grammar, draft, entry, node)
        if node.words[0] in entry.deprecated:
            self.findings.warning(
                node.place, draft.say(f"'{node.words[0]}' is an old name of '{entry.name}'"), node.words[0]
            )
        match entry:
            case Keyword():
                statement.keyword(self.findings, draft, entry, node)
            case Lines():
                if not statement.lines(self.findings, draft, entry, node):
                    self.astray = Astray(draft, None)
            case Kept():
                statement.keep(self.findings, draft, entry, node)
            case Block(many=True):
                self.child(draft, entry, node)
            case Block():
                first = draft.single.get(entry.name)
                body = [*((first.body or []) if first else []), *(node.body or [])]
                joined = Node(node.words, None if node.body is None and first is None else body, (first or node).place)
                draft.single[entry.name] = joined
        return rest

    def child(self, draft: Draft, entry: Block, node: Node) -> None:
        """Read a block into the tuple of its field; a block that its reading refuses is left out."""
        found = self.block(entry, node, draft.trail)
        if found is not None:
            draft.children.setdefault(entry.field, []).append(found)
            draft.values[entry.field] = (*draft.values.get(entry.field, ()), found.value)
            return
        draft.refused |= {entry.field}
        if entry.kept_effect and node.words[1:2] == ("group",):
            self.findings.warning(node.place, f"{node.label}: {entry.kept_effect}", node.words[0])
            draft.kept.append(node.statement())

    def singles(self, grammar: Block, draft: Draft) -> None:
        """The blocks that may stand once: several of them count as one."""
        for name, node in draft.single.items():
            entry = cast(Block, grammar.known[name])
            found = self.block(entry, node, draft.trail)
            if found is not None:
                draft.children[entry.field] = [found]
                draft.values[entry.field] = found.value
                draft.places[name] = node.place

    def unknown(self, grammar: Block, draft: Draft, node: Node) -> None:
        """Report an unknown word, and look for mistakes inside where it is only misspelled."""
        if node.body is not None and grammar is not ROOT and isinstance(ROOT.known.get(node.words[0]), Block):
            if "}" not in draft.refused:  # said of the first block after the missing brace, all others follow from it
                misplaced(self.findings, draft.say, draft.node, node)
            draft.refused |= {"}"}
            self.hoisted.append(node)
            return
        if grammar.name == "vrrp_sync_group" and len(node.words) == 1 and node.body is None:
            draft.strangers.append(node)
            return
        if self.astray and (grammar is ROOT or not self.astray.grammar or belongs_elsewhere(node.words[0])):
            self.astray.nodes.append(node)
            return
        if belongs_elsewhere(node.words[0]):
            self.found_again()
            self.astray = Astray(draft, grammar, [node])
            return
        meant = unknown(self.findings, draft.say, grammar.name, grammar.known, node)
        entry = grammar.known.get(meant) if meant else None
        if isinstance(entry, Block) and node.body is not None:
            before = len(self.findings.found)
            self.block(entry, node, draft.trail, applied=False)
            inside = self.findings.found[before:]
            self.findings.found[before:] = [dataclasses.replace(finding, fatal=False) for finding in inside]

    def found_again(self) -> None:
        """A keyword is where it belongs, or a block ends: report the words before it that are not, as one."""
        astray, self.astray = self.astray, None
        if astray and astray.grammar:
            first, *more = astray.nodes
            known = astray.grammar.known
            unknown(self.findings, astray.draft.say, astray.grammar.name, known, first, tuple(more))
