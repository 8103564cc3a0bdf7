# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that a director would refuse are refused by the plan, with their place and what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import Hosts, everywhere, planned

INSTANCE: list[tuple[dict[str, Any], str]] = [
    ({"garp_master_delay": 0.5}, "garp_master_delay: 0.5 is no integer"),
    ({"garp_master_repeat": 0}, "garp_master_repeat: '0' is outside 1 to 255"),
    ({"unicast_src_ip": "2001:db8::1"}, "2001:db8::1 is not IPv4 as the instance"),
    ({"unicast_peer": [{"address": "2001:db8::9"}]}, "unicast_peer 2001:db8::9 is not IPv4 as the instance"),
    (
        {"unicast_peer": [{"address": "224.0.0.1"}]},
        "unicast_peer[0].address: '224.0.0.1' is not the address of a host",
    ),
    ({"notify": "bin/notify"}, "notify: 'bin/notify' is not a full path"),
    ({"notify_master": "/bin/echo 'x"}, 'notify_master: "/bin/echo \'x": a quote in the command is not closed'),
]
ADDRESS: list[tuple[dict[str, Any], str]] = [
    ({"label": "a-label-of-16-by"}, "label: 'a-label-of-16-by' is longer than 15 bytes"),
    ({"scope": "everywhere"}, "scope: 'everywhere' is none of site, link, host, nowhere, global"),
    ({"brd": "x"}, "brd: 'x' is not an IP address"),
    ({"preferred_lft": "soon"}, "preferred_lft: 'soon' is not a whole number from 0 to 4294967295"),
    ({"peer": "2001:db8::9"}, "peer: 2001:db8::9 is not IPv4 as the address"),
]
CHECK: list[tuple[dict[str, Any], str]] = [
    ({"TCP_CHECK": [{"bindto": "2001:db8::9"}]}, "TCP_CHECK[0]: bindto 2001:db8::9 cannot reach 10.0.0.11"),
    ({"HTTP_GET": [{"url": [{"path": "/", "regex": "(("}]}]}, "HTTP_GET[0].url[0].regex: '((' cannot be compiled"),
    ({"HTTP_GET": [{}]}, "HTTP_GET[0]: it has no url"),
    ({"MISC_CHECK": [{"misc_path": "/bin/true", "misc_timeout": 0.5}]}, "misc_timeout: 0.5 is no integer"),
]
SERVICE: list[tuple[dict[str, Any], str]] = [
    ({"persistence_timeout": 0}, "persistence_timeout: '0' is outside 1 to 2678400"),
    ({"persistence_timeout": 9, "persistence_granularity": "64"}, "persistence_granularity 64 is longer than an IPv4"),
    (
        {"sorry_server": {"address": "2001:db8::9"}},
        "sorry_server 2001:db8::9 is not IPv4 as the service; TUN can cross",
    ),
]


def refused(change: Any, words: str) -> None:
    found = planned(change)
    assert [error for error in found.errors if error.startswith("director-01: director_") and words in error], (
        found.errors
    )


@pytest.mark.parametrize(("given", "words"), INSTANCE)
def test_of_an_instance(given: dict[str, Any], words: str) -> None:
    refused(lambda d, r: everywhere(d, "director_vrrp_instances", lambda v: v[0].update(given)), words)


@pytest.mark.parametrize(("given", "words"), ADDRESS)
def test_of_a_virtual_address(given: dict[str, Any], words: str) -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        everywhere(directors, "director_vrrp_instances", lambda v: v[0]["virtual_ipaddress"][0].update(given))

    refused(change, words)


@pytest.mark.parametrize(("given", "words"), CHECK)
def test_of_a_check(given: dict[str, Any], words: str) -> None:
    refused(lambda d, r: everywhere(d, "director_services", lambda v: v[0]["real_servers"][0].update(given)), words)


@pytest.mark.parametrize(("given", "words"), SERVICE)
def test_of_a_service(given: dict[str, Any], words: str) -> None:
    refused(lambda d, r: everywhere(d, "director_services", lambda v: v[0].update(given)), words)
