# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contradictions in a service, and what runs then; keepalived 2.2.7's own answers were read off its -t."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from conf_texts import S, service
from lvsd.conf.validate.virtual_server import check_services, key_of
from lvsd.model import RealServer, VirtualServer

from tests.support.language import located, named

TWO = "real_server 192.0.2.8 80 {\n}\nreal_server 192.0.2.9 80 {\n}"


def checked(text: str) -> tuple[tuple[VirtualServer, ...], list[str]]:
    """The services as they run, and what was found."""
    whole, findings = located(text)
    services = check_services(whole, findings)
    return services, named(findings.result())


@pytest.mark.parametrize(
    ("text", "message", "field", "value"),
    [
        (service("quorum 5"), f"3: {S}quorum 5 is above the weight of all real servers, so it is 1", "quorum", 1),
        (service("quorum 2", servers=TWO), "", "quorum", 2),
        (service("quorum 3\nweight 0"), f"3: {S}quorum 3 is above the weight of all real servers, so", "quorum", 1),
        (
            service("quorum 2\nhysteresis 7\nweight 3"),
            f"4: {S}hysteresis 7 must be below the quorum and becomes 1",
            "hysteresis",
            1,
        ),
        (service("hysteresis 1"), f"3: {S}hysteresis 1 must be below the quorum and becomes 0", "hysteresis", 0),
        (service("ops"), f"3: {S}ops is for UDP, not for TCP, and is ignored", "one_packet", False),
        (service("ops\nprotocol UDP"), f"4: {S}'protocol' is said again (first in line 2)", "one_packet", True),
        (service("sh-port"), f"3: {S}sh-port belongs to lb_algo sh, not to wlc", "scheduler", "wlc"),
        (service("lb_algo sh\nsh-port\nsh-fallback"), "", "scheduler_flags", ("sh-port", "sh-fallback")),
        (
            service("persistence_granularity 255.255.255.0"),
            f"3: {S}persistence_granularity has no effect without persistence_timeout",
            "persistence_netmask",
            24,
        ),
        (
            service("persistence_engine sip"),
            f"3: {S}persistence_engine has no effect without persistence_timeout",
            "persistence_engine",
            "sip",
        ),
        (service().replace("protocol TCP", ""), f"1: {S}'protocol' is not said: it is UDP", "protocol", "UDP"),
        (
            service(key="192.0.2.1"),
            "1: virtual_server 192.0.2.1: a service without a port must have a persistence_timeout: it is 360",
            "persistence_timeout",
            360,
        ),
        (service("persistence_timeout 9", key="192.0.2.1"), "", "persistence_timeout", 9),
        (service("persistence_timeout 9\npersistence_granularity 32"), "", "persistence_netmask", 32),
    ],
)
def test_corrections_are_made_and_named(text: str, message: str, field: str, value: object) -> None:
    [found], said = checked(text)
    assert [line[: len(message)] for line in said] == ([message] if message else [])
    assert getattr(found, field) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (service() + service(), f"error 7: {S}the service is defined in line 1 already"),
        (
            service("sorry_server 2001:db8::9 80"),
            f"error 3: {S}sorry_server 2001:db8::9 is not IPv4 as the service; TUN can cross",
        ),
        (
            service("persistence_timeout\npersistence_granularity 33"),
            f"fatal 4: {S}persistence_granularity 33 is longer than an IPv4 address",
        ),
    ],
)
def test_contradictions_are_errors(text: str, message: str) -> None:
    [found], said = checked(text)
    assert said == [message]
    assert found.sorry_server is None


def test_a_sorry_server_of_another_family_is_reached_through_a_tunnel() -> None:
    [found], said = checked(service("sorry_server 2001:db8::9 80\nsorry_server_lvs_method TUN"))
    assert found.sorry_server is not None
    assert said == []


def test_a_service_without_real_servers_is_not_set_up() -> None:
    text = service("sorry_server 127.0.0.1 80", servers="")
    assert checked(text) == ((), [f"1: {S}it has no real_server and is not set up"])


def test_a_service_whose_servers_were_refused_is_not_said_to_have_none() -> None:
    services, said = checked(service(servers="real_server 192.0.2.x 80 {\n}"))
    assert services == ()
    assert said == [f"error 4: {S}real_server 192.0.2.x 80: '192.0.2.x' is not an IP address"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"port": 80, "protocol": "TCP"}, {"port": 80, "protocol": "UDP"}, False),
        ({"port": 80}, {"port": 80, "protocol": "UDP"}, True),
        ({"port": 80}, {"port": 81}, False),
    ],
)
def test_what_makes_a_service_the_same(one: dict[str, object], other: dict[str, object], same: bool) -> None:
    four = ip_address("192.0.2.1")
    first, second = (VirtualServer(address=four, **fields) for fields in (one, other))  # type: ignore[arg-type]
    assert (key_of(first) == key_of(second)) == same


def test_a_mark_is_another_service_for_another_family() -> None:
    six = RealServer(address=ip_address("2001:db8::1"))
    mark = VirtualServer(fwmark=1)
    assert key_of(mark) != key_of(VirtualServer(fwmark=2))
    assert key_of(mark) != key_of(VirtualServer(fwmark=1, real_servers=(six,)))
    assert key_of(mark) == key_of(VirtualServer(fwmark=1, ip_family="inet", real_servers=(six,)))
