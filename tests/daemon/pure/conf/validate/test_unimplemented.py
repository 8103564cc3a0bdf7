# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in what is only kept are reported, and none of them keeps a daemon from starting."""

from __future__ import annotations

import pytest
from lvsd.conf.findings import Findings
from lvsd.conf.grammar.entry import Kept, kept, word
from lvsd.conf.grammar.root import ROOT
from lvsd.conf.validate.unimplemented import NEEDED, check_kept

from tests.support.language import nodes, short

BLOCK = kept("b", "", syntax="NAME", body=(word("w", "", "N"), word("switch", "", "[on|off]"), word("free", "")))
LINES = kept("l", "", syntax="{ ADDRESS ... }", lines=True)
NAMED = kept("n", "", syntax="NAME { ADDRESS ... }", lines=True)


def said(entry: Kept, text: str, *trail: str) -> list[str]:
    """What is found of the only statement of a text, which `entry` describes."""
    findings = Findings()
    [node] = nodes(text, findings)
    check_kept(findings, entry, node, trail)
    found = findings.result()
    assert not any(finding.fatal for finding in found)
    return short(found)


@pytest.mark.parametrize(
    ("syntax", "value", "message"),
    [
        ("1..255", "0", "'0' is outside 1 to 255"),
        ("1..255", "256", "'256' is outside 1 to 255"),
        ("-253..253 [reverse]", "-254", "'-254' is outside -253 to 253"),
        ("SECONDS", "x", "'x' is not a time in seconds"),
        ("SECONDS", "-1", "'-1' is outside 0 to 2147483647 seconds"),
        ("N", "1.5", "'1.5' is not a whole number from -2147483647 to 2147483647"),
        ("MILLISECONDS", "-1", "'-1' is outside 0 to 2147483647"),
        ("BYTES", "1k", "'1k' is not a whole number from 0 to 2147483647"),
    ],
)
def test_a_value_outside_of_what_the_syntax_says(syntax: str, value: str, message: str) -> None:
    assert said(kept("w", "", syntax=syntax), f"w {value}") == [f"error 1: w {message}"]


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        ("1..255", "w 1"),
        ("1..255", "w 255"),
        ("-253..253 [reverse]", "w -253 reverse"),
        ("SECONDS", "w 0.5"),
        ("N", "w -7"),
        ("NAME", "w what-ever"),
        ("[SECONDS]", "w x"),
        ("[SECONDS]", "w"),
        ("", "w x"),
    ],
)
def test_a_value_that_is_good_or_that_the_syntax_leaves_open(syntax: str, text: str) -> None:
    assert said(kept("w", "", syntax=syntax), text) == []


def test_a_value_that_is_missing() -> None:
    assert said(kept("w", "", syntax="SECONDS"), "w") == ["error 1: 'w' needs a value: w SECONDS"]


def test_a_word_that_ends_in_ip_is_an_address() -> None:
    entry = kept("source_ip", "", syntax="ADDRESS")
    assert said(entry, "source_ip 192.0.2.1") == []
    assert said(entry, "source_ip x") == ["error 1: source_ip 'x' is not an IP address"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("b A {\nw 1\nswitch\nfree x\n}", []),
        ("b {\n}", ["error 1: 'b' needs exactly one name"]),
        ("b A C {\n}", ["error 1: 'b A C' needs exactly one name"]),
        ("b A", ["error 1: b A: a block in braces must follow"]),
        ("b A {\nwitch\n}", ["error 2: b A: unknown keyword 'witch'; did you mean 'switch'?"]),
        ("b A {\nw x\n}", ["error 2: b A: w 'x' is not a whole number from -2147483647 to 2147483647"]),
    ],
)
def test_a_block(text: str, found: list[str]) -> None:
    assert said(BLOCK, text) == found


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        (LINES, "l {\n192.0.2.1\n}", []),
        (LINES, "l 192.0.2.1", ["1: the values of 'l' stand in braces: l { 192.0.2.1 }"]),
        (LINES, "l", ["1: the values of 'l' stand in braces: l { ADDRESS ... }"]),
        (NAMED, "n A {\n192.0.2.1\n}", []),
        (NAMED, "n A 192.0.2.1", ["1: the values of 'n' stand in braces: n A { 192.0.2.1 }"]),
        (NAMED, "n A", ["1: the values of 'n' stand in braces: n A { ADDRESS ... }"]),
    ],
)
def test_free_lines_stand_in_braces(entry: Kept, text: str, found: list[str]) -> None:
    assert said(entry, text) == found


def test_a_message_names_the_blocks_around() -> None:
    assert said(kept("w", "", syntax="N"), "w x", "outer A", "inner")[0].startswith("error 1: outer A: inner: w 'x'")
    assert said(BLOCK, "b A {\nx\n}", "outer")[0].startswith("error 2: outer: b A: unknown keyword 'x'")


@pytest.mark.parametrize(("name", "needed"), NEEDED.items())
def test_a_block_without_its_essential_word(name: str, needed: str) -> None:
    entry = ROOT.known[name]
    assert isinstance(entry, Kept)
    assert said(entry, f"{name} A {{\n}}") == [f"error 1: {name} A: '{needed}' is missing"]
    value = "192.0.2.1" if needed.endswith("_ip") else "/bin/true"
    assert said(entry, f"{name} A {{\n{needed} {value}\n}}") == []
