# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a table of the grammar is made of: each spelling leads to its entry, and a kept word says why."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.entry import (
    NO_EFFECT,
    Block,
    Ignored,
    Keyword,
    Kind,
    Lines,
    by_name,
    kept,
    name_of,
    one_name,
    word,
)
from lvsd.conf.lexer import Literal
from lvsd.conf.parser import Quoted
from lvsd.model import SyncGroup

from tests.support.language import refused

KIND = Kind("X", lambda words: words[0], lambda value, _: (value,))


def test_every_spelling_leads_to_its_entry() -> None:
    keyword = Keyword("a", "a", KIND, "", aliases=("b",), deprecated=("c",))
    lines = Lines("d", "d", "", lambda words: words, lambda value: value, lambda words, index: True, "", aliases=("e",))
    assert by_name((keyword, lines)) == {"a": keyword, "b": keyword, "c": keyword, "d": lines, "e": lines}
    block = Block("z", "z", SyncGroup, (keyword, lines), "")
    assert list(block.known) == ["a", "b", "c", "d", "e"]
    assert block.known["c"] is keyword


def test_a_keyword_names_all_the_fields_that_it_sets() -> None:
    assert Keyword("a", "one.two", KIND, "").fields == ("one.two",)
    assert Keyword("a", ("one", "two"), KIND, "").fields == ("one", "two")


@pytest.mark.parametrize(
    ("effect", "obsolete", "warning"),
    [
        (NO_EFFECT, "", "'w' is known but not implemented yet: it is kept and rendered, and has no effect"),
        ("nothing", "", "'w' is known but not implemented yet: nothing"),
        (None, "", None),
        (None, "use x", "'w' is deprecated (use x)"),
        ("nothing", "use x", "'w' is deprecated (use x): nothing"),
    ],
)
def test_the_warning_of_a_word_that_is_kept(effect: str | None, obsolete: str, warning: str | None) -> None:
    assert kept("w", "", effect, obsolete=obsolete).warning == warning


def test_a_word_inside_a_block_that_is_kept_needs_no_warning() -> None:
    outer = kept("b", "", body=(word("w", "A word.", "N", aliases=("v",)), word("x", "Another.")))
    assert list(outer.known) == ["w", "v", "x"]
    assert (outer.known["v"].name, word("w", "").warning) == ("w", None)
    assert word("w", "", "N").syntax == "N"


def test_a_name_is_one_word() -> None:
    assert one_name(("VI_1",)) == {"name": "VI_1"}
    assert one_name((Quoted("a b", '"a b"'),)) == {"name": "a b"}
    for line in ("", "a b"):
        assert refused(one_name, line) == "ignored: needs exactly one name"
    with pytest.raises(Ignored, match="needs exactly one name"):
        one_name((Quoted("", '""'),))


def test_a_name_is_written_as_it_was_given() -> None:
    [written] = name_of(SyncGroup(name="a b"))
    assert isinstance(written, Literal)
    assert written == "a b"


def test_what_is_ignored_may_have_a_rest() -> None:
    assert Ignored("no").value is None
    assert (Ignored("no", (1,)).value, str(Ignored("no", (1,)))) == ((1,), "no")
    assert isinstance(Ignored("no"), ValueError)
