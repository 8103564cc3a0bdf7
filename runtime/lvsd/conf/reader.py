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

from lvsd.model import Configuration, KeptCheck

from .draft import Draft, Located, ordered_flags
from .findings import Findings, Place
from .grammar import ROOT
from .grammar.entry import Block, Ignored, Kept, Keyword, Lines, Words
from .grammar.root import uses_others
from .inline import cut, items_of
from .parser import Node
from .suggest import belongs_elsewhere, braces_needed, misplaced, unknown
from .validate.unimplemented import check_kept

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
        return self.build(ROOT, draft)

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
        return self.build(grammar, draft) if self.complete(grammar, draft) else None

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
                self.keyword(draft, entry, node)
            case Lines():
                self.lines(draft, entry, node)
            case Kept():
                self.keep(draft, entry, node)
            case Block(many=True):
                self.child(draft, entry, node)
            case Block():
                first = draft.single.get(entry.name)
                body = [*((first.body or []) if first else []), *(node.body or [])]
                joined = Node(node.words, None if node.body is None and first is None else body, (first or node).place)
                draft.single[entry.name] = joined
        return rest

    def keyword(self, draft: Draft, entry: Keyword, node: Node) -> None:
        """Read the value of a keyword into its field or fields; report one that is missing, bad or too long."""
        name, words = node.words[0], node.words[1:]
        if node.body is not None:
            self.findings.error(node.place, draft.say(f"'{name}' takes no block"), name)
        if len(words) < entry.kind.least:
            message = draft.say(f"'{name}' needs a value: {name} {entry.kind.syntax}")
            self.findings.error(node.place, message, name, fatal=not entry.bare)
            return
        if entry.kind.most is not None and len(words) > entry.kind.most:
            extra = " ".join(words[entry.kind.most :])
            self.findings.warning(
                node.place, draft.say(f"'{extra}' after '{name}' has no meaning and is ignored"), name
            )
            words = words[: entry.kind.most]
        try:
            value = entry.kind.read(words)
        except ValueError as error:
            value = self.left_out(draft, entry, node, error)
            if value is None:
                return
        if entry.name in draft.places and not entry.kind.append and entry.kind.most:
            before = draft.places[entry.name].line
            self.findings.warning(
                node.place, draft.say(f"'{name}' is said again (first in line {before}); the last one counts"), name
            )
        if isinstance(entry.field, str):
            draft.set(entry.field, value, append=entry.kind.append)
        else:
            for path, one in zip(entry.field, value, strict=True):
                draft.set(path, one, append=entry.kind.append)
        draft.places[entry.name] = node.place
        if words and (remark := entry.kind.remark(words)):
            self.findings.warning(node.place, draft.say(f"{name} {remark}"), name)
        if entry.warning and (warning := entry.warning(value)):
            self.findings.warning(node.place, draft.say(warning), name)

    def left_out(self, draft: Draft, entry: Keyword, node: Node, error: ValueError) -> Any:
        """Report a value that cannot be read; what remains of it, or None."""
        fatal = entry.essential or not isinstance(error, Ignored)
        self.findings.error(node.place, draft.say(f"{node.words[0]} {error}"), node.words[0], fatal=fatal)
        draft.refused |= {*entry.fields}
        return entry.fallback if fatal or not isinstance(error, Ignored) or error.value is None else error.value

    def lines(self, draft: Draft, entry: Lines, node: Node) -> None:
        """Read a block whose lines are values, such as `virtual_ipaddress`, into the tuple of its field."""
        name = node.words[0]
        if node.body is None or len(node.words) > 1:
            inside = " ".join(node.words[1:]) or entry.syntax
            self.findings.error(
                node.place, draft.say(f"the values of '{name}' stand in braces: {name} {{ {inside} }}"), name
            )
            if node.body is None:
                self.findings.broken = True
                self.astray = Astray(draft, None)  # the lines that follow are its values
                draft.refused |= {entry.field}
                return
        draft.places[entry.name] = node.place
        items = draft.children.setdefault(entry.field, [])
        for line in node.body or []:
            if line.body is not None:
                self.findings.error(line.place, draft.say(f"{name}: a line cannot open a block: '{line.label}'"), name)
                continue
            for words in items_of(entry, line.words):
                value = self.item(draft, entry, line.place, words, name)
                if value is not None:
                    items.append(Located(value, line.place, " ".join(words)))
        draft.values[entry.field] = tuple(item.value for item in items)

    def item(self, draft: Draft, entry: Lines, place: Place, words: Words, name: str) -> Any:
        """One item of a block of lines, or what remains of it, or None."""
        try:
            value = entry.read(words)
        except ValueError as error:
            fatal = not isinstance(error, Ignored)
            self.findings.error(place, draft.say(f"{name}: '{words[0]}': {error}"), name, fatal=fatal)
            if not isinstance(error, Ignored) or error.value is None:
                draft.refused |= {entry.field}
                return None
            value = error.value
        if remark := entry.remark(words):
            self.findings.warning(place, draft.say(f"{name}: {remark}"), name)
        return value

    def keep(self, draft: Draft, entry: Kept, node: Node) -> None:
        """A word that is not implemented: keep it, and look for mistakes inside."""
        statement = node.statement()
        if entry.warning:
            self.findings.warning(node.place, draft.say(entry.warning), node.words[0])
        check_kept(self.findings, entry, node, draft.trail)
        draft.places.setdefault(entry.name, node.place)
        if entry.field == "kept":
            draft.kept.append(statement)
        else:
            item = Located(KeptCheck(statement=statement), node.place, node.label)
            draft.children.setdefault(entry.field, []).append(item)
            draft.values[entry.field] = (*draft.values.get(entry.field, ()), item.value)

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

    def complete(self, grammar: Block, draft: Draft) -> bool:
        """Whether a block has all that it needs; report each keyword that is missing."""
        have = {*draft.values, *draft.groups}
        missing = {name: hint for name, hint in grammar.required.items() if name not in have}
        for name, hint in missing.items():
            if name not in draft.refused:
                word = grammar.known[hint.split()[0]]
                fatal = isinstance(word, Keyword) and word.essential
                self.findings.error(draft.node.place, draft.say(f"'{hint}' is missing"), word.name, fatal=fatal)
        return not missing

    def build(self, grammar: Block, draft: Draft) -> Located[Any]:
        """Return the object that a draft describes, with places; report fields that are of no use alone."""
        for group, values in draft.groups.items():
            try:
                draft.values[group] = grammar.groups[group](**values)
            except TypeError:  # a field without a default is missing: sorry_server_inhibit without sorry_server
                words = [
                    e.name for e in grammar.entries if isinstance(e, Keyword) and e.fields[0].startswith(f"{group}.")
                ]
                given = next((word for word in words if word in draft.places), group)
                self.findings.warning(
                    draft.places.get(given, draft.node.place),
                    draft.say(f"'{given}' has no effect without '{words[0]}'"),
                    given,
                )
        if draft.kept:
            draft.values["kept"] = tuple(draft.kept)
        ordered = ordered_flags(grammar, draft.values)
        value = grammar.model(**ordered)
        return Located(value, draft.node.place, draft.node.label, draft.places, draft.children, draft.refused)
