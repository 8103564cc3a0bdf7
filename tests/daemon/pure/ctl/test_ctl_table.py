# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables for people: columns that fit, numbers to the right, colours that change no width; and times in two units."""

from __future__ import annotations

import re

import pytest
from lvsd.ctl.table import BOLD, COLOURS, GREEN, PLAIN, RED, YELLOW, duration, paint, table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(("NAME", "N"), [("a", 1), ("longer", 100)]).splitlines() == [
        "NAME      N",
        "a         1",
        "longer  100",
    ]


def test_a_cell_without_a_value_is_a_dash() -> None:
    assert table(("A", "NUMBER"), [(None, None), ("x", 5)]).splitlines() == ["A  NUMBER", "-       -", "x       5"]


def test_a_column_without_any_number_is_to_the_left() -> None:
    assert table(("AAA", "B"), [(None, "x")]).splitlines() == ["AAA  B", "-    x"]
    assert table(("AAA", "B"), [("1", "x")]).splitlines() == ["AAA  B", "1    x"]


def test_only_headings() -> None:
    assert table(("A", "B"), []) == "A  B"


def test_no_line_ends_with_blanks() -> None:
    assert not any(line.endswith(" ") for line in table(("A", "BBBBBB"), [("x", "y")]).splitlines())


def test_colours_change_no_width() -> None:
    rows = [("VI_1", "Active"), ("VI_2", "down")]
    plain, coloured = table(("NAME", "STATE"), rows), table(("NAME", "STATE"), rows, colour=True)
    bare = re.sub(r"\033\[\d+m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()
    assert f"{GREEN}Active{PLAIN}" in coloured
    assert f"{RED}down  {PLAIN}" in coloured
    assert coloured.startswith(f"{BOLD}NAME{PLAIN}")
    assert "\033" not in plain


@pytest.mark.parametrize("word", COLOURS)
def test_a_state_has_its_colour(word: str) -> None:
    assert f"{COLOURS[word]}{word.ljust(5)}{PLAIN}" in table(("STATE",), [(word,)], colour=True)


def test_what_is_good_is_green_and_what_is_not_is_red() -> None:
    found: dict[str, set[str]] = {}
    for word, colour in COLOURS.items():
        found.setdefault(colour, set()).add(word)
    assert found == {
        GREEN: {"Active", "up", "enabled"},
        YELLOW: {"drained", "sorry"},
        RED: {"Initialize", "down", "absent"},
    }


def test_paint() -> None:
    assert (paint("x", GREEN), paint("x", "")) == (f"{GREEN}x{PLAIN}", "x")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0, "0.0 s"),
        (4.25, "4.2 s"),
        (9.99, "10.0 s"),
        (10, "10 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (18120, "5 h 2 min"),
        (86400, "1 d"),
        (86400 + 60, "1 d"),
        (12 * 86400 + 3 * 3600 + 59, "12 d 3 h"),
    ],
)
def test_a_time_has_at_most_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
