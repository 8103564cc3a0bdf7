# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `real_server`: its key, the field that each word sets, and what is refused with which text."""

from __future__ import annotations

from ipaddress import ip_address
from operator import attrgetter
from typing import Any

import pytest
from lvsd.conf.grammar.checks import CHECKS
from lvsd.conf.grammar.entry import Block
from lvsd.conf.grammar.real_server import REAL_SERVER, read_server_key, service_port, write_server_key
from lvsd.model import Command, Forwarding, Method, RealServer

from tests.support.language import kept, read, refused, words, written

HEAD = "real_server 192.0.2.1 80"
V4 = ip_address("192.0.2.1")
PLAIN = RealServer(address=V4, port=80)
LINES: list[tuple[str, str, Any]] = [
    ("weight 0", "weight", 0),
    ("weight 65535", "weight", 65535),
    ("lvs_method DR", "method", Method(forwarding=Forwarding.DR)),
    ("uthreshold 4294967295", "upper_threshold", 4294967295),
    ("lthreshold 1", "lower_threshold", 1),
    ("inhibit_on_failure", "inhibit_on_failure", True),
    ("inhibit_on_failure off", "inhibit_on_failure", False),
    ("virtualhost www.example.org", "virtualhost", "www.example.org"),
    ("retry 3", "timing.retry", 3),
    ('notify_up "/bin/up now" games', "notify_up", Command(("/bin/up", "now"), "games")),
    ("notify_down /bin/down", "notify_down", Command(("/bin/down",))),
]


def test_the_words_of_a_server() -> None:
    timing = {"connect_timeout", "retry", "delay_before_retry", "delay_loop", "warmup", "alpha"}
    checks = {entry.name for entry in CHECKS if isinstance(entry, Block)}
    assert words(REAL_SERVER) == {line.split()[0] for line, *_rest in LINES} | timing | checks
    assert {"smtp_alert", "snmp_name"} <= set(kept(REAL_SERVER.entries))


@pytest.mark.parametrize(("line", "path", "held"), LINES)
def test_a_word_sets_its_field(line: str, path: str, held: Any) -> None:
    value, said = read(REAL_SERVER, line, head=HEAD)
    assert said == []
    assert attrgetter(path)(value) == held
    assert written(REAL_SERVER, value) == [line]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("weight -1", "error 2: weight '-1' is outside 0 to 65535"),
        ("weight 2147483648", "error 2: weight '2147483648' is outside 0 to 65535"),
        ("weight " + "9" * 200, "error 2: weight '9999"),
        ("lvs_method X", "error 2: lvs_method 'X' is none of NAT, DR, TUN"),
        ("uthreshold 4294967296", "error 2: uthreshold '4294967296' is outside 0 to 4294967295"),
        ("lthreshold -1", "error 2: lthreshold '-1' is outside 0 to 4294967295"),
        ("inhibit_on_failure perhaps", "error 2: inhibit_on_failure 'perhaps' is none of on, off, true, false, yes, "),
        ("virtualhost", "error 2: 'virtualhost' needs a value: virtualhost NAME"),
        ("notify_up", "fatal 2: 'notify_up' needs a value: notify_up \"COMMAND ARGUMENTS\" [USER [GROUP]]"),
    ],
)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    value, found = read(REAL_SERVER, line, head=HEAD)
    assert value == PLAIN
    assert [one[: len(said)] for one in found] == [said]


@pytest.mark.parametrize("weight", [65536, 2147483647])
def test_a_weight_that_only_older_versions_take_is_taken_with_a_warning(weight: int) -> None:
    value, said = read(REAL_SERVER, f"weight {weight}", head=HEAD)
    assert value.weight == weight
    assert said == [f"2: weight '{weight}' is outside 0 to 65535, the range of newer versions"]


@pytest.mark.parametrize(
    ("line", "address", "port"),
    [
        ("192.0.2.1 80", "192.0.2.1", 80),
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1 0", "192.0.2.1", 0),
        ("2001:db8::1 65535", "2001:db8::1", 65535),
    ],
)
def test_the_key_is_an_address_and_perhaps_a_port(line: str, address: str, port: int | None) -> None:
    server = RealServer(address=ip_address(address), port=port)
    assert read_server_key(tuple(line.split())) == {"address": server.address, "port": port}
    assert " ".join(write_server_key(server)) == line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "fatal: needs ADDRESS [PORT]"),
        ("192.0.2.1 80 tcp", "fatal: needs ADDRESS [PORT]"),
        ("www 80", "ignored: 'www' is not an IP address"),
        ("fe80::1%eth0 80", "fatal: 'fe80::1%eth0': an address is given without an interface here"),
        ("192.0.2.1 65536", "ignored: '65536' is outside 0 to 65535"),
        ("192.0.2.1 http", "ignored: 'http' is not a whole number from 0 to 65535"),
    ],
)
def test_a_key_that_is_refused(line: str, message: str) -> None:
    assert refused(read_server_key, line) == message


def test_a_bad_port_leaves_the_server_out_and_lets_the_daemon_go_on() -> None:
    assert refused(lambda words: service_port(words[0]), "8o") == "ignored: '8o' is not a whole number from 0 to 65535"
    value, said = read(REAL_SERVER, head="real_server 192.0.2.1 8o")
    assert (value, said) == (None, ["error 1: '8o' is not a whole number from 0 to 65535"])


def test_what_stands_behind_the_key_is_left_out() -> None:
    value, said = read(REAL_SERVER, head="real_server 192.0.2.1/24 80 tcp")
    assert value == PLAIN
    assert said == [
        "1: 'tcp' before the '{' has no meaning and is ignored",
        "1: '192.0.2.1/24': an address stands here without a length, which is left out: 192.0.2.1",
    ]
