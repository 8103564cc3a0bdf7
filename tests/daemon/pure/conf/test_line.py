# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a line are read each once, and what is wrong is refused or left out."""

from __future__ import annotations

import re

import pytest
from lvsd.conf.grammar.entry import Ignored, Keyword
from lvsd.conf.grammar.line import options, readers, remaining
from lvsd.conf.grammar.number import integer
from lvsd.conf.grammar.value import flag

KNOWN = readers(
    (
        Keyword("ttl", "ttl", integer(0, 9), ""),
        Keyword("brd", "broadcast", integer(0, 9), "", aliases=("broadcast",)),
        Keyword("home", "home", flag(), ""),
    )
)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", {}),
        ("ttl 5", {"ttl": 5}),
        ("home ttl 5", {"home": True, "ttl": 5}),
        ("home home", {"home": True}),
        ("broadcast 1", {"broadcast": 1}),
        ("ttl 5 brd 3 home", {"ttl": 5, "brd": 3, "home": True}),
    ],
)
def test_a_line_is_words_with_and_without_a_value(line: str, found: dict[str, object]) -> None:
    assert options(tuple(line.split()), KNOWN) == found


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("x", Ignored, "'x' is not known here; known are ttl, brd, broadcast, home"),
        ("ttl", Ignored, "'ttl' needs a value"),
        ("home ttl", Ignored, "'ttl' needs a value"),
        ("ttl 1 ttl 2", Ignored, "'ttl' is said twice"),
        ("ttl 10", Ignored, "ttl '10' is outside 0 to 9"),
        ("ttl home", ValueError, "ttl 'home' is not a whole number from 0 to 9"),
    ],
)
def test_a_word_that_is_wrong_is_refused(line: str, kind: type, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$") as error:
        options(tuple(line.split()), KNOWN)
    assert type(error.value) is kind


def test_an_unknown_and_a_forgiven_word_are_left_out_and_said() -> None:
    said: list[str] = []
    line = ["x", "home", "ttl", "10", "brd", "2"]
    assert options(tuple(line), KNOWN, frozenset({"ttl"}), said) == {"home": True, "brd": 2}
    assert said == ["'x' is not known here; known are ttl, brd, broadcast, home", "ttl '10' is outside 0 to 9"]


@pytest.mark.parametrize("line", ["brd 10", "brd", "brd 1 brd 2"])
def test_a_word_that_is_not_forgiven_is_refused_even_where_others_are_said(line: str) -> None:
    with pytest.raises(Ignored):
        options(tuple(line.split()), KNOWN, frozenset({"ttl"}), [])


def test_a_value_that_keepalived_would_take_is_never_forgiven() -> None:
    with pytest.raises(ValueError, match="ttl 'x'") as error:
        options(("ttl", "x"), KNOWN, frozenset({"ttl"}), [])
    assert type(error.value) is ValueError


def test_what_remains_is_the_value_or_goes_with_what_was_said() -> None:
    assert remaining(5, []) == 5
    with pytest.raises(Ignored, match="a; b") as error:
        remaining(5, ["a", "b"])
    assert error.value.value == 5
