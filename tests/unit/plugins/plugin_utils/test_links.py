# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's interfaces and addresses beside those that the plan expects of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.lvs.director.plugins.filter.link_faults import link_faults
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import planned

PART = planned().directors["director-01"]


def link(name: str, *addresses: str, **more: Any) -> dict[str, Any]:
    split = [address.split("/") for address in addresses]
    return {"ifname": name, **more, "addr_info": [{"local": one, "prefixlen": int(bits)} for one, bits in split]}


LINKS = [
    link("lo", "127.0.0.1/8", "::1/128"),
    link("eth0", "192.168.122.141/24", "fe80::1/64", altnames=["enp1s0"]),
    link("eth1", "10.10.10.10/24"),
    link("eth2", "10.0.0.2/24", "10.0.0.1/24"),
]


def changed(name: str, new: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [one for row in LINKS if (one := new if row["ifname"] == name else row)]


def test_a_host_that_has_everything_has_no_faults() -> None:
    assert link_faults(LINKS, PART) == link_faults(json.dumps(LINKS), PART) == []


@pytest.mark.parametrize(
    ("links", "messages"),
    [
        (
            changed("eth2", link("ens2", "10.0.0.2/24")),
            [
                "director_addresses.eth2: the host has no interface eth2",
                "director_vrrp_instances: internal_network_1: the host has no interface eth2",
            ],
        ),
        (
            changed("eth1", link("eth1")),
            ["director_addresses.eth1: the host does not have 10.10.10.10/24; eth1 has no"],
        ),
        (changed("eth1", link("eth1")), ["external_network_1: the host does not have 10.10.10.10, from which"]),
        (
            changed("eth1", link("eth1", "10.10.10.10/25")),
            ["director_addresses.eth1: 10.10.10.10/24 is 10.10.10.10/25"],
        ),
        (
            changed("eth1", link("eth9", "10.10.10.10/24", altnames=["eth1"])),
            ["director_addresses.eth1: the daemon knows it as eth9, not as eth1"],
        ),
        (
            changed("eth0", link("eth0", "10.0.0.9/24", "10.10.10.11/24")),
            ["director_addresses.eth0: the host does not have 192.168.122.141/24; eth0 has 10.0.0.9/24, 10.10"],
        ),
        (
            [*changed("eth1", link("eth1")), link("eth3", "10.10.10.10/24")],
            ["director_addresses.eth1: 10.10.10.10 is an address of eth3"],
        ),
        ([], ["director_addresses.eth0: the host has no interface eth0; it has none"]),
    ],
)
def test_what_the_host_lacks_is_named(links: list[dict[str, Any]], messages: list[str]) -> None:
    found = link_faults(links, PART)
    assert [message for message in messages if not any(message in one for one in found)] == [], found


def test_tracked_interfaces_and_those_of_checks_count() -> None:
    part = copy.deepcopy(PART)
    part["configuration"]["vrrp_instances"][0].update(
        track_interface=[{"name": "eth3"}, {"name": "eth4", "weight": -10}], dont_track_primary=True
    )
    part["configuration"]["ipvs_services"][0]["real_servers"][0]["TCP_CHECK"] = [{"bind_if": "eth5"}]
    found = " ".join(link_faults(LINKS, part))
    assert "external_network_1: the host has no interface eth3" in found
    assert "real server 10.0.0.11: bind_if: the host has no interface eth5" in found
    assert "eth4" not in found


@pytest.mark.parametrize("shown", ["no JSON", "3", '["eth0"]'])
def test_what_ip_has_not_printed_is_an_error(shown: str) -> None:
    with pytest.raises(AnsibleFilterError, match="ip -json address show"):
        link_faults(shown, PART)
