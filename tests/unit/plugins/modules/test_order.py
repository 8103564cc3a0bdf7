# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another order is no change where the daemon knows none."""

from __future__ import annotations

from typing import Any

import pytest

ROWS = ["192.0.2.10/24", "192.0.2.11/24", "192.0.2.12/24"]
INSTANCE: dict[str, Any] = {
    "name": "a",
    "interface": "eth0",
    "virtual_router_id": 20,
    "virtual_ipaddress": [{"address": one} for one in ROWS],
    "virtual_ipaddress_excluded": [{"address": f"198.51.100.{n}", "dev": "eth1"} for n in (3, 1, 2)],
    "unicast_src_ip": "192.0.2.1",
    "unicast_peer": [{"address": "192.0.2.3"}, {"address": "192.0.2.2"}],
    "track_interface": [{"name": "eth2"}, {"name": "eth1", "weight": 5}],
}


@pytest.mark.parametrize("option", ["virtual_ipaddress_excluded", "unicast_peer", "track_interface"])
def test_the_order_of_these_is_no_change(run: Any, option: str) -> None:
    run("vrrp_instance", **INSTANCE)
    turned = {**INSTANCE, option: INSTANCE[option][::-1]}
    done = run("vrrp_instance", **turned)
    assert (done["changed"], done["files"], done["diff"]) == (False, [], [])
    turned[option] = turned[option][1:]
    assert run("vrrp_instance", check=True, **turned)["changed"] is True


def test_the_first_address_is_the_first(run: Any) -> None:
    run("vrrp_instance", **INSTANCE)
    first, second, third = INSTANCE["virtual_ipaddress"]
    assert run("vrrp_instance", **{**INSTANCE, "virtual_ipaddress": [first, third, second]})["changed"] is False
    assert run("vrrp_instance", **{**INSTANCE, "virtual_ipaddress": [second, first, third]})["changed"] is True


def test_the_order_of_members_and_of_real_servers_is_no_change(run: Any) -> None:
    for members in (["b", "a", "c"], ["c", "b", "a"]):
        changed = run("vrrp_sync_group", name="g", group=members)["changed"]
    assert changed is False
    servers = [{"address": f"198.51.100.{n}"} for n in (3, 1, 2)]
    for these in (servers, servers[::-1]):
        changed = run("ipvs_service", address="192.0.2.10", port=80, real_servers=these)["changed"]
    assert changed is False


CHECKS: dict[str, Any] = {
    "TCP_CHECK": [{"connect_port": 81}, {"connect_port": 82}],
    "HTTP_GET": [{"url": [{"path": "/", "status_code": ["200", "302"]}]}],
}


def test_the_order_of_flags_of_status_codes_and_of_checks_is_no_change(run: Any) -> None:
    server = {"address": "198.51.100.1", "port": 80, **CHECKS}
    service: dict[str, Any] = {"address": "192.0.2.10", "port": 80, "lb_algo": "mh", "flags": ["flag-1", "mh-port"]}
    run("ipvs_service", **service, real_servers=[server])
    turned = {
        **server,
        "TCP_CHECK": CHECKS["TCP_CHECK"][::-1],
        "HTTP_GET": [{"url": [{"path": "/", "status_code": ["302", "200"]}]}],
    }
    done = run("ipvs_service", **{**service, "flags": ["mh-port", "flag-1"]}, real_servers=[turned])
    assert (done["changed"], done["files"]) == (False, [])
    turned["TCP_CHECK"] = CHECKS["TCP_CHECK"][:1]
    assert run("ipvs_service", **service, real_servers=[turned])["changed"] is True


def test_a_default_that_is_said_is_no_change(run: Any) -> None:
    bare = {option: INSTANCE[option] for option in ("name", "interface", "virtual_router_id", "virtual_ipaddress")}
    run("vrrp_instance", **bare)
    said = {"priority": 100, "advert_int": 1, "preempt_delay": 0}
    for values, changed in ((said, False), ({**said, "priority": 101}, True), ({"priority": 100}, True), ({}, False)):
        assert run("vrrp_instance", **bare, **values)["changed"] is changed, values
    assert run("vrrp_instance", **bare, initial_state="MASTER")["changed"] is True
    assert run("vrrp_instance", **bare, initial_state="MASTER", priority=100)["changed"] is True
    service: dict[str, Any] = {"address": "192.0.2.10", "port": 80, "real_servers": [{"address": "198.51.100.1"}]}
    run("ipvs_service", **service)
    assert run("ipvs_service", **service, quorum=1, hysteresis=0, weight=1, delay_loop=60)["changed"] is False
    assert run("ipvs_service", **service, quorum=2)["changed"] is True
