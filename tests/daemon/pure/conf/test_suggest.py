# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator may have meant: the nearest keyword, the right block, the right form."""

from __future__ import annotations

import pytest
from lvsd.conf.findings import LIMIT, Findings, Place
from lvsd.conf.grammar import ROOT
from lvsd.conf.grammar.entry import Block
from lvsd.conf.grammar.instance import INSTANCE
from lvsd.conf.parser import Node
from lvsd.conf.suggest import FORMER, belongs_elsewhere, braces_needed, homes, misplaced, nearest, unknown

from tests.support.language import short


def node(line: str, number: int = 4, *, body: bool = False) -> Node:
    return Node(tuple(line.split()), [] if body else None, Place("f", number))


def said(line: str, block: Block = INSTANCE, *more: Node, body: bool = False) -> tuple[str | None, str]:
    """What was meant, and what is said of an unknown word on line 4."""
    findings = Findings()
    meant = unknown(findings, str, block.name, block.known, node(line, body=body), more)
    [found] = short(findings.result())
    return meant, found.removeprefix("error 4: ")


@pytest.mark.parametrize(
    ("line", "meant", "message"),
    [
        ("priorty 5", "priority", "unknown keyword 'priorty'; did you mean 'priority'?"),
        ("lb_algoo rr", None, "unknown keyword 'lb_algoo'; 'lb_algo' is known in virtual_server"),
        ("statick_routes", None, "unknown keyword 'statick_routes'; 'static_routes' is known outside all blocks"),
        ("zzzzzzzz", None, "unknown keyword 'zzzzzzzz'"),
        ("$A = 5", None, "unknown keyword '$A'; $NAME=value has no space before the '='"),
        ("$A", None, "unknown keyword '$A'; no parameter of this name is defined before this line"),
        (
            "quorum 2",
            None,
            "unknown keyword 'quorum' in this place; it belongs in vrrp_track_process or in vir",
        ),
        ("x" * 100, None, f"unknown keyword '{'x' * 80}'"),
    ],
)
def test_an_unknown_word(line: str, meant: str | None, message: str) -> None:
    found = said(line)
    assert (found[0], found[1][: len(message)]) == (meant, message)


@pytest.mark.parametrize("word", FORMER)
def test_words_of_older_manuals(word: str) -> None:
    meant, message = FORMER[word]
    assert said(f"{word} x") == (meant, f"unknown keyword: {message}")


def test_words_that_follow_are_counted() -> None:
    message = "unknown keyword 'lb_algo' in this place; it belongs in virtual_server"
    assert said("lb_algo rr") == (None, message)
    one, two = node("lb_kind NAT", 5), node("ops", 9)
    assert said("lb_algo rr", INSTANCE, one) == (None, f"{message}; so it is with 1 more line, up to line 5")
    assert said("lb_algo rr", INSTANCE, one, two) == (None, f"{message}; so it is with 2 more lines, up to line 9")


def test_a_block_outside_of_its_block_may_follow_from_a_brace() -> None:
    found = said("real_server 192.0.2.1", ROOT, body=True)
    assert found == (
        None,
        "unknown keyword 'real_server' in this place; it belongs in virtual_server: is there a '}' too many before it?",
    )


def test_where_the_list_is_full_nothing_is_searched() -> None:
    findings = Findings()
    for number in range(LIMIT):
        findings.warning(Place("f", number), "x")
    assert unknown(findings, str, INSTANCE.name, INSTANCE.known, node("priorty 5")) is None
    assert findings.dropped[0].message == "unknown keyword 'priorty'"


def test_every_word_has_its_blocks() -> None:
    assert homes()["priority"] == ("vrrp_instance",)
    assert homes()["global_defs"] == ("",)
    assert set(homes()["group"]) == {"vrrp_sync_group", "track_group"}
    assert "virtual_server" in homes()["weight"]
    assert (belongs_elsewhere("priority"), belongs_elsewhere("nonsense")) == (True, False)
    assert not any(belongs_elsewhere(word) for word in FORMER)


def test_only_what_is_near_is_suggested() -> None:
    known = ("priority", "preempt")
    assert nearest("priorities", "b", known) == "priority"
    assert nearest("private", "b", known) is None
    assert nearest("priority" * 9, "b", known) is None  # not searched: too long to be a slip


def test_a_block_inside_another_one_takes_the_place_of_the_missing_brace() -> None:
    findings = Findings()
    outer, inner = node("vrrp_instance A", 2, body=True), node("vrrp_instance B", 7, body=True)
    findings.error(outer.place, "the '{' of 'vrrp_instance A' is never closed: a '}' is missing", "{")
    misplaced(findings, str, outer, inner)
    assert findings.broken
    assert short(findings.result()) == [
        "fatal 7: 'vrrp_instance B' cannot stand inside another block: is a '}' missing before it?"
        " 'vrrp_instance A' was opened in line 2"
    ]


def test_names_without_their_block_are_shown_in_it() -> None:
    findings = Findings()
    braces_needed(findings, str, [node("A", 3), node("B", 4)])
    assert short(findings.result()) == ["fatal 3: the members stand in a block of their own: group { A B }"]
