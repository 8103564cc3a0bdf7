# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator can order: the server that a request names, the order that comes of it, and every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.check.commands import Verbs
from lvsd.check.overrides import Order
from lvsd.check.pool import pools
from lvsd.check.services import Services
from lvsd.check.shared_probes import SharedProbes
from lvsd.control.peer import ASKED_BY, Peer
from lvsd.control.server import Refused
from lvsd.kernel.ipvs_types import DestinationKey, Table
from lvsd.loop import Loop
from lvsd.model import Configuration, RealServer, VirtualServer

WEB, DNS = "192.0.2.10:80/TCP", "192.0.2.10:53/UDP"


class Operator:
    """Verbs over three services; `given` is what was handed over: the server, the order, and who asked."""

    def __init__(self, loop: Loop) -> None:
        servers = tuple(RealServer(address=ip_address(address)) for address in ("10.0.0.11", "2001:db8::12"))
        web = VirtualServer(address=ip_address("192.0.2.10"), port=80, protocol="TCP", real_servers=servers[:1])
        six = replace(web, address=ip_address("2001:db8::1"), real_servers=servers[1:])
        dns = replace(web, port=53, protocol="UDP")
        wanted = Configuration(virtual_servers=(web, dns, replace(dns, protocol="TCP"), six))
        self.services = Services(loop, SharedProbes(loop), lambda *_: None)
        self.services.load(pools(wanted), {}, Table())
        self.given: list[tuple[str, Order, Peer | None]] = []
        self.verbs = Verbs(self.services, self.give, lambda key: {"name": str(key)})

    def give(self, key: DestinationKey, order: Order, peer: Peer | None) -> None:
        self.given.append((str(key), order, peer))
        server = self.services.server(key)
        server.state = replace(server.state, order=order)

    def ask(self, verb: str, **request: Any) -> Any:
        return getattr(self.verbs, verb)(request)


@pytest.fixture
def operator() -> Iterator[Operator]:
    loop = Loop()
    made = Operator(loop)
    yield made
    made.services.stop()
    loop.close()


@pytest.mark.parametrize(
    ("service", "server", "found"),
    [
        pytest.param(WEB, "10.0.0.11:80", "10.0.0.11:80 of 192.0.2.10:80/TCP", id="by whole names"),
        pytest.param(WEB, "10.0.0.11", "10.0.0.11:80 of 192.0.2.10:80/TCP", id="without the server's port"),
        pytest.param("192.0.2.10:80", "10.0.0.11", "10.0.0.11:80 of 192.0.2.10:80/TCP", id="without the protocol"),
        pytest.param(DNS, "10.0.0.11", "10.0.0.11:53 of 192.0.2.10:53/UDP", id="of two protocols the one named"),
        pytest.param(
            "[2001:db8::1]:80", "2001:db8::12", "[2001:db8::12]:80 of [2001:db8::1]:80/TCP", id="IPv6 without brackets"
        ),
    ],
)
def test_a_request_names_one_server(operator: Operator, service: str, server: str, found: str) -> None:
    assert operator.ask("drain", service=service, server=server) == {"server": {"name": found}}
    assert operator.given == [(found, Order(drained=True), None)]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param({}, '"service" is missing: a text', id="nothing named"),
        pytest.param({"service": 7, "server": "10.0.0.11"}, '"service" is missing: a text', id="a number"),
        pytest.param({"service": WEB}, '"server" is missing: a text', id="no server named"),
        pytest.param(
            {"service": "192.0.2.10:53", "server": "10.0.0.11"},
            "'192.0.2.10:53' is more than one service: 192.0.2.10:53/UDP, 192.0.2.10:53/TCP",
            id="two protocols",
        ),
        pytest.param(
            {"service": "x", "server": "10.0.0.11"},
            "no service 'x'; there is 192.0.2.10:80/TCP, 192.0.2.10:53/UDP, 192.0.2.10:53/TCP, [2001:db8::1]:80/TCP",
            id="an unknown service",
        ),
        pytest.param(
            {"service": WEB, "server": "10.0.0.1"},
            "192.0.2.10:80/TCP has no server '10.0.0.1'; it has 10.0.0.11:80",
            id="the beginning of a name is none",
        ),
        pytest.param(
            {"service": WEB, "server": "10.0.0.11:81"},
            "192.0.2.10:80/TCP has no server '10.0.0.11:81'; it has 10.0.0.11:80",
            id="another port",
        ),
    ],
)
def test_what_names_no_server_is_refused_with_what_there_is(
    operator: Operator, request_: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused) as raised:
        operator.ask("enable", **request_)
    assert (str(raised.value), operator.given) == (reason, [])


def test_without_services_there_is_none(operator: Operator) -> None:
    operator.services.load({}, {}, Table())
    with pytest.raises(Refused, match="no service 'x'; there is none"):
        operator.ask("drain", service="x", server="y")


def test_each_order_changes_its_own_part_and_leaves_the_other(operator: Operator) -> None:
    where = {"service": WEB, "server": "10.0.0.11"}
    operator.ask("weight", weight=0, **where)
    operator.ask("drain", **where)
    operator.ask("weight", weight=None, **where)
    operator.ask("weight", weight=65535, **where)
    operator.ask("enable", **where)
    assert [(order.drained, order.weight) for _, order, _ in operator.given] == [
        (False, 0),
        (True, 0),
        (True, None),
        (True, 65535),
        (False, 65535),
    ]


@pytest.mark.parametrize("weight", [-1, 65536, 1.0, "1", True, [], {}])
def test_a_weight_that_cannot_be_is_refused_before_anything_is_given(operator: Operator, weight: object) -> None:
    with pytest.raises(Refused, match="a weight is an integer from 0 to 65535, not "):
        operator.ask("weight", service=WEB, server="10.0.0.11", weight=weight)
    assert operator.given == []


def test_a_weight_must_be_said(operator: Operator) -> None:
    with pytest.raises(Refused, match='"weight" is missing: a number, or null'):
        operator.ask("weight", service=WEB, server="10.0.0.11")


def test_who_asked_goes_with_the_order(operator: Operator) -> None:
    peer = Peer(0, 4711)
    operator.verbs.drain({"service": WEB, "server": "10.0.0.11", ASKED_BY: peer})
    assert operator.given[0][2] is peer
