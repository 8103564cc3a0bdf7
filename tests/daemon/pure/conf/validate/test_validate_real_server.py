# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in real servers: family, port, thresholds, and one that stands twice."""

from __future__ import annotations

import pytest
from conf_texts import R, S, check, service
from lvsd.conf.validate.real_server import on_port, real_servers
from lvsd.model import CheckTarget, HttpCheck, MiscCheck, RealServer, TcpCheck
from lvsd.model.statement import Command

from tests.support.language import located, named


def checked(text: str) -> tuple[tuple[RealServer, ...], list[str]]:
    """The servers of the only service as they run, and what was found."""
    whole, findings = located(text)
    [one] = whole.children["virtual_servers"]
    servers = real_servers(one, one.value, findings)
    return servers, named(findings.result())


def test_another_family_is_reached_through_a_tunnel_only() -> None:
    six = "real_server 2001:db8::9 80 {\n}"
    message = f"error 4: {S}real_server 2001:db8::9 80: it is not IPv4 as the service; only lvs_method TUN can cross"
    assert checked(service(servers=six)) == ((), [message])
    for text in (service("lb_kind TUN", servers=six), service(servers=six.replace("{", "{\nlvs_method TUN"))):
        servers, said = checked(text)
        assert ([str(server.address) for server in servers], said) == (["2001:db8::9"], [])


def test_only_nat_changes_the_port() -> None:
    servers, said = checked(service("lb_kind DR", servers="real_server 192.0.2.9 8080 {\n}"))
    assert said == [f"4: {S}real_server 192.0.2.9 8080: DR cannot change the port: 8080 becomes 80"]
    assert [server.port for server in servers] == [80]
    servers, said = checked(service(servers="real_server 192.0.2.9 8080 {\n}"))
    assert ([server.port for server in servers], said) == ([8080], [])


def test_a_server_that_stands_twice_counts_once() -> None:
    servers, said = checked(service(servers="real_server 192.0.2.9 80 {\n}\nreal_server 192.0.2.9 {\n}"))
    assert said == [f"error 6: {S}real_server 192.0.2.9: it is in line 4 already and is left out"]
    assert [server.port for server in servers] == [80]
    assert len(checked(service(servers="real_server 192.0.2.9 80 {\n}\nreal_server 192.0.2.9 81 {\n}"))[0]) == 2


@pytest.mark.parametrize(
    ("upper", "lower", "said"),
    [(5, 7, [f"fatal 6: {R}lthreshold 7 is above uthreshold 5"]), (7, 7, []), (0, 7, []), (7, 0, [])],
)
def test_thresholds_are_in_their_order(upper: int, lower: int, said: list[str]) -> None:
    lines = f"uthreshold {upper}\nlthreshold {lower}"
    assert checked(service(servers=f"real_server 192.0.2.9 80 {{\n{lines}\n}}"))[1] == said


def test_behind_a_mark_only_nat_changes_the_port() -> None:
    [server], said = checked(service("lb_kind NAT", servers=check("", "TCP_CHECK"), key="fwmark 7"))
    assert (server.port, said) == (80, [])
    [server], said = checked(service("lb_kind DR", servers=check("", "TCP_CHECK"), key="fwmark 7"))
    assert said == [
        "4: virtual_server fwmark 7: real_server 192.0.2.9 80: "
        "DR cannot change the port of a mark: 80 is for the checks only"
    ]
    assert server.port is None
    assert server.checks == (TcpCheck(target=CheckTarget(connect_port=80)),)


def test_a_check_with_a_port_of_its_own_keeps_it() -> None:
    own = CheckTarget(connect_port=9)
    assert on_port(TcpCheck(target=own), 80) == TcpCheck(target=own)
    assert on_port(HttpCheck(), 80) == HttpCheck(target=CheckTarget(connect_port=80))
    misc = MiscCheck(command=Command(("/bin/true",)))
    assert on_port(misc, 80) is misc


def test_the_checks_of_a_server_are_looked_at() -> None:
    _servers, said = checked(service(servers=check("")))
    assert said == [f"fatal 5: {R}HTTP_GET: it has no url: write url {{ path / }}"]
