# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of `virtual_server`: its key, the field that each word sets, and what is refused with which text."""

from __future__ import annotations

from ipaddress import ip_address
from operator import attrgetter
from typing import Any

import pytest
from lvsd.conf.grammar.virtual_server import (
    FLAGS,
    SCHEDULERS,
    VIRTUAL_SERVER,
    VIRTUAL_SERVER_GROUP,
    read_service_key,
    write_service_key,
)
from lvsd.model import Command, Forwarding, Method, RealServer, SorryServer, VirtualServer

from tests.support.language import kept, read, refused, words, written

HEAD = "virtual_server 192.0.2.9 80"
V4 = ip_address("192.0.2.9")
PLAIN = VirtualServer(address=V4, port=80)
USUAL = ["lb_algo wlc", "lb_kind NAT"]  # keepalived -t wants them said
LINES: list[tuple[str, str, Any]] = [
    ("ip_family inet6", "ip_family", "inet6"),
    *((f"lb_algo {name}", "scheduler", name) for name in SCHEDULERS),
    *((name, "scheduler_flags", (name,)) for name in FLAGS),
    ("ops", "one_packet", True),
    ("lb_kind TUN type gre", "method", Method(forwarding=Forwarding.TUN, tunnel_type="gre")),
    ("persistence_timeout 50", "persistence_timeout", 50),
    ("persistence_granularity 255.255.255.0", "persistence_netmask", 24),
    ("persistence_engine sip", "persistence_engine", "sip"),
    ("protocol UDP", "protocol", "UDP"),
    ("protocol SCTP", "protocol", "SCTP"),
    ("weight 9", "weight", 9),
    ("delay_loop 7", "timing.delay_loop", 7.0),
    ("quorum 2147483647", "quorum", 2147483647),
    ("hysteresis 2147483647", "hysteresis", 2147483647),
    ("quorum_up /bin/up", "quorum_up", Command(("/bin/up",))),
    ("quorum_down /bin/down", "quorum_down", Command(("/bin/down",))),
    ("omega", "omega", True),
    ("inhibit_on_failure", "inhibit_on_failure", True),
    ("virtualhost www.example.org", "virtualhost", "www.example.org"),
    ("sorry_server 192.0.2.3 8080", "sorry_server", SorryServer(address=ip_address("192.0.2.3"), port=8080)),
    ("sorry_server 2001:db8::3", "sorry_server", SorryServer(address=ip_address("2001:db8::3"))),
]


def test_the_words_of_a_service() -> None:
    timing = {"connect_timeout", "retry", "delay_before_retry", "delay_loop", "warmup", "alpha"}
    others = {"lb_kind", "real_server", "sorry_server_lvs_method", "sorry_server_inhibit"}
    assert words(VIRTUAL_SERVER) == {line.split()[0] for line, *_rest in LINES} | timing | others
    assert kept(VIRTUAL_SERVER.entries) == {
        "hashed": None,
        "ha_suspend": "'ha_suspend' is known but not implemented yet: the checks always run",
        "smtp_alert": "'smtp_alert' is known but not implemented yet: no mail is sent; use notify scripts",
        "snmp_name": "'snmp_name' is known but not implemented yet: there is no SNMP agent",
    }


@pytest.mark.parametrize(("line", "path", "held"), LINES)
def test_a_word_sets_its_field(line: str, path: str, held: Any) -> None:
    value, said = read(VIRTUAL_SERVER, line, head=HEAD)
    assert said == []
    assert attrgetter(path)(value) == held
    same = {line.split()[0] for line in USUAL} & {line.split()[0]}
    assert sorted(written(VIRTUAL_SERVER, value)) == sorted(
        [line, *(usual for usual in USUAL if usual.split()[0] not in same)]
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ip_family inet5", "error 2: ip_family 'inet5' is none of inet, inet6"),
        (
            "lb_algo wlc2",
            "error 2: lb_algo 'wlc2' is none of rr, wrr, lc, wlc, lblc, lblcr, sh, mh, dh, fo, ovf, sed, nq, twos",
        ),
        ("lb_kind dr", "error 2: lb_kind 'dr' is none of NAT, DR, TUN, did you mean DR?"),
        ("persistence_timeout 2678401", "error 2: persistence_timeout '2678401' is outside 1 to 2678400"),
        ("persistence_granularity 129", "error 2: persistence_granularity '129' is outside 1 to 128"),
        ("persistence_engine pop", "fatal 2: persistence_engine 'pop' is none of sip"),
        ("protocol ICMP", "error 2: protocol 'ICMP' is none of TCP, UDP, SCTP"),
        ("quorum 0", "error 2: quorum '0' is outside 1 to 2147483647"),
        ("hysteresis -1", "error 2: hysteresis '-1' is outside 0 to 2147483647"),
        ("quorum_up ''", "fatal 2: quorum_up has no command"),
        ("sorry_server www", "error 2: sorry_server 'www' is not an IP address"),
        ("sorry_server 192.0.2.3 65536", "error 2: sorry_server '65536' is outside 0 to 65535"),
    ],
)
def test_a_value_that_is_refused(line: str, said: str) -> None:
    assert read(VIRTUAL_SERVER, line, head=HEAD) == (PLAIN, [said])


def test_older_spellings_and_other_cases() -> None:
    value, said = read(VIRTUAL_SERVER, "lvs_sched rr", "lvs_method DR", "protocol tcp", head=HEAD)
    assert said == []
    assert value == VirtualServer(
        address=V4, port=80, scheduler="rr", method=Method(forwarding=Forwarding.DR), protocol="TCP"
    )


def test_flags_are_kept_once_and_in_one_order() -> None:
    value, said = read(VIRTUAL_SERVER, "mh-port", "flag-1", "mh-port", head=HEAD)
    assert (value.scheduler_flags, said) == (("flag-1", "mh-port"), [])


def test_what_belongs_to_a_sorry_server_needs_one() -> None:
    lines = ["sorry_server 192.0.2.3 80", "sorry_server_lvs_method DR", "sorry_server_inhibit"]
    value, said = read(VIRTUAL_SERVER, *lines, head=HEAD)
    dr = Method(forwarding=Forwarding.DR)
    assert said == []
    assert value.sorry_server == SorryServer(address=ip_address("192.0.2.3"), port=80, method=dr, inhibit=True)
    assert written(VIRTUAL_SERVER, value) == [*USUAL, *lines]
    value, said = read(VIRTUAL_SERVER, "sorry_server_inhibit", head=HEAD)
    assert value.sorry_server is None
    assert said == ["2: 'sorry_server_inhibit' has no effect without 'sorry_server'"]


def test_servers_are_in_their_order() -> None:
    value, _said = read(VIRTUAL_SERVER, "real_server 192.0.2.1 80 {", "}", "real_server 192.0.2.2 {", "}", head=HEAD)
    assert value.real_servers == (
        RealServer(address=ip_address("192.0.2.1"), port=80),
        RealServer(address=ip_address("192.0.2.2")),
    )


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ("192.0.2.9 80", PLAIN),
        ("192.0.2.9", VirtualServer(address=V4)),
        ("2001:db8::9 65535", VirtualServer(address=ip_address("2001:db8::9"), port=65535)),
        ("fwmark 1", VirtualServer(fwmark=1)),
        ("fwmark 4294967295", VirtualServer(fwmark=4294967295)),
    ],
)
def test_the_key_of_a_service(line: str, service: VirtualServer) -> None:
    key = read_service_key(tuple(line.split()))
    assert VirtualServer(**(key or {})) == service
    assert " ".join(write_service_key(service)) == line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "fatal: needs ADDRESS PORT, fwmark N or group NAME"),
        ("fwmark", "fatal: needs ADDRESS PORT, fwmark N or group NAME"),
        ("192.0.2.9 80 tcp", "fatal: needs ADDRESS PORT, fwmark N or group NAME"),
        ("fwmark 0", "fatal: '0' is outside 1 to 4294967295"),
        ("fwmark 4294967296", "fatal: '4294967296' is outside 1 to 4294967295"),
        ("192.0.2.9 http", "ignored: 'http' is not a whole number from 0 to 65535"),
        ("www 80", "ignored: 'www' is not an IP address"),
    ],
)
def test_a_key_that_is_refused(line: str, message: str) -> None:
    assert refused(read_service_key, line) == message


def test_a_service_of_a_group_is_only_kept() -> None:
    assert read_service_key(("group", "G")) is None
    value, said = read(VIRTUAL_SERVER, "lb_algo rr", head="virtual_server group G")
    assert (value, said) == (None, [])
    assert VIRTUAL_SERVER.kept_effect.endswith("the service is not set up")
    assert (VIRTUAL_SERVER_GROUP.worker, VIRTUAL_SERVER_GROUP.lines) == ("checker", True)
