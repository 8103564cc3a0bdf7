# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What directors must not differ in: what decides which of them is Active, and what they serve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import (
    Hosts,
    everywhere,
    example,
    instances,
    planned,
)

FIRST, SECOND = "director-01", "director-02"


def multicast(directors: Hosts) -> None:
    for variables in directors.values():
        variables["director_sync_interface"] = ""


def peers(directors: Hosts, first: str, second: str) -> None:
    """Sources and peers as the inventory gives them: those of the second director, and what the first one sends to."""
    ways = ((FIRST, "10.10.10.10", first), (SECOND, second, "10.10.10.10"))
    for host, source, peer in ways:
        for instance in instances(directors, host):
            instance.update(unicast_src_ip=source, unicast_peer=[{"address": peer}])


DIFFERENCES: list[tuple[str, Callable[[Hosts, Hosts], object], tuple[str, ...]]] = [
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
    ("an instance on one host only", lambda d, r: instances(d, SECOND).pop(), (SECOND, "lacks internal_network_1")),
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
        "unicast on one side",
        lambda d, r: instances(d, SECOND)[0].update(unicast=False),
        (SECOND, "external_network_1", "unicast here and multicast"),
    ),
    (
        "the version of one director's globals",
        lambda d, r: d[SECOND].update(director_globals={"vrrp_version": 3}),
        (SECOND, "external_network_1", "version (3 from director_globals.vrrp_version, there 2 by default)"),
    ),
    (
        "patience from one director's globals",
        lambda d, r: d[SECOND].update(director_globals={"vrrp_down_timer_adverts": 5}),
        (SECOND, "down_timer_adverts (5 from director_globals.vrrp_down_timer_adverts, there 3 by default)"),
    ),
    (
        "another multicast group",
        lambda d, r: [multicast(d), d[SECOND].update(director_globals={"vrrp_mcast_group4": "224.0.0.19"})],
        (SECOND, "multicast group (224.0.0.19 from director_globals.vrrp_mcast_group4, there 224.0.0.18 by default)"),
    ),
    (
        "a group with fewer members",
        lambda d, r: d[SECOND]["director_sync_groups"][0]["group"].pop(),
        (SECOND, "director_sync_groups: gateway_group_1: group differs", "internal_network_1 there only"),
    ),
    (
        "an excluded address on one side",
        lambda d, r: instances(d, FIRST)[0].update(virtual_ipaddress_excluded=[{"address": "192.168.122.150/24"}]),
        (SECOND, "virtual_ipaddress_excluded differs", "192.168.122.150 there only"),
    ),
    (
        "a director that another one does not send to",
        lambda d, r: peers(d, "10.10.10.99", "10.10.10.11"),
        (FIRST, "external_network_1: unicast_peer lacks 10.10.10.11, the unicast_src_ip of director-02"),
    ),
    (
        "one address of two directors",
        lambda d, r: d[SECOND]["director_addresses"].update(eth1="10.10.10.10/24"),
        (SECOND, "director_addresses.eth1: 10.10.10.10 is the address of director-01 too"),
    ),
    (
        "one address of two real servers",
        lambda d, r: r["real-02"].update(real_server_address="10.0.0.11"),
        ("real-02: real_server_address: 10.0.0.11 is the address of real-01 too",),
    ),
]


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in DIFFERENCES], ids=[row[0] for row in DIFFERENCES])
def test_a_difference_names_the_host_and_the_key(
    change: Callable[[Hosts, Hosts], object], words: tuple[str, ...]
) -> None:
    found = planned(change)
    assert any(all(word in error for word in words) for error in found.errors), found.errors


SAME: list[tuple[str, Callable[[Hosts, Hosts], object]]] = [
    ("an interval that is the default", lambda d, r: [one.pop("advert_int") for one in instances(d, SECOND)]),
    (
        "a version that is the default",
        lambda d, r: [d[FIRST].update(director_globals={"vrrp_version": 2}), instances(d, SECOND)[0].update(version=2)],
    ),
    (
        "patience that is the default",
        lambda d, r: instances(d, SECOND)[0].update(down_timer_adverts=3),
    ),
    ("what version 2 rounds to the same seconds", lambda d, r: instances(d, SECOND)[0].update(advert_int=1.2)),
    (
        "a multicast group that is the default",
        lambda d, r: [multicast(d), instances(d, SECOND)[0].update(mcast_dst_ip="224.0.0.18")],
    ),
    (
        "a multicast group that unicast does not use",
        lambda d, r: d[SECOND].update(director_globals={"vrrp_mcast_group4": "224.0.0.19"}),
    ),
    (
        "passwords that version 3 does not use",
        lambda d, r: [
            [v.update(director_globals={"vrrp_version": 3}) for v in d.values()],
            instances(d, SECOND)[0].pop("authentication"),
        ],
    ),
    ("a group in another order", lambda d, r: d[SECOND]["director_sync_groups"][0]["group"].reverse()),
    ("peers that the inventory gives", lambda d, r: peers(d, "10.10.10.11", "10.10.10.11")),
    (
        "an address of every host",
        lambda d, r: [v["director_addresses"].update(lo=["127.0.0.1/8", "203.0.113.5/32"]) for v in d.values()],
    ),
]


@pytest.mark.parametrize("change", [row[1] for row in SAME], ids=[row[0] for row in SAME])
def test_what_runs_the_same_is_no_difference(change: Callable[[Hosts, Hosts], object]) -> None:
    assert planned(change).errors == ()


def test_an_address_is_the_same_however_it_is_written() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for number, variables in enumerate(directors.values()):
            variables["director_addresses"]["eth0"] = [
                variables["director_addresses"]["eth0"],
                f"2001:db8::{number + 2}/64",
            ]
            address = ("2001:db8::100", "2001:DB8:0:0::100")[number]
            variables["director_vrrp_instances"][0]["virtual_ipaddress_excluded"] = [{"address": f"{address}/64"}]
            servers_here: list[dict[str, Any]] = [{"address": ("2001:db8::11", "2001:DB8::11")[number]}]
            service = {"address": address, "port": 53, "lb_kind": "DR", "real_servers": servers_here}
            variables["director_services"].append(service)

    assert planned(change).errors == ()


def test_a_source_that_the_inventory_gives_is_kept_and_is_the_others_peer() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        instances(directors, SECOND)[0]["unicast_src_ip"] = "10.10.10.77"

    found = planned(change)
    assert found.errors == ()
    assert found.directors[SECOND]["configuration"]["vrrp_instances"][0]["unicast_src_ip"] == "10.10.10.77"
    peer_of_first = found.directors[FIRST]["configuration"]["vrrp_instances"][0]["unicast_peer"]
    assert peer_of_first == [{"address": "10.10.10.77"}]
    assert found.directors[FIRST]["peers"] == ["10.10.10.11", "10.10.10.77"]


def test_passwords_are_compared_and_never_shown() -> None:
    found = planned(lambda d, r: instances(d, SECOND)[0]["authentication"].update(auth_pass="hunter2"))
    assert any("authentication differs" in error for error in found.errors)
    assert "hunter2" not in str(found.errors)
    assert "password" not in str(found.errors)


def test_all_differences_are_told_at_once() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        instances(directors, SECOND)[0].update(advert_int=2)
        instances(directors, SECOND)[1].update(virtual_router_id=31)

    assert len(planned(change).errors) == 2


def test_directors_of_one_priority_preempt_each_other() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_vrrp_instances", lambda one: one[0].update(nopreempt=False))
        directors[SECOND]["director_priority"] = 100

    found = planned(change)
    assert found.errors == ()
    assert any("2 directors have priority 100" in warning for warning in found.warnings), found.warnings


@pytest.mark.parametrize(
    "more",
    [
        {"real_servers": list(reversed(example()[0]["director-01"]["director_services"][0]["real_servers"]))},
        {"quorum": 1, "hysteresis": 0, "weight": 1, "ops": False, "omega": False, "connect_timeout": 5},
        {"flags": []},
    ],
)
def test_another_order_and_a_default_that_is_said_are_no_difference(more: dict[str, object]) -> None:
    found = planned(lambda d, r: d["director-02"]["director_services"][0].update(more))
    assert found.errors == ()


def test_what_a_real_server_takes_from_its_service_is_no_difference_and_another_value_is_one() -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        service = directors["director-02"]["director_services"][0]
        service["real_servers"][0].update(delay_loop=service["delay_loop"], lb_kind="NAT", port=80, alpha=False)

    assert planned(change).errors == ()
    other = planned(lambda d, r: d["director-02"]["director_services"][0]["real_servers"][1].update(weight=3))
    assert other.errors == (
        "director-02: director_services: 192.168.122.140:80/TCP: real_servers differs from director-01",
    )
