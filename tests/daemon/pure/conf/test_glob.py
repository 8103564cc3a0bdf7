# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Braces in the name of an included file stand for several names, and never for too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf.glob import LONGEST, PARTS, braces, has_wildcard


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", [""]),
        ("a.conf", ["a.conf"]),
        ("{a,b{,c}}.conf", ["a.conf", "b.conf", "bc.conf"]),
        ("{foo/{,cat,dog},bar}", ["foo/", "foo/cat", "foo/dog", "bar"]),
        ("{a,b}{c,d}", ["ac", "ad", "bc", "bd"]),
        ("x{a}y", ["xay"]),
        ("x{}y", ["xy"]),
        ("a,b", ["a,b"]),
        ("a{b", ["a{b"]),
        ("a}b", ["a}b"]),
        ("a}{b,c}", ["a}b", "a}c"]),
        ("a{b{c,d}", ["a{b{c,d}"]),
        ("{*.conf,[ab]?}", ["*.conf", "[ab]?"]),
    ],
)
def test_braces_in_names_of_files(pattern: str, names: list[str]) -> None:
    assert braces(pattern) == names


@pytest.mark.parametrize("pattern", ["{a,b}" * 30, "{" + "," * 4000 + "}", "{a,b{a,b{a,b{a,b}}}}" * 40])
def test_braces_never_stand_for_too_many_names(pattern: str) -> None:
    assert len(braces(pattern)) == PARTS


def test_the_most_names_that_braces_may_stand_for_are_all_there() -> None:
    assert len(set(braces("{a,b}" * 8))) == PARTS == 2**8


@pytest.mark.parametrize("pattern", ["{" * 2048, "{}" * 2048, "{a,b}" + "x" * LONGEST])
def test_what_is_no_path_stands_for_at_most_itself(pattern: str) -> None:
    assert braces(pattern) in ([pattern], [""])


@given(st.recursive(st.text("ab/", max_size=3), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=6))
def test_braces_name_each_alternative_in_its_order(tree: str | list[object]) -> None:
    def written(part: object) -> str:
        return part if isinstance(part, str) else "{" + ",".join(map(written, part)) + "}"  # type: ignore[call-overload]

    def names(part: object) -> list[str]:
        return [part] if isinstance(part, str) else [name for each in part for name in names(each)]  # type: ignore[attr-defined]

    assert braces(f"<{written(tree)}>") == [f"<{name}>" for name in names(tree)]


@pytest.mark.parametrize(
    ("pattern", "wanted"), [("a*", True), ("a?", True), ("[a]", True), ("a", False), ("{a,b}", False), ("a]", False)]
)
def test_a_path_is_searched_for_where_it_has_a_wildcard(pattern: str, wanted: bool) -> None:
    assert has_wildcard(pattern) is wanted
