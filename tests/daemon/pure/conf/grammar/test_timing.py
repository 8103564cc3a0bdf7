# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The times of a check: their ranges, and what is said of a value outside, in each block that has them."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.conf.grammar.check_target import GROUPS
from lvsd.conf.grammar.entry import Block, Keyword
from lvsd.conf.grammar.timing import DAY, timing
from lvsd.model import CheckTiming, TcpCheck

from tests.support.language import read, words, written

BLOCK = Block("TCP_CHECK", "checks", TcpCheck, timing("the real server's"), "", groups=GROUPS)
LOOSE = Block("TCP_CHECK", "checks", TcpCheck, timing("", strict=False), "", groups=GROUPS)
LINES: list[tuple[str, dict[str, Any]]] = [
    ("connect_timeout 0.000001", {"connect_timeout": 0.000001}),
    ("connect_timeout 86400", {"connect_timeout": float(DAY)}),
    ("retry 0", {"retry": 0}),
    ("retry 2147483647", {"retry": 2147483647}),
    ("delay_before_retry 0", {"delay_before_retry": 0.0}),
    ("delay_before_retry 86400", {"delay_before_retry": 86400.0}),
    ("delay_loop 0.000001", {"delay_loop": 0.000001}),
    ("delay_loop 2678400", {"delay_loop": 2678400.0}),
    ("warmup 0", {"warmup": 0.0}),
    ("warmup 2678400", {"warmup": 2678400.0}),
    ("alpha", {"alpha": True}),
    ("alpha off", {"alpha": False}),
]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_a_word_sets_its_field(line: str, fields: dict[str, Any]) -> None:
    value, said = read(BLOCK, line)
    assert (value, said) == (TcpCheck(timing=CheckTiming(**fields)), [])
    assert written(BLOCK, value) == [line]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("connect_timeout 0", "error 2: connect_timeout '0' is outside 0.000001 to 86400 seconds"),
        ("connect_timeout 86401", "error 2: connect_timeout '86401' is outside 0.000001 to 86400 seconds"),
        ("retry -1", "error 2: retry '-1' is outside 0 to 2147483647"),
        ("retry 2147483648", "error 2: retry '2147483648' is outside 0 to 2147483647"),
        ("delay_before_retry -1", "error 2: delay_before_retry '-1' is outside 0 to 86400 seconds"),
        ("delay_before_retry 86401", "fatal 2: delay_before_retry '86401' is outside 0 to 86400 seconds"),
        ("delay_loop 0", "error 2: delay_loop '0' is outside 0.000001 to 2678400 seconds"),
        ("delay_loop 2678401", "fatal 2: delay_loop '2678401' is outside 0.000001 to 2678400 seconds"),
        ("warmup 2678401", "fatal 2: warmup '2678401' is outside 0 to 2678400 seconds"),
        ("alpha perhaps", "error 2: alpha 'perhaps' is none of on, off, true, false, yes, no"),
    ],
)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    assert read(BLOCK, line) == (TcpCheck(), [said])


def test_the_virtual_server_takes_any_word_behind_alpha_for_on() -> None:
    value, said = read(LOOSE, "alpha perhaps")
    assert value.timing == CheckTiming(alpha=True)
    assert said == ["2: alpha 'perhaps' is none of on, off, true, false, yes, no: it is on"]


def test_the_older_spelling_of_retry() -> None:
    value, said = read(BLOCK, "nb_get_retry 4")
    assert value.timing.retry == 4
    assert said == ["2: 'nb_get_retry' is an old name of 'retry'"]


def test_a_check_that_runs_a_program_has_no_time_to_connect() -> None:
    every = words(BLOCK)
    assert every == {"connect_timeout", "retry", "delay_before_retry", "delay_loop", "warmup", "alpha"}
    assert {entry.name for entry in timing("x", connect=False)} == every - {"connect_timeout"}


def test_the_default_says_from_where_it_is_inherited() -> None:
    defaults = {entry.name: entry.default for entry in timing("") if isinstance(entry, Keyword)}
    assert defaults == {
        "connect_timeout": "5",
        "retry": "1; MISC_CHECK 0",
        "delay_before_retry": "1; HTTP_GET and SSL_GET 3",
        "delay_loop": "60",
        "warmup": "delay_loop",
        "alpha": "off",
    }
    assert {entry.default for entry in timing("the aunt's") if isinstance(entry, Keyword)} == {"the aunt's"}
