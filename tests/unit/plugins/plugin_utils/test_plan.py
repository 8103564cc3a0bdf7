# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says without saying it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, plan
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import (
    Hosts,
    everywhere,
    instances,
    planned,
)

# --- derived ------------------------------------------------------------------------------------


def test_the_example_is_free_of_findings() -> None:
    found = planned()
    assert (found.errors, found.warnings) == ((), ())


def test_the_password_that_the_example_comes_with_is_a_warning() -> None:
    """Once, though each instance of each director has it."""

    def change(directors: Hosts, servers: Hosts) -> None:
        for host, variables in directors.items():
            for instance in instances(directors, host):
                instance["authentication"]["auth_pass"] = variables["director_vrrp_password"]

    found = planned(change)
    assert found.errors == ()
    assert [warning.partition(",")[0] for warning in found.warnings] == [
        "director_vrrp_instances: auth_pass is the one of examples/pair"
    ]


@pytest.mark.parametrize(
    ("own", "shared", "derived"),
    [
        ({}, {}, True),
        ({"check_unicast_src": False}, {}, False),
        ({}, {"vrrp_check_unicast_src": False}, None),
        ({}, {"vrrp_check_unicast_src": True}, None),
        ({"unicast_peer": [{"address": "10.10.10.99"}]}, {}, None),
    ],
)
def test_derived_peers_are_the_only_ones_that_are_heard(
    own: dict[str, Any], shared: dict[str, Any], derived: bool | None
) -> None:
    """Unless the inventory says otherwise, of an instance or for all; or gives the peers itself."""

    def change(directors: Hosts, servers: Hosts) -> None:
        for host, variables in directors.items():
            variables["director_globals"] = shared
            instances(directors, host)[0].update(own)

    part = planned(change).directors["director-01"]
    assert part["configuration"]["vrrp_instances"][0].get("check_unicast_src") is derived


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


# --- a director without another one -------------------------------------------------------------


def alone(directors: Hosts, **more: object) -> None:
    del directors["director-02"]
    directors["director-01"].update(more)


def test_a_director_that_lost_its_peer_is_not_made_multicast() -> None:
    found = planned(lambda d, r: alone(d))
    words = "director-01: director_vrrp_instances: external_network_1 is to be unicast, and there is no other director"
    assert any(error.startswith(words) and "director_alone: true" in error for error in found.errors), found.errors


def test_a_director_is_alone_where_the_inventory_says_so_or_names_the_peers() -> None:
    found = planned(lambda d, r: alone(d, director_alone=True))
    assert found.errors == ()
    assert "unicast_peer" not in found.directors["director-01"]["configuration"]["vrrp_instances"][0]

    def named(directors: Hosts, servers: Hosts) -> None:
        alone(directors)
        for one in instances(directors, "director-01"):
            one.update(unicast_src_ip="10.10.10.10", unicast_peer=[{"address": "10.10.10.11"}])

    assert planned(named).errors == ()
    multicast = planned(lambda d, r: (alone(d), d["director-01"].pop("director_sync_interface")))
    assert multicast.errors == ()


# --- real servers with two addresses ------------------------------------------------------------


def dual(directors: Hosts, servers: Hosts) -> None:
    for number, variables in enumerate(directors.values(), 2):
        variables["director_addresses"]["eth2"] = [f"10.0.0.{number}/24", f"2001:db8::{number}/64"]
        six = {"name": "six", "interface": "eth2", "virtual_router_id": 31, "unicast": False, "nopreempt": True}
        six["virtual_ipaddress"] = [{"address": "fe80::1/64"}, {"address": "2001:db8::1/64"}]
        variables["director_vrrp_instances"].append(six)
        variables["director_sync_groups"][0]["group"].append("six")
        service = {**variables["director_services"][0], "address": "2001:db8::1"}
        variables["director_services"].append({**service, "sorry_server": None})
    for number, variables in enumerate(servers.values(), 11):
        variables["real_server_address6"] = f"2001:db8::{number}"


def test_a_service_takes_the_address_of_its_family() -> None:
    found = planned(dual)
    assert (found.errors, found.warnings) == ((), ())
    four, six = found.directors["director-01"]["configuration"]["ipvs_services"]
    assert [server["address"] for server in four["real_servers"]] == ["10.0.0.11", "10.0.0.12"]
    assert [server["address"] for server in six["real_servers"]] == ["2001:db8::11", "2001:db8::12"]
    assert found.real_servers["real-01"]["gateways"] == ["10.0.0.1", "2001:db8::1"]


def test_two_addresses_of_one_family_are_refused() -> None:
    (error,) = planned(lambda d, r: r["real-01"].update(real_server_address6="10.0.0.21")).errors
    assert error == "real-01: real_server_address6: 10.0.0.21 is of the family of real_server_address"


def test_no_hosts_are_no_plan() -> None:
    assert plan({}, {}) == Plan({}, {}, (), ())


def test_where_an_instance_is_multicast_nobody_knows_whom_vrrp_comes_from() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_vrrp_instances", lambda v: v[1].update(unicast=False))

    found = planned(change)
    assert found.errors == ()
    assert found.directors["director-01"]["peers"] == []


# --- flags of schedulers ------------------------------------------------------------------------


def test_a_flag_of_a_scheduler_may_be_an_option_of_its_own() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(
            directors,
            "director_services",
            lambda v: v[0].update({"lb_algo": "sh", "sh-port": True, "sh-fallback": False, "flags": ["flag-3"]}),
        )

    found = planned(change)
    assert found.errors == ()
    assert found.directors["director-01"]["configuration"]["ipvs_services"][0]["flags"] == ["flag-3", "sh-port"]
    wrong = planned(lambda d, r: everywhere(d, "director_services", lambda v: v[0].update({"sh-port": "maybe"})))
    assert any("did you mean flags: [sh-port]?" in error for error in wrong.errors)
