# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`auth_pass` is the same bytes as keepalived's, which were read off the dump of 2.2.7 (keepalived -d)."""

from __future__ import annotations

import pytest
from lvsd import conf
from lvsd.conf.findings import Loaded, Severity
from lvsd.vrrp.packet import padded

PLACE = "vrrp_instance VI_1: authentication: auth_pass "


def parse(written: str) -> Loaded:
    return conf.parse(
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\nauthentication {\nauth_type PASS\n"
        f"auth_pass {written}\n}}\nvirtual_ipaddress {{\n192.0.2.1\n}}\n}}\n"
    )


def password(loaded: Loaded) -> str:
    (router,) = loaded.configuration.routers
    assert router.authentication is not None
    return router.authentication.password


def said(loaded: Loaded) -> list[str]:
    return [f"{f.line}: {f.message}" for f in loaded.findings if f.severity is Severity.WARNING]


@pytest.mark.parametrize("written", ["secret12", '"a b"', "it's", '"a#b!"', "a$b", '"{"', r"\d\n", '"it\'s"', '"é"'])
def test_most_passwords_are_what_they_look_like(written: str) -> None:
    loaded = parse(written)
    assert password(loaded) == written.strip('"')
    assert [line for line in said(loaded) if "ASCII" not in line] == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\\b", r"a\\b"),
        (r'"a\tb"', r"a\tb"),
        (r'"a\\b"', r"a\\b"),
        (r'"\xff"', r"\xff"),
        (r'"a\x22b"', r"a\x22b"),
        (r'"a\#b"', r"a\#b"),
        ("'ab'", "'ab'"),
        ("'a b'", "'a"),
        ("'a#b'", "'a"),
        (r"pa\#s\\s", "pa"),
        (r"a\!b", "a"),
        (r"a\ b", "a\\"),
        ('a"b"c', "a"),
        ('"a"b', "a"),
        ('"a""b"', "a"),
    ],
)
def test_quotes_and_backslashes_are_read_as_keepalived_does_and_that_is_said(written: str, meant: str) -> None:
    loaded = parse(written)
    assert password(loaded) == meant
    assert [line.startswith(f"6: {PLACE}is read as keepalived does: ") for line in said(loaded)] == [True]
    assert not loaded.errors
    assert conf.parse(conf.render(loaded.configuration)).configuration == loaded.configuration


def test_a_last_backslash_is_kept() -> None:
    loaded = parse("a{2}\\")
    assert password(loaded) == "a{2}\\"
    assert conf.parse(conf.render(loaded.configuration)).configuration == loaded.configuration


@pytest.mark.parametrize(("written", "why"), [(r'"a\"b"', "cannot hold a double quote"), (r'a\"b', "cannot hold a"),
                                              ('""', "is empty"), (r"\#x", "is empty")])  # fmt: skip
def test_what_keepalived_cannot_read_is_an_error(written: str, why: str) -> None:
    loaded = parse(written)
    assert next(f"{f.line}: {f.message}" for f in loaded.errors).startswith(f"6: {PLACE}{why}")
    assert loaded.refused


def test_a_password_has_eight_bytes() -> None:
    loaded = parse("secretsecret")
    assert said(loaded) == ["6: vrrp_instance VI_1: auth_pass has 12 bytes: only the first 8 count"]
    assert padded(password(loaded).encode()) == b"secretse"
    assert "secret" not in str(loaded.findings)


def test_of_a_character_that_is_cut_the_first_byte_is_sent() -> None:
    loaded = parse("1234567é9")
    assert padded(password(loaded).encode()) == b"1234567\xc3"
    assert len(said(loaded)) == 2
    assert "6: vrrp_instance VI_1: auth_pass has other characters than ASCII" in said(loaded)[0]


@pytest.mark.parametrize("written", ["secretsecret", '"a #bcde\\xyz"', "1234567é9", '"a!b c#d e f"'])
def test_a_longer_one_is_the_same_to_whoever_reads_what_the_parent_writes(written: str) -> None:
    """Cut in the model, one that ends in a backslash then could not be written."""
    loaded = parse(written)
    again = conf.parse(conf.render(loaded.configuration), "again")
    assert password(again) == password(loaded)
