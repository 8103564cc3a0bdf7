# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says without saying it, and what it must not say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, plan

PAIR = Path(__file__).parents[4] / "examples" / "pair"

Hosts = dict[str, dict[str, Any]]


def example() -> tuple[Hosts, Hosts]:
    """The example's hosts with their variables, as Ansible would give them."""
    inventory = yaml.safe_load((PAIR / "inventory.yml").read_text())
    text = (PAIR / "group_vars" / "directors.yml").read_text()
    shared = yaml.safe_load(text)
    shared = yaml.safe_load(text.replace('"{{ director_vrrp_password }}"', shared["director_vrrp_password"]))
    for service in shared["director_services"]:
        for server in service["real_servers"]:
            server["HTTP_GET"] = shared["director_web_check"]
    directors = {
        name: {**copy.deepcopy(shared), **variables} for name, variables in inventory["directors"]["hosts"].items()
    }
    return directors, inventory["real_servers"]["hosts"]


def planned(change: Callable[[Hosts, Hosts], object] = lambda directors, servers: None) -> Plan:
    directors, servers = example()
    change(directors, servers)
    return plan(directors, servers)


def instances(directors: Hosts, host: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = directors[host]["director_vrrp_instances"]
    return found


def everywhere(directors: Hosts, variable: str, edit: Callable[[Any], object]) -> None:
    for variables in directors.values():
        edit(variables[variable])


# --- derived ------------------------------------------------------------------------------------


def test_the_example_is_free_of_findings() -> None:
    found = planned()
    assert (found.errors, found.warnings) == ((), ())


def test_peers_sources_priorities_and_names_are_derived() -> None:
    found = planned()
    for host, source, peer, priority in (
        ("director-01", "10.10.10.10", "10.10.10.11", 100),
        ("director-02", "10.10.10.11", "10.10.10.10", 50),
    ):
        part = found.directors[host]
        assert part["configuration"]["globals"]["router_id"] == host
        for instance in part["configuration"]["vrrp_instances"]:
            assert instance["unicast_src_ip"] == source
            assert instance["unicast_peer"] == [{"address": peer}]
            assert instance["priority"] == priority
        assert part["peers"] == [peer]
        assert part["schedulers"] == ["wrr"]


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


def test_without_a_sync_interface_advertisements_are_multicast() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            del variables["director_sync_interface"]

    found = planned(change)
    assert found.errors == ()
    assert "unicast_peer" not in found.directors["director-01"]["configuration"]["vrrp_instances"][0]


def test_three_directors_are_each_others_peers_and_ipv6_takes_ipv6_sources() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        third = copy.deepcopy(directors["director-02"])
        directors["director-03"] = third
        third.update(director_priority=20)
        third["director_addresses"] = {"eth0": "192.168.122.143/24", "eth1": "10.10.10.12/24", "eth2": "10.0.0.4/24"}
        for number, variables in enumerate(directors.values(), 1):
            addresses = variables["director_addresses"]
            addresses["eth0"] = [addresses["eth0"], f"2001:db8::{number}/64"]
            addresses["eth1"] = [addresses["eth1"], f"fd00::{number}/64"]
            variables["director_vrrp_instances"].append(
                {
                    "name": "six",
                    "interface": "eth0",
                    "virtual_router_id": 20,
                    "nopreempt": True,
                    "virtual_ipaddress": [{"address": "2001:db8::100/64"}],
                }
            )

    found = planned(change)
    assert found.errors == ()
    six = found.directors["director-02"]["configuration"]["vrrp_instances"][2]
    assert six["unicast_src_ip"] == "fd00::2"
    assert [peer["address"] for peer in six["unicast_peer"]] == ["fd00::1", "fd00::3"]


def test_a_link_local_address_is_at_home_on_every_interface_as_ipv6_wants_it_first() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            for name, interface in (("six", "eth0"), ("inner_six", "eth2")):
                addresses = [{"address": "fe80::100/64"}]
                block = {"name": name, "interface": interface, "virtual_router_id": 20, "unicast": False}
                variables["director_vrrp_instances"].append({**block, "virtual_ipaddress": addresses})

    assert planned(change).errors == ()


# --- contradictions -----------------------------------------------------------------------------

SECOND = "director-02"

CONTRADICTIONS: list[tuple[str, Callable[[Hosts, Hosts], object], tuple[str, ...]]] = [
    (
        "the same router id twice on an interface",
        lambda d, r: everywhere(
            d, "director_vrrp_instances", lambda v: v[1].update(interface="eth0", virtual_router_id=20)
        ),
        ("director-01", "director_vrrp_instances", "external_network_1 and internal_network_1", "20 on eth0"),
    ),
    (
        "another router id",
        lambda d, r: instances(d, SECOND)[0].update(virtual_router_id=21),
        (SECOND, "external_network_1", "virtual_router_id (21, there 20)"),
    ),
    (
        "another interval",
        lambda d, r: instances(d, SECOND)[0].update(advert_int=2),
        (SECOND, "external_network_1", "advert_int (2.0, there 1.0)"),
    ),
    (
        "another virtual address",
        lambda d, r: instances(d, SECOND)[0]["virtual_ipaddress"].append({"address": "192.168.122.150/24"}),
        (SECOND, "director_vrrp_instances: external_network_1", "virtual_ipaddress differs"),
    ),
    (
        "a priority out of range",
        lambda d, r: d[SECOND].update(director_priority=300),
        (SECOND, "priority: 300", "1 and 255"),
    ),
    (
        "two instances with one name",
        lambda d, r: everywhere(d, "director_vrrp_instances", lambda v: v[1].update(name="external_network_1")),
        ("external_network_1", "same name"),
    ),
    ("an instance on one host only", lambda d, r: instances(d, SECOND).pop(), (SECOND, "lacks internal_network_1")),
    (
        "an address outside the network of its interface",
        lambda d, r: everywhere(
            d, "director_vrrp_instances", lambda v: v[0]["virtual_ipaddress"][0].update(address="198.51.100.140/24")
        ),
        ("198.51.100.140 is outside the network of eth0 (192.168.122.0/24)",),
    ),
    (
        "an interface without addresses",
        lambda d, r: everywhere(
            d,
            "director_vrrp_instances",
            lambda v: v[0].update(interface="eth7", virtual_ipaddress=[{"address": "192.168.122.140/24"}]),
        ),
        ("director_addresses has no interface eth7",),
    ),
    (
        "a director's own address as virtual address",
        lambda d, r: everywhere(
            d, "director_vrrp_instances", lambda v: v[1]["virtual_ipaddress"][0].update(address="10.0.0.2/24")
        ),
        ("director-01", "10.0.0.2 is the director's own address"),
    ),
    (
        "a real server's address as virtual address",
        lambda d, r: everywhere(
            d, "director_vrrp_instances", lambda v: v[1]["virtual_ipaddress"][0].update(address="10.0.0.11/24")
        ),
        ("10.0.0.11 is the address of real-01",),
    ),
    (
        "a service that no instance holds",
        lambda d, r: everywhere(d, "director_services", lambda v: v[0].update(address="192.168.122.150")),
        ("director_services", "192.168.122.150:80/TCP", "no vrrp_instance holds its address"),
    ),
    (
        "a real server in no network",
        lambda d, r: r["real-01"].update(real_server_address="203.0.113.9"),
        ("203.0.113.9", "no network"),
    ),
    ("a real server without address", lambda d, r: r["real-01"].clear(), ("real-01: real_server_address: missing",)),
    ("a real server that is no host", lambda d, r: r.pop("real-02"), ("real_servers[1].host: real-02",)),
    (
        "a member of a group that is no instance",
        lambda d, r: everywhere(d, "director_sync_groups", lambda v: v[0]["group"].append("vrrip_1")),
        ("gateway_group_1: vrrip_1 is no vrrp_instance",),
    ),
    (
        "an instance in two groups",
        lambda d, r: everywhere(
            d, "director_sync_groups", lambda v: v.append({"name": "g2", "group": ["internal_network_1"]})
        ),
        ("g2: internal_network_1 is also in gateway_group_1",),
    ),
    (
        "another service on one host",
        lambda d, r: d[SECOND]["director_services"][0].update(lb_algo="rr"),
        (SECOND, "lb_algo differs"),
    ),
    (
        "a service on one host only",
        lambda d, r: d[SECOND]["director_services"].clear(),
        (SECOND, "lacks 192.168.122.140:80/TCP"),
    ),
    (
        "no source for unicast",
        lambda d, r: d[SECOND]["director_addresses"].pop("eth1"),
        (SECOND, "director_addresses.eth1"),
    ),
    (
        "an address without prefix length",
        lambda d, r: d[SECOND]["director_addresses"].update(eth0="192.168.122.142"),
        (SECOND, "director_addresses.eth0"),
    ),
    ("a keyword that is none", lambda d, r: instances(d, SECOND)[0].update(advert_intt=1), (SECOND, "advert_intt")),
    (
        "a value that is none",
        lambda d, r: instances(d, SECOND)[0].update(virtual_router_id="many"),
        (SECOND, "virtual_router_id"),
    ),
    (
        "a password that is too long",
        lambda d, r: instances(d, SECOND)[0]["authentication"].update(auth_pass="much too long"),
        (SECOND, "external_network_1", "auth_pass", "8 bytes"),
    ),
    (
        "a line break in a name",
        lambda d, r: d[SECOND].update(director_globals={"router_id": "x\n} vrrp_instance y {"}),
        (SECOND, "U+000A"),
    ),
    (
        "unicast on one side",
        lambda d, r: instances(d, SECOND)[0].update(unicast=False),
        (SECOND, "external_network_1", "unicast here and multicast"),
    ),
]


@pytest.mark.parametrize(
    ("change", "words"), [row[1:] for row in CONTRADICTIONS], ids=[row[0] for row in CONTRADICTIONS]
)
def test_a_contradiction_names_the_host_and_the_key(
    change: Callable[[Hosts, Hosts], object], words: tuple[str, ...]
) -> None:
    found = planned(change)
    assert any(all(word in error for word in words) for error in found.errors), found.errors


def test_passwords_are_compared_and_never_shown() -> None:
    found = planned(lambda d, r: instances(d, SECOND)[0]["authentication"].update(auth_pass="hunter2"))
    assert any("authentication differs" in error for error in found.errors)
    assert "hunter2" not in str(found.errors)
    assert "password" not in str(found.errors)


def test_all_contradictions_are_told_at_once() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        instances(directors, SECOND)[0].update(advert_int=2)
        instances(directors, SECOND)[1].update(virtual_router_id=31)

    assert len(planned(change).errors) == 2


def test_one_address_in_two_instances_is_refused() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            first, second = variables["director_vrrp_instances"]
            second["virtual_ipaddress_excluded"] = first["virtual_ipaddress"]

    assert any("192.168.122.140 is also in external_network_1" in error for error in planned(change).errors)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d, r: [
                everywhere(d, "director_vrrp_instances", lambda v: v[0].update(nopreempt=False)),
                d[SECOND].update(director_priority=100),
            ],
            "2 directors have priority 100",
        ),
        (lambda d, r: everywhere(d, "director_sync_groups", lambda v: v.clear()), "no common sync group"),
        (lambda d, r: r.update({"real-03": {"real_server_address": "10.0.0.13"}}), "real-03: no service"),
        (
            lambda d, r: everywhere(d, "director_services", lambda v: v[0]["sorry_server"].update(address="127.0.0.1")),
            "loopback",
        ),
        (
            lambda d, r: everywhere(d, "director_vrrp_instances", lambda v: v[0].update(initial_state="MASTER")),
            "nopreempt needs",
        ),
    ],
)
def test_what_only_looks_odd_is_a_warning(change: Callable[[Hosts, Hosts], object], words: str) -> None:
    found = planned(change)
    assert found.errors == ()
    assert any(words in warning for warning in found.warnings), found.warnings


def test_routed_addresses_are_allowed_where_asked_for() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_routed_vips"] = True
            variables["director_vrrp_instances"][0]["virtual_ipaddress"].append(
                {"address": "203.0.113.5/32", "dev": "eth0"}
            )

    assert planned(change).errors == ()


def test_of_two_addresses_in_its_network_a_real_server_takes_the_first() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_vrrp_instances"][1]["virtual_ipaddress"].append(
                {"address": "10.0.0.254/24", "dev": "eth2"}
            )

    found = planned(change)
    assert found.real_servers["real-01"]["gateways"] == ["10.0.0.1"]


def test_no_hosts_are_no_plan() -> None:
    assert plan({}, {}) == Plan({}, {}, (), ())


def test_where_an_instance_is_multicast_nobody_knows_whom_vrrp_comes_from() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_vrrp_instances", lambda v: v[1].update(unicast=False))

    found = planned(change)
    assert found.errors == ()
    assert found.directors["director-01"]["peers"] == []
