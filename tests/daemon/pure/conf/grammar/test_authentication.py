# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block `authentication`: a kind and a password, both needed, and what is said of those not carried out."""

from __future__ import annotations

import pytest
from lvsd.conf.grammar.authentication import AUTH_HMAC, AUTHENTICATION, ah_warning
from lvsd.model import Authentication

from tests.support.language import kept, read, words, written


def test_the_words_of_the_block() -> None:
    assert words(AUTHENTICATION) == {"auth_type", "auth_pass"}
    assert kept(AUTHENTICATION.entries) == {}
    assert not AUTHENTICATION.many


def test_a_password_is_read_and_written() -> None:
    value, said = read(AUTHENTICATION, "auth_type PASS", "auth_pass s3cret")
    assert (value, said) == (Authentication("PASS", "s3cret"), [])
    assert written(AUTHENTICATION, value) == ["auth_type PASS", "auth_pass s3cret"]
    assert "s3cret" not in repr(value)


def test_ah_is_read_with_a_warning() -> None:
    value, said = read(AUTHENTICATION, "auth_type AH", "auth_pass x")
    assert value == Authentication("AH", "x")
    assert said == [f"2: {ah_warning('AH')}"]
    assert ah_warning("AH") == (
        "'auth_type AH' is known but not implemented yet: a peer that uses AH is neither heard nor hears us"
    )
    assert ah_warning("PASS") is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["auth_type PASS"], ["error 1: 'auth_pass PASSWORD' is missing"]),
        (["auth_pass x"], ["error 1: 'auth_type PASS' is missing"]),
        ([], ["error 1: 'auth_type PASS' is missing", "error 1: 'auth_pass PASSWORD' is missing"]),
        (
            ["auth_type PASS", "auth_pass"],
            ["fatal 3: 'auth_pass' needs a value: auth_pass PASSWORD", "error 1: 'auth_pass PASSWORD' is missing"],
        ),
        (["auth_type pass", "auth_pass x"], ["error 2: auth_type 'pass' is none of PASS, AH, did you mean PASS?"]),
        (["auth_type PASS", "auth_pass '\"'"], ["fatal 3: auth_pass cannot hold a double quote: "]),
    ],
)
def test_what_is_refused_leaves_the_block_out(lines: list[str], said: list[str]) -> None:
    value, found = read(AUTHENTICATION, *lines)
    assert value is None
    assert [text[: len(start)] for text, start in zip(found, said, strict=True)] == said


def test_hmac_is_only_kept_with_its_words() -> None:
    assert set(AUTH_HMAC.known) == {"key", "active_key", "anti_replay", "time_window", "mode"}
    assert AUTH_HMAC.warning == (
        "'auth_hmac' is known but not implemented yet: advertisements are not signed, "
        "and a peer that enforces it drops them"
    )
