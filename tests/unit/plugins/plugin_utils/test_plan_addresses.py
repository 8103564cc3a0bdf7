# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual addresses of a plan: those that do not fit into an advertisement, and those that are routed."""

from __future__ import annotations

import pytest
from ansible_collections.lvs.director.plugins.plugin_utils._capacity import too_many
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import (
    Hosts,
    example,
    instances,
    planned,
)


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
