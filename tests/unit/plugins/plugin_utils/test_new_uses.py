# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director would send to a real server that is not ready, and does not send yet."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.filter.new_uses import new_uses

HOSTVARS = {"real-01": {"real_server_address": "10.0.0.11", "real_server_address6": "2001:db8::11"}}


def plan(*services: dict[str, Any], gateways: tuple[str, ...] = ("10.0.0.1",)) -> dict[str, Any]:
    directors = {"one": {"configuration": {"ipvs_services": list(services)}}}
    return {"directors": directors, "real_servers": {"real-01": {"gateways": list(gateways)}}}


def service(address: str, *servers: str, kind: str = "NAT", **more: Any) -> dict[str, Any]:
    found = [{"address": server, "port": 80} for server in servers]
    return {"address": address, "port": 80, "protocol": "TCP", "lb_kind": kind, "real_servers": found, **more}


def live(*served: tuple[str, str, str], held: str = "10.0.0.1/24 dev eth2") -> dict[str, Any]:
    """`served`: the service, its server and the forwarding."""
    services = [{"key": key, "servers": [{"key": server, "forwarding": kind}]} for key, server, kind in served]
    return {"checker": {"services": services}, "vrrp": {"instances": [{"addresses": [held]}]}}


@pytest.mark.parametrize(
    ("wanted", "has", "lines"),
    [
        (plan(service("192.0.2.1", "10.0.0.11")), live(("192.0.2.1:80/TCP", "10.0.0.11:80", "NAT")), []),
        (plan(service("192.0.2.1", "10.0.0.12")), live(), []),  # another one
        (plan(service("192.0.2.1", "10.0.0.11")), live(), ["real-01: 192.0.2.1:80/TCP to 10.0.0.11:80 by NAT"]),
        (
            plan(service("192.0.2.1", "10.0.0.11", kind="DR")),
            live(("192.0.2.1:80/TCP", "10.0.0.11:80", "NAT")),
            ["real-01: 192.0.2.1:80/TCP to 10.0.0.11:80 by DR"],
        ),
        (
            plan(service("192.0.2.1", "10.0.0.11"), gateways=("10.0.0.9",)),
            live(("192.0.2.1:80/TCP", "10.0.0.11:80", "NAT")),
            ["real-01: its gateway 10.0.0.9"],
        ),
        (
            plan(service("2001:db8:1::1", "2001:db8::11"), gateways=()),
            live(),
            ["real-01: [2001:db8:1::1]:80/TCP to [2001:db8::11]:80 by NAT"],
        ),
        (
            plan(service("192.0.2.1", sorry_server={"address": "10.0.0.11", "port": 81}), gateways=()),
            live(),
            ["real-01: 192.0.2.1:80/TCP to 10.0.0.11:81 by NAT"],
        ),
        (
            plan(service("192.0.2.1", "10.0.0.11"), gateways=()),
            {"running": False, "checker": None, "vrrp": None},
            ["real-01: 192.0.2.1:80/TCP to 10.0.0.11:80 by NAT"],
        ),
    ],
)
def test_what_is_new_for_a_real_server(wanted: dict[str, Any], has: dict[str, Any], lines: list[str]) -> None:
    assert new_uses(wanted, "one", has, HOSTVARS, ["real-01"]) == lines


def test_without_a_server_that_is_not_ready_nothing_is_new() -> None:
    assert new_uses(plan(service("192.0.2.1", "10.0.0.11")), "one", live(), HOSTVARS, []) == []
