# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens to blocks: `words { body }`, each with the place it came from.

A token is a plain word, a brace, or a `Quoted` word, which is never a brace.  The shape is found without
knowing any keyword; a brace too many or too few is reported with the line of the block it belongs to, and
reading goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lvsd.model import Statement

from .findings import Findings, Place

DEPTH = 16  # keepalived nests five deep

VALUE = re.compile(r"[^{}]*(?:\{[0-9]+(?:,[0-9]*)?\}[^{}]*)+|[^{}]*/[^{}]*(?:\{[^{}]+\}[^{}]*)+")
"""A word that has its braces inside, as a pattern `a{2,3}` and a path `/{name}` have; keepalived wants it in quotes."""
PIECES = re.compile(r"[{}]|[^{}]+")


class Quoted(str):
    """A word that was written in quotes, at least in part; `source` is how it was written."""

    __slots__ = ("source",)
    source: str

    def __new__(cls, word: str, source: str | None = None) -> Quoted:
        quoted = super().__new__(cls, word)
        quoted.source = word if source is None else source
        return quoted


@dataclass(slots=True)
class Node:
    """A statement with its place: `words` and, where a block follows, `body`."""

    words: tuple[str, ...]
    body: list[Node] | None
    place: Place

    @property
    def label(self) -> str:
        """The words of the statement as a finding names it."""
        return " ".join(self.words) or "{"

    def statement(self) -> Statement:
        """To keep: a word that was written in quotes still knows how, as only its keyword could say what they mean."""
        body = None if self.body is None else tuple(node.statement() for node in self.body)
        return Statement(self.words, body)


def loose(tokens: list[str]) -> list[str]:
    """Split braces that stick to a word, as keepalived does: `group{`, `80{`, `{TCP_CHECK`, `3}`, `80{weight`."""
    found: list[str] = []
    parameter = False  # within a parameter that is not defined, as ${_ENV NAME}
    for index, token in enumerate(tokens):
        if isinstance(token, Quoted) or ("{" not in token and "}" not in token):
            found.append(token)
        elif parameter or ("${" in token and "}" not in token):
            found.append(token)
            parameter = "}" not in token
        elif "${" in token or (index and VALUE.fullmatch(token)):
            found.append(token)
        else:
            found += PIECES.findall(token)
    return found


def in_words(tokens: list[str]) -> Iterator[str]:
    """The words that have a brace inside without quotes."""
    for token in tokens:
        if len(token) > 1 and "{" in token and "${" not in token and not isinstance(token, Quoted):
            yield token


def parse(lines: Iterable[tuple[Place, list[str]]], findings: Findings) -> Iterator[Node]:
    """The blocks of a token stream, one list of tokens per line of text; each as soon as the next one begins, so that
    there is never more of a large file than one block and what has been made of the others."""
    root: list[Node] = []
    builder = Builder(root, findings)
    for place, tokens in lines:
        builder.line(place, tokens)
        while len(root) > 1:
            yield root.pop(0)
    builder.end()
    yield from root


class Builder:
    """The stack of open blocks."""

    def __init__(self, root: list[Node], findings: Findings) -> None:
        self.here = root
        self.open: list[tuple[Node, list[Node]]] = []  # the open blocks, each with the list around it
        self.too_deep = 0
        self.closed: Node | None = None
        self.surplus = False  # a '}' too many was reported
        self.findings = findings

    def line(self, place: Place, tokens: list[str]) -> None:
        """Add one line of tokens: its words, and the blocks that it opens and closes."""
        words: list[str] = []
        for token in tokens:
            if token == "{" and not isinstance(token, Quoted):
                self.opens(place, words)
                words = []
            elif token == "}" and not isinstance(token, Quoted):
                self.flush(place, words)
                words = []
                self.closes(place)
            else:
                words.append(token)
        self.flush(place, words)

    def flush(self, place: Place, words: list[str]) -> None:
        """Add a statement without a block, if there are words for one."""
        if words and not self.too_deep:
            self.here.append(Node(tuple(words), None, place))

    def opens(self, place: Place, words: list[str]) -> None:
        """Open a block for `words`, or for the statement of the line before; report one without a name or too deep."""
        if self.too_deep or len(self.open) >= DEPTH:
            if not self.too_deep:
                self.findings.error(place, f"blocks are nested deeper than {DEPTH}: this one is left out")
            self.too_deep += 1
            return
        if words:
            node = Node(tuple(words), [], place)
            self.here.append(node)
        elif self.here and self.here[-1].body is None:
            node = self.here[-1]  # the brace stands on the line after its name
            node.body = []
        else:
            self.findings.error(place, "'{' opens a block that has no name")
            node = Node((), [], place)  # kept out of the tree, but its '}' is expected
        self.open.append((node, self.here))
        self.here = node.body if node.body is not None else []

    def closes(self, place: Place) -> None:
        """Close the innermost block; report the first brace that closes none."""
        if self.too_deep:
            self.too_deep -= 1
        elif self.open:
            self.closed, self.here = self.open.pop()
        elif not self.surplus:  # the first says it all: more of them follow from the same mistake
            self.surplus = True
            after = f": '{self.closed.label}' of line {self.closed.place.line} is closed already" if self.closed else ""
            self.findings.error(place, f"'}}' closes nothing{after}")

    def end(self) -> None:
        """Report each block that the end of the text leaves open."""
        for node, _unused in self.open:
            self.findings.error(node.place, f"the '{{' of '{node.label}' is never closed: a '}}' is missing", "{")
