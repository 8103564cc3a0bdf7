# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Persistence: a time, a mask as keepalived writes it for each family, and the engine for SIP."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from lvsd.conf.grammar.persistence import GRANULARITY, LONGEST, PERSISTENCE, engine
from lvsd.model import VirtualServer

from tests.support.language import refused

FOUR = VirtualServer(address=ip_address("192.0.2.1"))
SIX = VirtualServer(address=ip_address("2001:db8::1"))
MARK, MARK6 = VirtualServer(fwmark=1), VirtualServer(fwmark=1, ip_family="inet6")


@pytest.mark.parametrize(
    ("words", "seconds"), [((), 360), (("1",), 1), (("300",), 300), (("2678400",), LONGEST), (("0",), 0)]
)
def test_a_time_is_whole_seconds_up_to_a_month_and_360_where_none_stands(words: tuple[str, ...], seconds: int) -> None:
    assert PERSISTENCE.read(words) == seconds
    assert PERSISTENCE.write(seconds, FOUR) == (str(seconds),)


def test_a_time_of_0_is_no_persistence() -> None:
    assert PERSISTENCE.remark(("0",)) == "'0' is outside 1 to 2678400: there is no persistence"
    assert PERSISTENCE.remark(("1",)) is PERSISTENCE.remark(()) is None


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("2678401", "ignored: '2678401' is outside 1 to 2678400"),
        ("-1", "ignored: '-1' is outside 1 to 2678400"),
        ("1.5", "fatal: '1.5' is not a whole number from 1 to 2678400"),
    ],
)
def test_a_time_that_is_refused(word: str, message: str) -> None:
    assert refused(PERSISTENCE.read, word) == message


@pytest.mark.parametrize(
    ("word", "length"), [("255.255.255.0", 24), ("255.255.255.255", 32), ("128.0.0.0", 1), ("64", 64), ("128", 128)]
)
def test_a_mask_is_a_netmask_or_a_length(word: str, length: int) -> None:
    assert GRANULARITY.read((word,)) == length


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("0", "ignored: '0' is outside 1 to 128"),
        ("129", "ignored: '129' is outside 1 to 128"),
        ("x", "ignored: 'x' is not a whole number from 1 to 128"),
        ("255.0.255.0", "fatal: '255.0.255.0' is not a netmask"),
        ("255.255.256.0", "fatal: '255.255.256.0' is not a netmask"),
        ("255.255.0", "ignored: '255.255.0' is not a netmask"),
    ],
)
def test_a_mask_that_is_refused(word: str, message: str) -> None:
    assert refused(GRANULARITY.read, word) == message


@pytest.mark.parametrize(
    ("server", "length", "word"),
    [
        (FOUR, 24, "255.255.255.0"),
        (FOUR, 64, "64"),  # of a mistake: validation says so
        (MARK, 8, "255.0.0.0"),
        (SIX, 24, "24"),
        (SIX, 64, "64"),
        (MARK6, 24, "24"),
    ],
)
def test_a_mask_is_written_as_the_family_wants_it(server: VirtualServer, length: int, word: str) -> None:
    assert GRANULARITY.write(length, server) == (word,)
    assert GRANULARITY.read((word,)) == length


def test_the_only_engine_is_that_for_sip() -> None:
    assert engine().read(("sip",)) == "sip"
    assert engine().write("sip", FOUR) == ("sip",)
    assert refused(engine().read, "SIP") == "fatal: 'SIP' is none of sip, did you mean sip?"


def test_what_the_modules_are_told_of_the_values() -> None:
    kinds = (PERSISTENCE, GRANULARITY)
    assert [(kind.type, kind.low, kind.high, kind.unit) for kind in kinds] == [
        ("int", 1, LONGEST, "seconds"),
        ("str", 1, 128, ""),
    ]
    assert [(kind.least, kind.most) for kind in kinds] == [(0, 1), (1, 1)]
    assert (GRANULARITY.form, engine().choices) == ("netmask", ("sip",))
