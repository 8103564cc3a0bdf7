# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a real server has to be set up: the way back of NAT, the addresses of DR and TUN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import (
    Hosts,
    everywhere,
    planned,
)

NOTHING: dict[str, list[str]] = {"gateways": [], "dr_addresses": [], "tun_addresses": []}


def second_group(directors: Hosts, hosts: tuple[str, ...] = ("real-02",)) -> None:
    """Another service with another gateway, which move together and apart from the first ones."""
    for variables in directors.values():
        first, inner = variables["director_vrrp_instances"]
        outer = {**first, "name": "ext2", "virtual_router_id": 21}
        outer["virtual_ipaddress"] = [{"address": "192.168.122.150/24"}]
        inner = {**inner, "name": "int2", "virtual_router_id": 31, "virtual_ipaddress": [{"address": "10.0.0.4/24"}]}
        variables["director_vrrp_instances"] += [outer, inner]
        variables["director_sync_groups"].append({"name": "g2", "group": ["ext2", "int2"]})
        servers: list[dict[str, Any]] = [{"host": host} for host in hosts]
        service = {"address": "192.168.122.150", "port": 80, "real_servers": servers}
        variables["director_services"].append(service)
        first_servers = variables["director_services"][0]["real_servers"]
        first_servers[:] = [server for server in first_servers if server["host"] not in hosts]


def only_service(directors: Hosts, **options: Any) -> None:
    """One service of real-01 and real-02 by their addresses, with these options."""
    for variables in directors.values():
        servers = [{"address": "10.0.0.11"}, {"address": "10.0.0.12"}]
        variables["director_services"] = [{"real_servers": servers, **options}]


def test_real_servers_are_named_by_host_and_get_their_gateway() -> None:
    found = planned()
    servers = found.directors["director-01"]["configuration"]["ipvs_services"][0]["real_servers"]
    assert [(server["address"], server["weight"]) for server in servers] == [("10.0.0.11", 2), ("10.0.0.12", 1)]
    assert found.real_servers["real-01"] == {"gateways": ["10.0.0.1"], "dr_addresses": [], "tun_addresses": []}


def test_direct_routing_gives_real_servers_the_service_address_and_no_gateway() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_services", lambda services: services[0].update(lb_kind="DR"))

    found = planned(change)
    assert found.real_servers["real-02"] == {"gateways": [], "dr_addresses": ["192.168.122.140"], "tun_addresses": []}


def test_of_two_addresses_in_its_network_a_real_server_takes_the_first() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_vrrp_instances"][1]["virtual_ipaddress"].append(
                {"address": "10.0.0.254/24", "dev": "eth2"}
            )

    found = planned(change)
    assert found.real_servers["real-01"]["gateways"] == ["10.0.0.1"]


def test_the_gateway_moves_with_the_service() -> None:
    found = planned(lambda d, r: second_group(d))
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-01"]["gateways"] == ["10.0.0.1"]
    assert found.real_servers["real-02"]["gateways"] == ["10.0.0.4"]


def test_the_instance_of_the_service_comes_before_its_group() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            instances = variables["director_vrrp_instances"]
            instances[0]["virtual_ipaddress_excluded"] = [{"address": "10.0.0.5/24", "dev": "eth2"}]
            instances.reverse()

    assert planned(change).real_servers["real-01"]["gateways"] == ["10.0.0.5"]


def test_a_gateway_for_all_its_services_comes_before_the_nearest_for_one() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        second_group(directors, ())
        for variables in directors.values():
            variables["director_services"][1]["real_servers"] = [{"host": "real-01"}, {"host": "real-02"}]
            first, second = variables["director_sync_groups"]
            first["group"] += second["group"]
            variables["director_sync_groups"] = [first]

    found = planned(change)
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-01"]["gateways"] == ["10.0.0.1"]


def both_groups(directors: Hosts) -> None:
    """real-02 is in the services of two groups."""
    second_group(directors, ())
    for variables in directors.values():
        variables["director_services"][1]["real_servers"] = [{"host": "real-02"}]


def test_services_that_move_apart_have_no_common_way_back() -> None:
    (error,) = planned(lambda d, r: both_groups(d)).errors
    assert error.startswith("real-02: 10.0.0.1 and 10.0.0.4 would both be its default gateway")
    assert "real_server_gateway" in error


def test_a_gateway_that_the_inventory_gives_is_the_only_one() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        both_groups(directors)
        servers["real-02"]["real_server_gateway"] = "10.0.0.4"

    found = planned(change)
    assert found.errors == ()
    assert found.real_servers["real-02"]["gateways"] == ["10.0.0.4"]
    assert found.warnings == tuple(
        f"{host}: director_services: 192.168.122.140:80/TCP: external_network_1 and the gateway's int2 are in no common"
        " sync group"
        for host in ("director-01", "director-02")
    )


def test_whoever_names_a_router_that_is_no_director_knows_the_way_back() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_sync_groups", lambda groups: groups.clear())
        servers["real-01"]["real_server_gateway"] = "10.0.0.200"
        servers["real-02"]["real_server_gateway"] = "10.0.0.200"

    found = planned(change)
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-01"]["gateways"] == ["10.0.0.200"]


def test_a_service_by_mark_takes_the_first_gateway_and_what_another_service_wants() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        second_group(directors)
        for variables in directors.values():
            variables["director_services"].append({"fwmark": 7, "real_servers": [{"host": "real-02"}]})

    found = planned(change)
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-02"]["gateways"] == ["10.0.0.4"]
    alone = planned(lambda d, r: only_service(d, fwmark=7))
    assert alone.real_servers["real-02"]["gateways"] == ["10.0.0.1"]


def test_a_real_server_of_a_service_by_mark_is_in_a_service() -> None:
    found = planned(lambda d, r: only_service(d, fwmark=7, lb_kind="DR"))
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-01"] == NOTHING


def test_a_real_server_that_is_only_a_sorry_server_is_set_up_as_one() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        servers["real-03"] = {"real_server_address": "10.0.0.13"}
        sorry = {"address": "10.0.0.13", "port": 80}
        everywhere(directors, "director_services", lambda services: services[0].update(sorry_server=sorry))

    found = planned(change)
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-03"]["gateways"] == ["10.0.0.1"]


def test_addresses_are_as_the_kernel_writes_them() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        servers["real-01"] = {"real_server_address": "2001:DB8::11", "real_server_gateway": "2001:DB8:0::1"}
        for number, variables in enumerate(directors.values(), 2):
            variables["director_addresses"]["eth2"] = [f"10.0.0.{number}/24", f"2001:db8::{number}/64"]
            variables["director_vrrp_instances"][1]["virtual_ipaddress_excluded"] = [{"address": "2001:DB8::50/64"}]
            servers_here = [{"host": "real-01"}]
            service = {"address": "2001:DB8:0::50", "port": 80, "lb_kind": "DR", "real_servers": servers_here}
            variables["director_services"] = [service]

    side = planned(change).real_servers["real-01"]
    assert side == {"gateways": ["2001:db8::1"], "dr_addresses": ["2001:db8::50"], "tun_addresses": []}


# --- tunnels ------------------------------------------------------------------------------------


NAMED = {"host": "real-01"}
GUE, GRE = {"tunnel": {"type": "gue", "port": 6080}}, {"tunnel": {"type": "gre"}}


def tunnelled(service: dict[str, Any], server: dict[str, Any]) -> Plan:
    """The example with TUN to one server."""

    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_services", lambda services: services[0].update(lb_kind="TUN", **service))
        everywhere(directors, "director_services", lambda services: services[0].update(real_servers=[server]))
        del servers["real-02"]

    return planned(change)


def test_the_role_sets_up_ipip_over_ipv4() -> None:
    for tunnel in ({}, {"tunnel": {"type": "ipip"}}):
        found = tunnelled(tunnel, NAMED)
        assert (found.errors, found.warnings) == ((), ())
        assert found.real_servers["real-01"] == {**NOTHING, "tun_addresses": ["192.168.122.140"]}


@pytest.mark.parametrize(
    ("service", "server", "what"),
    [(GUE, {}, "gue"), (GRE, {}, "gre"), ({}, {"lb_kind": "TUN", **GRE}, "gre")],
)
def test_another_tunnel_is_refused_by_host_and_left_alone_by_address(
    service: dict[str, Any], server: dict[str, Any], what: str
) -> None:
    error = tunnelled(service, NAMED | server).errors[0]
    assert error.startswith("director-01: director_services: 192.168.122.140:80/TCP: real_servers[0].host: ")
    assert f"IPv4 in IPv4 (type ipip) on real-01, not {what}; name the server by address" in error
    found = tunnelled(service, {"address": "10.0.0.11"} | server)
    assert (found.errors, found.warnings) == ((), ())
    assert found.real_servers["real-01"] == NOTHING


def test_a_server_with_its_own_method_does_not_inherit_the_tunnel() -> None:
    assert tunnelled(GUE, NAMED | {"lb_kind": "TUN"}).errors == ()


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (lambda s, r: r["real-01"].update(real_server_address="2001:db8::11"), "IPv4 in IPv6"),
        (lambda s, r: s.update(address="2001:db8:1::1"), "IPv6 in IPv4"),
        (lambda s, r: [s.pop("address"), s.pop("port"), s.update(fwmark=7, ip_family="inet6")], "IPv6 in IPv4"),
    ],
)
def test_a_tunnel_of_ipv6_is_refused_by_host(edit: Callable[[dict[str, Any], Hosts], object], what: str) -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            service = variables["director_services"][0]
            service.update(lb_kind="TUN", real_servers=[{"host": "real-01"}])
            edit(service, servers)

    assert any(f"on real-01, not {what};" in error for error in planned(change).errors), planned(change).errors
