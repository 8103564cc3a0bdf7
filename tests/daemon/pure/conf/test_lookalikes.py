# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters that look like a space become one at the edge of a word, and stay inside it; both are told once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf.findings import Findings, Place, Severity
from lvsd.conf.lookalikes import Letters


def read(*lines: str) -> tuple[list[str], list[str]]:
    letters, findings = Letters(), Findings()
    found = [letters.plain(line, Place("f", number)) for number, line in enumerate(lines, 1)]
    letters.report(findings)
    assert all(f.severity is Severity.WARNING for f in findings.result())
    return found, [f"{f.line}: {f.message}" for f in findings.result()]


EDGE = "is read as a space, but keepalived takes it for a letter: write a plain space"
WORD = "stands in a word and is taken, as by keepalived, for a letter: write a plain space"


@pytest.mark.parametrize(
    ("line", "plain", "how"),
    [
        ("\xa0weight 7", " weight 7", EDGE),
        ("weight 7\xa0", "weight 7 ", EDGE),
        ("weight \xa0\xa07", "weight  7", EDGE),
        ("weight\xa0 7", "weight  7", EDGE),
        ("a {\xa0}", "a { }", EDGE),
        ("weight\xa07", "weight\xa07", WORD),
    ],
)
def test_an_odd_character_counts_by_where_it_stands(line: str, plain: str, how: str) -> None:
    assert read(line) == ([plain], [f"1: U+00A0 (NO-BREAK SPACE) {how}"])


@pytest.mark.parametrize("line", ["'\xa0a'", '" \xa0 "', "a \\\xa0", '"a\\"\xa0"', "ä ö", "weight 7", ""])
def test_what_is_quoted_or_usual_stays(line: str) -> None:
    assert read(line) == ([line], [])


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\ufeff", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"),
        ("\u200b", "U+200B (ZERO WIDTH SPACE)"),
        ("\u3000", "U+3000 (IDEOGRAPHIC SPACE)"),
        ("\x85", "U+0085 (a control character)"),
    ],
)
def test_each_character_is_told_by_its_name(character: str, name: str) -> None:
    assert read(f"{character}a")[1] == [f"1: {name} {EDGE}"]


def test_each_character_is_told_once_with_the_number_of_its_other_lines() -> None:
    found = read("\xa0a \xa0", "b", "\xa0c", "\xa0d", "e\xa0f", "\u2003g")[1]
    assert found == [
        f"1: U+00A0 (NO-BREAK SPACE) {EDGE} (also in 2 more lines)",
        f"5: U+00A0 (NO-BREAK SPACE) {WORD}",
        f"6: U+2003 (EM SPACE) {EDGE}",
    ]


def test_each_file_has_a_warning_of_its_own() -> None:
    letters, findings = Letters(), Findings()
    for path in ("a", "b"):
        letters.plain("\xa0x", Place(path, 3))
    letters.report(findings)
    assert [(f.path, f.line) for f in findings.result()] == [("a", 3), ("b", 3)]


@given(st.text("ab {}\"'\\\xa0\u200b", max_size=20))
def test_a_line_differs_in_spaces_alone_and_is_plain_the_second_time(line: str) -> None:
    once = Letters().plain(line, Place("f", 1))
    assert Letters().plain(once, Place("f", 1)) == once
    assert once.replace(" ", "").replace("\xa0", "").replace("\u200b", "") == line.replace(" ", "").replace(
        "\xa0", ""
    ).replace("\u200b", "")
