# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a check connects to and from: every check that connects has the same words for it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.conf.grammar.check_target import GROUPS, LOG_ALL, NETWORK, TARGET
from lvsd.conf.grammar.entry import Block
from lvsd.model import CheckTarget, TcpCheck

from tests.support.language import read, words, written

BLOCK = Block("TCP_CHECK", "checks", TcpCheck, NETWORK, "", groups=GROUPS)
LINES: list[tuple[str, dict[str, Any]]] = [
    ("connect_ip 192.0.2.1", {"connect_ip": ip_address("192.0.2.1")}),
    ("connect_ip 2001:db8::1", {"connect_ip": ip_address("2001:db8::1")}),
    ("connect_port 1", {"connect_port": 1}),
    ("connect_port 65535", {"connect_port": 65535}),
    ("bindto 192.0.2.1", {"bindto": ip_address("192.0.2.1")}),
    ("bind_port 1", {"bind_port": 1}),
    ("bind_port 65535", {"bind_port": 65535}),
    ("bind_if eth0.100", {"bind_if": "eth0.100"}),
    ("fwmark 0", {"fwmark": 0}),
    ("fwmark 4294967295", {"fwmark": 4294967295}),
]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_a_word_sets_its_field(line: str, fields: dict[str, Any]) -> None:
    value, said = read(BLOCK, line)
    assert (value, said) == (TcpCheck(target=CheckTarget(**fields)), [])
    assert written(BLOCK, value) == [line]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("connect_ip localhost", "error 2: connect_ip 'localhost' is not an IP address"),
        ("connect_port 0", "error 2: connect_port '0' is outside 1 to 65535"),
        ("connect_port 65536", "error 2: connect_port '65536' is outside 1 to 65535"),
        ("bindto fe80::1%eth0", "fatal 2: bindto 'fe80::1%eth0': an address is given without an interface here"),
        ("bind_port 0", "error 2: bind_port '0' is outside 1 to 65535"),
        ("bind_if an-interface-name", "fatal 2: bind_if 'an-interface-name' is longer than 15 bytes"),
        ("fwmark 4294967296", "error 2: fwmark '4294967296' is outside 0 to 4294967295"),
    ],
)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    assert read(BLOCK, line) == (TcpCheck(), [said])


def test_a_length_behind_an_address_is_left_out() -> None:
    value, said = read(BLOCK, "connect_ip 192.0.2.1/24")
    assert value.target.connect_ip == ip_address("192.0.2.1")
    assert said == [
        "2: connect_ip '192.0.2.1/24': an address stands here without a length, which is left out: 192.0.2.1"
    ]


def test_what_every_check_that_connects_has() -> None:
    assert [entry.name for entry in TARGET] == [
        "connect_ip",
        "connect_port",
        "bindto",
        "bind_port",
        "bind_if",
        "fwmark",
    ]
    timing = {"connect_timeout", "retry", "delay_before_retry", "delay_loop", "warmup", "alpha"}
    assert words(BLOCK) == timing | {entry.name for entry in TARGET}
    assert LOG_ALL.warning == "'log_all_failures' is known but not implemented yet: only changes are logged"
    assert NETWORK[-1] is LOG_ALL
