# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration language in pieces: one block of the grammar read and written, and findings as short texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lvsd import conf
from lvsd.conf import parser, reader
from lvsd.conf.draft import Located
from lvsd.conf.findings import Finding, Findings, Place, Severity
from lvsd.conf.grammar.entry import Block, Ignored, Kept, Words
from lvsd.conf.parser import Node
from lvsd.conf.preprocess import Context, Preprocessor
from lvsd.conf.reader import TreeReader
from lvsd.conf.render import INDENT
from lvsd.conf.render import block as render_block
from lvsd.conf.suggest import homes
from lvsd.model import Configuration


def nodes(text: str, findings: Findings) -> list[Node]:
    """The statements of a text, each with its place in the file `f`."""
    return list(parser.parse(Preprocessor(None, Context(), findings).lines("f", text), findings))


def short(findings: Iterable[Finding]) -> list[str]:
    """`LINE: message` of each, with `fatal` or `error` in front of what is more than a warning."""
    kinds = {Severity.ERROR: "error ", Severity.WARNING: "", Severity.INSECURE: "insecure "}
    return [f"{'fatal ' if f.fatal else kinds[f.severity]}{f.line}: {f.message}" for f in findings]


def named(findings: Iterable[Finding]) -> list[str]:
    """The same of findings that each belong to a keyword, which has to be one of the grammar."""
    found = list(findings)
    assert [f.message for f in found if f.keyword not in homes()] == []
    return short(found)


def read(block: Block, *lines: str, head: str = "") -> tuple[Any, list[str]]:
    """The object of a block (None where it cannot be) whose lines begin on line 2, and what was found.

    A message begins with the words of the block, which are left out here.
    """
    findings = Findings()
    head = head or block.name
    [node] = nodes("\n".join([f"{head} {{", *lines, "}"]), findings)
    located = TreeReader(findings).block(block, node, ())
    return located and located.value, [line.replace(f"{head}: ", "", 1) for line in short(findings.result())]


def written(block: Block, value: Any) -> list[str]:
    """The lines of a block as they are rendered, without the first and the last."""
    text: list[str] = []
    render_block(text, "", block, value)
    return [line[len(INDENT) :] for line in text[1:-1]]


def parsed(*lines: str) -> tuple[Configuration, list[str]]:
    """A whole configuration as it would run, whose lines begin on line 1, and what was found."""
    loaded = conf.parse("\n".join(lines), "f")
    return loaded.configuration, short(loaded.findings)


def words(block: Block) -> set[str]:
    """The names of the entries of a block that have an effect."""
    return {entry.name for entry in block.entries if not isinstance(entry, Kept)}


def kept(entries: Iterable[object]) -> dict[str, str | None]:
    """The words that are only kept, each with what `lvsd -t` says of it."""
    return {entry.name: entry.warning for entry in entries if isinstance(entry, Kept)}


def refused(read: Callable[[Words], Any], line: str) -> str:
    """What is said of the words of a line that `read` refuses, after `ignored` where keepalived leaves it out."""
    try:
        found = read(tuple(line.split()))
    except Ignored as error:
        return f"ignored: {error}"
    except ValueError as error:
        return f"fatal: {error}"
    raise AssertionError(f"'{line}' is read as {found}")


def located(text: str) -> tuple[Located[Configuration], Findings]:
    """A text as it is read, before anything is validated, and what was found so far."""
    findings = Findings()
    return reader.read(nodes(text, findings), findings, Place("f", 0)), findings
