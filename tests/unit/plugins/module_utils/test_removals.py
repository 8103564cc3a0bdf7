# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may go without a word, and what an inventory that lost something must not take away."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.module_utils._removals import content, refusal, removals, unexpected


def configuration(instances: dict[str, list[str]], services: dict[str, list[str]]) -> Any:
    """What a configuration does; `services` are addresses with the last numbers of their real servers."""
    found = files(
        {
            "vrrp_instances": [
                {
                    "name": name,
                    "interface": "eth0",
                    "virtual_router_id": number,
                    "virtual_ipaddress": [{"address": address} for address in addresses],
                }
                for number, (name, addresses) in enumerate(instances.items(), 1)
            ],
            "ipvs_services": [
                {"address": key, "port": 80, "real_servers": [{"address": f"10.0.0.{one}"} for one in servers]}
                for key, servers in services.items()
            ],
        }
    )
    return content({path.removeprefix("conf.d/"): text for path, text in found.items()})


BEFORE = configuration(
    {"a": ["192.0.2.1/24"], "b": ["192.0.2.2/24", "192.0.2.3/24"], "c": ["192.0.2.4"], "d": ["192.0.2.5"]},
    {"192.0.2.1": ["11", "12"], "192.0.2.2": ["11"], "192.0.2.4": []},
)


def refused(instances: dict[str, list[str]], services: dict[str, list[str]], *allowed: str) -> list[str]:
    return [str(one) for one in unexpected(removals(BEFORE, configuration(instances, services)), allowed)]


ALL = {"a": ["192.0.2.1"], "b": ["192.0.2.2", "192.0.2.3"], "c": ["192.0.2.4"], "d": ["192.0.2.5"]}
SERVICES = {"192.0.2.1": ["11", "12"], "192.0.2.2": ["11"], "192.0.2.4": []}


def test_content_has_the_names_that_an_operator_knows() -> None:
    assert BEFORE.instances["b"] == {"192.0.2.2", "192.0.2.3"}
    assert BEFORE.services["192.0.2.1:80/TCP"] == {"10.0.0.11:80", "10.0.0.12:80"}
    named = content({"virtual_server-2001:db8::1-53-UDP.conf": "", "virtual_server-fwmark-7-inet6.conf": ""})
    assert set(named.services) == {"[2001:db8::1]:53/UDP", "fwmark 7/IPv6"}


@pytest.mark.parametrize(
    ("instances", "services"),
    [
        (ALL, SERVICES),
        ({name: held for name, held in ALL.items() if name != "c"}, SERVICES),  # one of four
        ({**ALL, "b": ["192.0.2.2"]}, SERVICES),  # one address of five
        ({("new" if name == "a" else name): held for name, held in ALL.items()}, SERVICES),
        ({f"new_{name}": held for name, held in ALL.items()}, SERVICES),  # all are renamed, no address goes
        (ALL, {"192.0.2.1": ["12"], "192.0.2.2": ["11"], "192.0.2.5": ["11"]}),  # one of three, and a new one
        ({**ALL, "e": ["192.0.2.9"]}, SERVICES),
    ],
)
def test_a_change_of_every_day_needs_no_word(instances: dict[str, list[str]], services: dict[str, list[str]]) -> None:
    assert refused(instances, services) == []


@pytest.mark.parametrize(
    ("instances", "services", "words"),
    [
        (ALL, {}, "virtual_server 192.0.2.1:80/TCP"),
        (ALL, {"192.0.2.4": []}, "virtual_server 192.0.2.1:80/TCP"),  # two of three
        ({}, SERVICES, "vrrp_instance a"),
        ({"a": ["192.0.2.1"], "b": ["192.0.2.2", "192.0.2.3"]}, SERVICES, "vrrp_instance c"),  # two of four
        ({name: [] for name in ALL}, SERVICES, "virtual address 192.0.2.1"),
        (ALL, {**SERVICES, "192.0.2.2": []}, "192.0.2.2:80/TCP: real_server 10.0.0.11:80"),
        ({}, {}, "vrrp_instance a"),
    ],
)
def test_the_last_or_half_needs_one(
    instances: dict[str, list[str]], services: dict[str, list[str]], words: str
) -> None:
    found = refused(instances, services)
    assert words in found
    assert refused(instances, services, "all") == []
    names = [one.name for one in removals(BEFORE, configuration(instances, services))]
    assert refused(instances, services, *names) == []
    assert refused(instances, services, *names[1:]) == found[:1]


def test_a_gateway_without_services_stays_legal() -> None:
    assert unexpected(removals(configuration(ALL, {}), configuration(ALL, {})), ()) == []
    assert unexpected(removals(configuration({}, {}), configuration(ALL, SERVICES)), ()) == []


def test_the_refusal_names_what_goes_and_the_word_for_it() -> None:
    message = refusal(removals(BEFORE, configuration({}, {})))
    assert "vrrp_instance a (the last vrrp_instance)" in message
    assert "and 2 more" in message
    assert "-e director_allow_removal=all" in message
