# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory must not say: each contradiction is named with its host and its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import (
    Hosts,
    everywhere,
    instances,
    planned,
)

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
