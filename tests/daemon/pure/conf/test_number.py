# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers are read within their bounds, and a refusal says whether keepalived would go on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf.grammar.entry import Ignored, Kind
from lvsd.conf.grammar.number import decimal, integer, none_of, number, raised, seconds, text_of, whole, whole_seconds


def refused(kind: Kind, word: str) -> tuple[type, str]:
    with pytest.raises(ValueError, match=re.escape(f"'{word[:80]}")) as error:
        kind.read((word,))
    return type(error.value), str(error.value)


@pytest.mark.parametrize(("word", "value"), [("1", 1), ("255", 255), ("+7", 7), ("007", 7)])
def test_a_whole_number_has_only_digits(word: str, value: int) -> None:
    assert whole(word, 1, 255) == value


@pytest.mark.parametrize(
    ("word", "least", "kind", "message"),
    [
        ("0", 1, Ignored, "'0' is outside 1 to 255"),
        ("256", 1, Ignored, "'256' is outside 1 to 255"),
        ("-1", 1, Ignored, "'-1' is outside 1 to 255"),
        ("1_0", 1, ValueError, "'1_0' is not a whole number from 1 to 255"),
        ("12x", 1, ValueError, "'12x' is not a whole number from 1 to 255"),
        ("1.5", 1, ValueError, "'1.5' is not a whole number from 1 to 255"),
        ("300x", 1, Ignored, "'300x' is not a whole number from 1 to 255"),
        ("x", 1, Ignored, "'x' is not a whole number from 1 to 255"),
        ("x", 0, ValueError, "'x' is not a whole number from 0 to 255"),
        ("", 1, Ignored, "'' is not a whole number from 1 to 255"),
        ("٣", 1, Ignored, "'٣' is not a whole number from 1 to 255"),
        ("9" * 19, 1, Ignored, f"'{'9' * 19}' is not a whole number from 1 to 255"),
        ("9" * 5000, 1, Ignored, f"'{'9' * 5000}' is not a whole number from 1 to 255"),
    ],
)
def test_a_refusal_is_ignored_where_keepalived_leaves_the_word_out(
    word: str, least: int, kind: type, message: str
) -> None:
    assert refused(integer(least, 255), word) == (kind, message)


def test_a_kind_of_number_tells_its_bounds_as_data() -> None:
    kind = integer(1, 9, "packets")
    assert (kind.syntax, kind.type, kind.low, kind.high, kind.unit) == ("N (1..9, packets)", "int", 1, 9, "packets")
    known = number(2, 3)
    assert (known.syntax, known.type, known.choices) == ("2|3", "int", (2, 3))
    time = seconds(0.01, 255)
    assert (time.syntax, time.type, time.low, time.high) == ("SECONDS (0.01..255)", "float", 0.01, 255)
    assert whole_seconds(0, 5).syntax == "SECONDS (0..5, whole)"


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [
        ("3", Ignored, "'3' is none of 2, 4"),
        ("5", Ignored, "'5' is none of 2, 4"),
        ("x", Ignored, "'x' is none of 2, 4"),
        ("2x", ValueError, "'2x' is none of 2, 4"),
    ],
)
def test_a_number_that_is_not_among_the_known_ones(word: str, kind: type, message: str) -> None:
    assert number(2, 4).read(("2",)) == 2
    assert refused(number(2, 4), word) == (kind, message)


def test_a_word_in_another_case_was_meant() -> None:
    assert none_of("tcp", ("TCP", "UDP")) == "'tcp' is none of TCP, UDP, did you mean TCP?"
    assert none_of("x" * 99, (1,)) == f"'{'x' * 80}' is none of 1"


@pytest.mark.parametrize(
    ("word", "lowered", "value"), [("5", False, 5), ("0", False, 2), ("2", False, 2), ("99", True, 9), ("9", True, 9)]
)
def test_a_number_outside_of_its_bounds_is_raised_or_lowered_with_a_remark(
    word: str, lowered: bool, value: int
) -> None:
    kind = raised(2, 9, lowered=lowered)
    assert kind.read((word,)) == value
    remark = f"'{word}' is outside 2 to 9: it is {value}"
    assert kind.remark((word,)) == (None if str(value) == word else remark)


@pytest.mark.parametrize(("word", "lowered"), [("10", False), ("-1", False), ("-1", True), ("x", True)])
def test_what_keepalived_does_not_raise_is_an_error(word: str, lowered: bool) -> None:
    assert refused(raised(2, 9, lowered=lowered), word)[0] is ValueError


@pytest.mark.parametrize(
    ("word", "value"), [("1", 1.0), ("1.", 1.0), (".5", 0.5), ("0.01", 0.01), ("1.2345678", 1.234568), ("255", 255.0)]
)
def test_a_time_has_a_resolution_of_a_microsecond(word: str, value: float) -> None:
    assert decimal(word, 0.01, 255) == value


@pytest.mark.parametrize(
    ("word", "limited", "kind", "message"),
    [
        ("0.004", True, Ignored, "'0.004' is outside 0.01 to 255 seconds"),
        ("0.004", False, Ignored, "'0.004' is outside 0.01 to 255 seconds"),
        ("255.4", True, Ignored, "'255.4' is outside 0.01 to 255 seconds"),
        ("255.4", False, ValueError, "'255.4' is outside 0.01 to 255 seconds"),
        ("-1", True, Ignored, "'-1' is outside 0.01 to 255 seconds"),
        ("1e3", True, ValueError, "'1e3' is not a time in seconds"),
        ("inf", True, Ignored, "'inf' is not a time in seconds"),
        ("nan", True, Ignored, "'nan' is not a time in seconds"),
        (".", True, Ignored, "'.' is not a time in seconds"),
        ("1,5", True, ValueError, "'1,5' is not a time in seconds"),
        ("9" * 400, True, Ignored, f"'{'9' * 400}' is not a time in seconds"),
    ],
)
def test_a_time_outside_of_its_bounds(word: str, limited: bool, kind: type, message: str) -> None:
    assert refused(seconds(0.01, 255, limited=limited), word) == (kind, message)


def test_whole_seconds_are_a_float_without_a_fraction() -> None:
    kind = whole_seconds(0, 5)
    assert kind.read(("5",)) == 5.0
    assert isinstance(kind.read(("5",)), float)
    assert kind.write(5.0, None) == ("5",)
    assert refused(kind, "1.5")[0] is ValueError


@given(st.integers(-999, 999))
def test_a_whole_number_can_be_written_and_read_again(value: int) -> None:
    kind = integer(-999, 999)
    words = kind.write(value, None)
    assert words is not None
    assert kind.read(words) == value


@given(st.integers(0, 10**10).map(lambda microseconds: microseconds / 10**6))
def test_a_time_can_be_written_and_read_again(value: float) -> None:
    kind = seconds(0, 10_000)
    words = kind.write(value, None)
    assert words is not None
    assert kind.read(words) == value
    assert not text_of(value).endswith(".")
