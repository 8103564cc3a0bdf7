# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control socket shows of services, servers and checks, beside what the kernel holds of them."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.check.health import Health
from lvsd.check.overrides import Order
from lvsd.check.pool import pools
from lvsd.check.services import Services
from lvsd.check.shared_probes import SharedProbes
from lvsd.check.show import show, show_check, show_kernel, show_server
from lvsd.kernel.ipvs_types import Connections, Destination, DestinationKey, Service, ServiceKey, Table
from lvsd.model import CheckTiming, Configuration, Forwarding, Method, RealServer, SorryServer, TcpCheck, VirtualServer

from tests.support.virtual_time import VirtualTime

KEY = ServiceKey.at(ip_address("192.0.2.10"), 80)
EMPTY = Table()
TCP = TcpCheck(timing=CheckTiming(warmup=60.0))


def real(n: int, **more: Any) -> RealServer:
    return RealServer(address=ip_address(f"10.0.0.{n}"), checks=(TCP,), **more)


def at(n: int) -> DestinationKey:
    return DestinationKey(KEY, ip_address(f"10.0.0.{n}"), 80)


def loaded(*servers: RealServer, actual: Table = EMPTY, **more: Any) -> Services:
    virtual = VirtualServer(address=KEY.address, port=80, protocol="TCP", real_servers=servers, **more)
    loop = VirtualTime().loop
    services = Services(loop, SharedProbes(loop), lambda *_: None)
    services.load(pools(Configuration(virtual_servers=(virtual,))), {}, actual)
    return services


def only(services: Services, actual: Table = EMPTY) -> dict[str, Any]:
    (shown,) = show(services, actual, {})
    json.dumps(shown)  # it goes out as JSON
    return shown


def test_nothing_is_shown_of_nothing() -> None:
    loop = VirtualTime().loop
    assert show(Services(loop, SharedProbes(loop), lambda *_: None), EMPTY, {}) == []


def test_a_service_is_shown_with_its_quorum_and_servers() -> None:
    services = loaded(real(11, weight=3), real(12, weight=4), quorum=5, hysteresis=1, scheduler="wrr")
    services.services[KEY].state = replace(services.services[KEY].state, quorum=True)
    shown = only(services)
    assert (shown["key"], shown["scheduler"], shown["forwarding"]) == (str(KEY), "wrr", "NAT")
    assert shown["quorum"] == {"up": True, "weight": 7, "needed": 5, "hysteresis": 1}
    assert (shown["sorry_server"], shown["sorry_in_use"], shown["kernel"]) == (None, False, None)
    assert [server["key"] for server in shown["servers"]] == ["10.0.0.11:80", "10.0.0.12:80"]


@pytest.mark.parametrize(("quorum", "in_use"), [(None, True), (False, True), (True, False)])
def test_the_sorry_server_is_in_use_without_quorum(quorum: bool | None, in_use: bool) -> None:
    services = loaded(real(11), sorry_server=SorryServer(address=ip_address("10.0.0.99"), port=80))
    services.services[KEY].state = replace(services.services[KEY].state, quorum=quorum)
    shown = only(services)
    assert (shown["sorry_server"], shown["sorry_in_use"]) == ("10.0.0.99:80", in_use)
    assert shown["quorum"]["up"] is bool(quorum)


def test_the_forwarding_of_a_service_is_that_of_its_servers() -> None:
    nat, direct = Method(forwarding=Forwarding.NAT), Method(forwarding=Forwarding.DR)
    tunnel = Method(forwarding=Forwarding.TUN)
    for method, word in ((nat, "NAT"), (direct, "DR"), (tunnel, "TUN")):
        assert only(loaded(real(11, method=method), real(12, method=method)))["forwarding"] == word
    shown = only(loaded(real(11, method=nat), real(12, method=direct)))
    assert shown["forwarding"] == "mixed"
    assert [server["forwarding"] for server in shown["servers"]] == ["NAT", "DR"]


# --- the kernel ---------------------------------------------------------------------------------


def test_what_the_kernel_holds_is_shown_as_it_holds_it() -> None:
    held = Service("mh", persistence_timeout=300, persistence_netmask=24, one_packet=True, flag_1=True, flag_3=True)
    table = Table({KEY: held}, {at(11): Destination(weight=1), at(99): Destination(weight=0)})
    other = ServiceKey.at(ip_address("192.0.2.11"), 80)
    table.destinations[DestinationKey(other, ip_address("10.0.0.1"), 80)] = Destination(weight=1)
    assert show_kernel(KEY, table) == {
        "scheduler": "mh",
        "persistence_timeout": 300,
        "persistence_netmask": 24,
        "persistence_engine": "",
        "one_packet": True,
        "flags": [1, 3],
        "destinations": 2,
    }
    assert show_kernel(other, table) is None


# --- a server -----------------------------------------------------------------------------------


def test_a_server_is_shown_with_its_connections_and_the_weight_that_the_kernel_holds() -> None:
    services = loaded(real(11, weight=3))
    actual = Table({KEY: Service("wlc")}, {at(11): Destination(weight=2)})
    shown = show_server(at(11), services.server(at(11)), actual, {at(11): Connections(7, 8, 9)})
    assert (shown["weight"], shown["effective_weight"], shown["weight_override"]) == (3, 2, None)
    counted = (shown["active_connections"], shown["inactive_connections"], shown["persistent_connections"])
    assert counted == (7, 8, 9)
    assert (shown["up"], shown["admin"], shown["order_since"]) == (True, "enabled", None)


def test_one_that_the_kernel_does_not_hold_has_no_weight_there_and_no_connections() -> None:
    (shown,) = only(loaded(real(11, weight=3)))["servers"]
    assert shown["effective_weight"] is None
    assert [shown[f"{kind}_connections"] for kind in ("active", "inactive", "persistent")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("order", "admin", "weight", "since"),
    [
        (Order(since=3.0), "enabled", None, None),  # an order that was taken back
        (Order(drained=True, since=3.0), "drained", None, 3.0),
        (Order(weight=0, since=3.0), "enabled", 0, 3.0),
    ],
)
def test_the_operators_order_is_shown_with_its_time(
    order: Order, admin: str, weight: int | None, since: float | None
) -> None:
    services = loaded(real(11))
    server = services.server(at(11))
    server.state = replace(server.state, order=order)
    (shown,) = only(services)["servers"]
    assert (shown["admin"], shown["weight_override"], shown["order_since"]) == (admin, weight, since)


# --- a check ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("health", "shown"),
    [
        (
            Health(up=False, probe_at=0.0, failures=3, detail="refused", latency=0.0123456),
            {"up": False, "looked": True, "detail": "refused", "latency_ms": 12.346, "failures": 3},
        ),
        (
            Health(up=True, probe_at=0.0, detail="could not look", blind=True),
            {"up": True, "looked": False, "detail": "could not look", "latency_ms": None, "failures": 0},
        ),
        (
            Health(up=True, probe_at=0.0, latency=0.0),
            {"up": True, "looked": True, "detail": "not checked yet", "latency_ms": 0.0, "failures": 0},
        ),
    ],
)
def test_a_check_is_shown_with_what_it_found_last(health: Health, shown: dict[str, Any]) -> None:
    (runner,) = loaded(real(11)).server(at(11)).runners
    assert show_check(runner.plan, health) == {"kind": "TCP_CHECK", **shown}
