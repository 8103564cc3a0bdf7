# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says without saying it, and what it must not say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.plugin_utils._capacity import too_many
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, plan
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import (
    Hosts,
    everywhere,
    example,
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


# --- contradictions -----------------------------------------------------------------------------

SECOND = "director-02"

ALONE = {"unicast": False, "interface": "eth0", "virtual_router_id": 20}

CONTRADICTIONS: list[tuple[str, Callable[[Hosts, Hosts], object], tuple[str, ...]]] = [
    (
        "the same router id twice towards one peer",
        lambda d, r: everywhere(d, "director_vrrp_instances", lambda v: v[1].update(virtual_router_id=20)),
        (
            "director-01: director_vrrp_instances: external_network_1 and internal_network_1",
            "virtual_router_id 20 and the unicast peer 10.10.10.11",
        ),
    ),
    (
        "a priority out of range",
        lambda d, r: d[SECOND].update(director_priority=300),
        (SECOND, "priority: '300'", "1 to 255"),
    ),
    (
        "the same router id twice on an interface",
        lambda d, r: everywhere(d, "director_vrrp_instances", lambda v: [one.update(ALONE) for one in v]),
        ("external_network_1 and internal_network_1 both have virtual_router_id 20 on eth0",),
    ),
    (
        "two instances with one name",
        lambda d, r: everywhere(d, "director_vrrp_instances", lambda v: v[1].update(name="external_network_1")),
        ("external_network_1", "same name"),
    ),
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
    (
        "a director as its own real server",
        lambda d, r: everywhere(
            d,
            "director_services",
            lambda v: v[0].update(lb_kind="DR", sorry_server=None, real_servers=[{"address": "10.0.0.2"}]),
        ),
        ("director-02", "real server 10.0.0.2 is the director director-01", "not supported"),
    ),
    (
        "an interval that version 3 cannot tell",
        lambda d, r: (
            [v.update(director_globals={"vrrp_version": 3}) for v in d.values()]
            and everywhere(
                d, "director_vrrp_instances", lambda v: [one.update(advert_int=41, authentication=None) for one in v]
            )
        ),
        ("internal_network_1: advert_int 41.0 is above 40.95 seconds, the longest of version 3",),
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
]


@pytest.mark.parametrize(
    ("change", "words"), [row[1:] for row in CONTRADICTIONS], ids=[row[0] for row in CONTRADICTIONS]
)
def test_a_contradiction_names_the_host_and_the_key(
    change: Callable[[Hosts, Hosts], object], words: tuple[str, ...]
) -> None:
    found = planned(change)
    assert any(all(word in error for word in words) for error in found.errors), found.errors


def test_one_address_in_two_instances_is_refused() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            first, second = variables["director_vrrp_instances"]
            second["virtual_ipaddress_excluded"] = first["virtual_ipaddress"]

    assert any("192.168.122.140 is also in external_network_1" in error for error in planned(change).errors)


@pytest.mark.parametrize(
    ("change", "words"),
    [
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


@pytest.mark.parametrize(
    ("first", "version", "most", "words"),
    [
        ("198.51.{0}.{1}/32", 2, 255, "version 2 carries 255 IPv4 addresses"),
        ("2001:db8:1:1:1:1:{0}:{1}/128", 3, 89, "version 3 carries 89 IPv6 addresses"),
    ],
)
def test_addresses_that_do_not_fit_into_an_advertisement_are_named(
    first: str, version: int, most: int, words: str
) -> None:
    directors, _servers = example()
    instance = instances(directors, "director-01")[0]
    director = Director("director-01", {}, 100, "", True, {}, [], [], [])
    configuration = {"vrrp_instances": [instance], "globals": {}}
    listed = [{"address": first.format(n // 200 + 1, n % 200 + 1)} for n in range(most + 2)]
    for count in (most, most + 1, most + 2):
        instance["virtual_ipaddress"] = listed[:count]
        findings = Findings()
        too_many(director, configuration, findings)
        assert not findings.errors
        if count == most:
            assert not findings.warnings
        else:
            more = " and 1 more" if count == most + 2 else ""
            assert words in findings.warnings[0]
            assert f": {listed[most]['address']}{more} will be set but not advertised" in findings.warnings[0]


def test_the_plan_names_addresses_that_do_not_fit() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_routed_vips"] = True
            found = variables["director_vrrp_instances"][0]["virtual_ipaddress"]
            found += [{"address": f"203.0.{n // 200}.{n % 200 + 1}/32", "dev": "eth0"} for n in range(255)]

    found = planned(change)
    assert found.errors == ()
    assert any("203.0.1.55/32 will be set but not advertised" in warning for warning in found.warnings)


def test_routed_addresses_are_allowed_where_asked_for() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_routed_vips"] = True
            variables["director_vrrp_instances"][0]["virtual_ipaddress"].append(
                {"address": "203.0.113.5/32", "dev": "eth0"}
            )

    assert planned(change).errors == ()


@pytest.mark.parametrize("addresses", [{"lo": []}, {"lo": None}, {"lo": "127.0.0.1/8"}, {}])
def test_a_routed_address_may_be_on_an_interface_without_addresses(addresses: dict[str, object]) -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_routed_vips"] = True
            variables["director_addresses"].update(addresses)
            variables["director_vrrp_instances"][0]["virtual_ipaddress"][0].update(dev="lo")

    assert planned(change).errors == ()


@pytest.mark.parametrize(
    "apart",
    [
        [{"unicast": False, "interface": "eth0"}, {"unicast": True, "interface": "eth0"}],
        [{"unicast": False, "interface": "eth0"}, {"unicast": False, "interface": "eth2"}],
        [
            {"unicast": False, "interface": "eth0"},
            {"unicast": False, "interface": "eth0", "mcast_dst_ip": "224.0.0.19"},
        ],
        [{}, {"unicast_peer": [{"address": "10.10.10.99"}]}],
    ],
    ids=["unicast and multicast", "two interfaces", "two groups", "other peers"],
)
def test_one_router_id_twice_is_fine_where_nobody_hears_both(apart: list[dict[str, object]]) -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            for instance, options in zip(variables["director_vrrp_instances"], apart, strict=True):
                instance.update(virtual_router_id=20, **options)

    assert planned(change).errors == ()


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
