# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar as data: the collection's file is current, and the ranges in it are those that a value is read by."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from lvsd.conf import keywords_page, schema
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.entry import Block, Keyword, Kind, Lines


def kinds(block: Block) -> Iterator[tuple[str, str, Kind]]:
    """Every kind of the grammar with the block and the word that it belongs to."""
    for entry in block.entries:
        words: tuple[Keyword, ...] = ()
        if isinstance(entry, Keyword):
            yield block.name, entry.name, entry.kind
            words = entry.kind.words
        elif isinstance(entry, Lines):
            words = entry.words
        elif isinstance(entry, Block):
            yield from kinds(entry)
        for word in words:
            yield entry.name, word.name, word.kind


KINDS = list(kinds(ROOT))
RANGES = [row for row in KINDS if row[2].low is not None]
CHOICES = [row for row in KINDS if row[2].choices and row[2].form != "scope"]


def test_the_collections_schema_is_current() -> None:
    assert keywords_page.SCHEMA.read_text() == schema.module(), "python3 -m lvsd.conf.keywords_page --schema"


def test_the_schema_is_python_of_the_oldest_version_that_modules_run_on() -> None:
    ast.parse(schema.module(), feature_version=(3, 9))


def test_every_word_that_has_an_effect_is_in_it() -> None:
    known = schema.schema()
    assert [(block, name) for block, name, _kind in KINDS if name not in known[block]] == []
    assert "use_vmac" not in known["vrrp_instance"]  # it is only kept
    assert all(fields["text"].endswith(".") for words in known.values() for fields in words.values())


def taken(kind: Kind, number: float) -> bool:
    """Whether the number is read as it is."""
    words = (schema_text(number),)
    try:
        kind.read(words)
    except ValueError:
        return False
    return kind.remark(words) is None


def schema_text(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(("block", "name", "kind"), RANGES)
def test_a_range_ends_where_the_schema_says(block: str, name: str, kind: Kind) -> None:
    assert kind.low is not None
    assert kind.high is not None
    step = 0.000001 if kind.type == "float" else 1
    assert [taken(kind, number) for number in (kind.low - step, kind.low, kind.high, kind.high + step)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("block", "name", "kind"), CHOICES)
def test_the_choices_are_those_of_the_schema(block: str, name: str, kind: Kind) -> None:
    for choice in kind.choices:
        assert kind.read((str(choice),)) is not None
        assert kind.remark((str(choice),)) is None
    try:
        kind.read(("nonsense",))
    except ValueError:
        return
    assert kind.remark(("nonsense",)) is not None
