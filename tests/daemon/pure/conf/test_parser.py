# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens become blocks, and a brace too many or too few is reported with the line of its block."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf.findings import Finding, Findings, Place, Severity
from lvsd.conf.parser import DEPTH, Node, Quoted, in_words, loose, parse
from lvsd.model import Statement

Tree = list[tuple[str, "Tree | None"]]


def tree(nodes: list[Node]) -> Tree:
    return [(" ".join(node.words), None if node.body is None else tree(node.body)) for node in nodes]


def read(*lines: str) -> tuple[list[Node], list[str]]:
    """The nodes of lines of tokens, and the findings."""
    findings = Findings()
    nodes = list(parse(((Place("f", number), line.split()) for number, line in enumerate(lines, 1)), findings))
    return nodes, [f"{f.line}: {f.message}" for f in findings.result()]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], []),
        (["", "a b", ""], [("a b", None)]),
        (["a {", "b", "}"], [("a", [("b", None)])]),
        (["a { b }"], [("a", [("b", None)])]),
        (["a", "{", "}"], [("a", [])]),
        (["a { b { c } d }", "e"], [("a", [("b", [("c", None)]), ("d", None)]), ("e", None)]),
        (["a { } b { }"], [("a", []), ("b", [])]),
        (["a", "", "{ b", "}"], [("a", [("b", None)])]),
    ],
)
def test_braces_make_blocks(lines: list[str], found: Tree) -> None:
    nodes, findings = read(*lines)
    assert (tree(nodes), findings) == (found, [])


def test_a_node_has_the_place_of_its_words() -> None:
    (node,), _unused = read("", "a", "{", "b", "}")
    assert node.body is not None
    assert (node.place, node.body[0].place) == (Place("f", 2), Place("f", 4))


@pytest.mark.parametrize(
    ("lines", "found", "said"),
    [
        (["a {", "b"], [("a", [("b", None)])], ["1: the '{' of 'a' is never closed: a '}' is missing"]),
        (
            ["a {", "b {", "}"],
            [("a", [("b", [])])],
            ["1: the '{' of 'a' is never closed: a '}' is missing"],
        ),
        (["}"], [], ["1: '}' closes nothing"]),
        (
            ["a x {", "}", "}", "}", "b"],
            [("a x", []), ("b", None)],
            ["3: '}' closes nothing: 'a x' of line 1 is closed already"],
        ),
        (["{", "b", "}", "c"], [("c", None)], ["1: '{' opens a block that has no name"]),
        (["a { }", "{", "b", "}", "c"], [("a", []), ("c", None)], ["2: '{' opens a block that has no name"]),
    ],
)
def test_a_brace_in_the_wrong_place_is_reported_and_reading_goes_on(
    lines: list[str], found: Tree, said: list[str]
) -> None:
    nodes, findings = read(*lines)
    assert (tree(nodes), findings) == (found, said)


def test_an_open_brace_is_an_error_that_names_the_brace() -> None:
    findings = Findings()
    list(parse([(Place("f", 1), ["a", "{"])], findings))
    assert findings.result() == (
        Finding("f", 1, Severity.ERROR, "the '{' of 'a' is never closed: a '}' is missing", "{", True),
    )


@pytest.mark.parametrize("brace", ["{", "}"])
def test_a_quoted_brace_is_a_word(brace: str) -> None:
    findings = Findings()
    (node,) = parse([(Place("f", 1), ["a", Quoted(brace, f'"{brace}"')])], findings)
    assert (node.words, node.body, findings.result()) == (("a", brace), None, ())


def test_the_deepest_block_is_read_and_one_below_is_left_out() -> None:
    nodes, findings = read("a { " * DEPTH + "} " * DEPTH)
    assert not findings
    nodes, findings = read("a { " * (DEPTH + 2) + "x " + "} " * (DEPTH + 2), "b")
    assert findings == [f"1: blocks are nested deeper than {DEPTH}: this one is left out"]
    assert len(nodes) == 2
    assert nodes[1].words == ("b",)
    depth, here = 0, nodes[0]
    while here.body:
        depth, here = depth + 1, here.body[0]
    assert (depth, here.words) == (DEPTH - 1, ("a",))


def test_a_bomb_of_braces_ends() -> None:
    nodes, findings = read("a { " * 100_000)
    assert len(nodes) == 1
    assert findings == [
        f"1: blocks are nested deeper than {DEPTH}: this one is left out",
        "1: the '{' of 'a' is never closed: a '}' is missing",
    ]


def test_a_block_is_handed_over_before_the_text_ends() -> None:
    taken: list[int] = []

    def lines() -> Iterator[tuple[Place, list[str]]]:
        for number in range(1, 6):
            taken.append(number)
            yield Place("f", number), ["a", "{", "}"]

    next(parse(lines(), Findings()))
    assert taken == [1, 2]


TREES = st.recursive(
    st.just(None),
    lambda body: st.lists(st.tuples(st.text("abc.", min_size=1, max_size=3), body), max_size=3),
    max_leaves=8,
)


def written(nodes: Tree) -> str:
    return "".join(f"{words} \n" if body is None else f"{words} {{\n{written(body)}}}\n" for words, body in nodes)


@given(TREES.map(lambda found: found or []))
def test_every_tree_can_be_written_and_read_again(nodes: Tree) -> None:
    found, findings = read(*written(nodes).split("\n"))
    assert (tree(found), findings) == (nodes, [])


@given(st.lists(st.lists(st.sampled_from(["a", "b", "{", "}"])), max_size=12))
def test_no_order_of_braces_loses_a_block_without_a_word(lines: list[list[str]]) -> None:
    tokens = [token for line in lines for token in line]
    _nodes, findings = read(*(" ".join(line) for line in lines))
    if tokens.count("{") != tokens.count("}"):
        assert findings


# --- braces that touch a word --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "found"),
    [
        (["group{"], ["group", "{"]),
        (["real_server", "80{weight", "3}"], ["real_server", "80", "{", "weight", "3", "}"]),
        (["{TCP_CHECK"], ["{", "TCP_CHECK"]),
        (["}}"], ["}", "}"]),
        (["regex", "a{2,3}b"], ["regex", "a{2,3}b"]),
        (["path", "/{name}"], ["path", "/{name}"]),
        (["a{2}"], ["a", "{", "2", "}"]),
        (["x", "a{b}"], ["x", "a", "{", "b", "}"]),
        (["${_ENV", "NAME}", "b}"], ["${_ENV", "NAME}", "b", "}"]),
        (["a", "${A}{"], ["a", "${A}{"]),
        (["a", Quoted("b{c")], ["a", "b{c"]),
    ],
)
def test_a_brace_ends_a_word_unless_it_is_part_of_a_value(tokens: list[str], found: list[str]) -> None:
    assert loose(tokens) == found


def test_words_with_a_brace_inside_are_found() -> None:
    assert list(in_words(["a", "{", "}", "a{2}", "${A}{", Quoted("b{")])) == ["a{2}"]


# --- what is kept --------------------------------------------------------------------------------


def test_a_statement_keeps_words_and_blocks_without_places() -> None:
    (node,), _unused = read("a b { c { } d }")
    assert node.statement() == Statement(("a", "b"), (Statement(("c",), ()), Statement(("d",), None)))


def test_a_block_without_words_is_named_by_its_brace() -> None:
    assert (Node((), [], Place("f", 1)).label, Node(("a", "b"), None, Place("f", 1)).label) == ("{", "a b")


@pytest.mark.parametrize("written_as", ['"a b"', None])
def test_a_quoted_word_equals_its_text_and_knows_its_source(written_as: str | None) -> None:
    word = Quoted("a b", written_as)
    assert word == "a b"
    assert word.source == (written_as or "a b")
    for other in (copy.copy(word), pickle.loads(pickle.dumps(word))):
        assert (other, other.source) == (word, word.source)
