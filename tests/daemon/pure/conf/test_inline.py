# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several statements on a line are cut where the next keyword begins, and only where that is plain."""

from __future__ import annotations

import pytest
from lvsd.conf.draft import Draft
from lvsd.conf.findings import Findings, Place
from lvsd.conf.grammar.entry import Block
from lvsd.conf.grammar.instance import INSTANCE
from lvsd.conf.grammar.real_server import REAL_SERVER
from lvsd.conf.grammar.sync_group import SYNC_GROUP
from lvsd.conf.grammar.unicast_peer import PEER
from lvsd.conf.inline import arity, cut, items_of
from lvsd.conf.parser import Node, Quoted

from tests.support.language import short

HERE = Place("f", 7)


def parts(block: Block, *words: str) -> tuple[list[tuple[str, ...]], list[str]]:
    """The statements of a line, and what was said of it."""
    findings = Findings()
    node: Node | None = Node(words, None, HERE)
    draft = Draft(Node((block.name,), [], HERE), (block.name,))
    found: list[tuple[str, ...]] = []
    while node:
        entry = block.known[node.words[0]]
        first, node = cut(findings, block, draft, entry, node)
        found.append(first.words)
    return found, short(findings.result())


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("retry 3", ["retry 3"]),
        ("retry 3 warmup 5", ["retry 3", "warmup 5"]),
        ("alpha retry 3 weight 2", ["alpha", "retry 3", "weight 2"]),
        ("retry weight", ["retry weight"]),  # its value, if a bad one
        ("notify_up /bin/x games notify_down /bin/y", ["notify_up /bin/x games", "notify_down /bin/y"]),
        ("TCP_CHECK retry 3", ["TCP_CHECK retry 3"]),  # a block may hold any word
    ],
)
def test_a_line_is_cut_at_the_next_keyword(line: str, found: list[str]) -> None:
    statements, said = parts(REAL_SERVER, *line.split())
    assert [" ".join(words) for words in statements] == found
    assert len(said) == len(found) - 1


def test_the_warning_names_both_words() -> None:
    assert parts(REAL_SERVER, "retry", "3", "warmup", "5")[1] == [
        "7: real_server: 'warmup' stands on the line of 'retry': it is read, but keepalived would not;"
        " give it a line of its own"
    ]


def test_a_word_in_quotes_begins_nothing() -> None:
    statements, said = parts(REAL_SERVER, "notify_up", "/bin/x", Quoted("weight"))
    assert (len(statements), said) == (1, [])


def test_the_block_stays_with_the_last_statement() -> None:
    body = [Node(("x",), None, HERE)]
    draft = Draft(Node(("real_server",), [], HERE), ())
    node = Node(("retry", "3", "TCP_CHECK"), body, HERE)
    first, second = cut(Findings(), REAL_SERVER, draft, REAL_SERVER.known["retry"], node)
    assert second is not None
    assert (first.body, second.words, second.body) == (None, ("TCP_CHECK",), body)


@pytest.mark.parametrize(
    ("block", "name", "words"),
    [
        (REAL_SERVER, "retry", (1, 1)),
        (REAL_SERVER, "alpha", (0, 1)),
        (REAL_SERVER, "notify_up", (1, 3)),
        (INSTANCE, "nopreempt", (0, 0)),
        (INSTANCE, "vrf", (1, 64)),
        (INSTANCE, "strict_mode", (0, 64)),
        (INSTANCE, "virtual_routes", (0, None)),
        (INSTANCE, "auth_hmac", (0, None)),
        (SYNC_GROUP, "group", (0, None)),
        (REAL_SERVER, "TCP_CHECK", (0, None)),
    ],
)
def test_how_many_words_a_statement_has(block: Block, name: str, words: tuple[int, int | None]) -> None:
    assert arity(block.known[name]) == words


def test_the_items_of_a_line() -> None:
    entry = INSTANCE.known["unicast_peer"]
    assert [word.name for word in PEER] == [word.name for word in entry.words]  # type: ignore[union-attr]
    line = ("192.0.2.1", "min_ttl", "5", "192.0.2.2", "192.0.2.3")
    assert items_of(entry, line) == [  # type: ignore[arg-type]
        ("192.0.2.1", "min_ttl", "5"),
        ("192.0.2.2",),
        ("192.0.2.3",),
    ]
    assert items_of(entry, ("192.0.2.1",)) == [("192.0.2.1",)]  # type: ignore[arg-type]
