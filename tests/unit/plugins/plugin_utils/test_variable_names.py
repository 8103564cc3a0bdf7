# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that are almost one of the collection's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.director.plugins.plugin_utils._variable_names import KNOWN, distance, meant, mistaken

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("left", "right", "letters"),
    [("", "abc", 3), ("abcd", "acbd", 1), ("kitten", "sitting", 3), ("service", "services", 1), ("ba", "ab", 1)],
)
def test_distance(left: str, right: str, letters: int) -> None:
    assert distance(left, right) == distance(right, left) == letters


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("director_service", "director_services"),
        ("director_sync_group", "director_sync_groups"),
        ("directors_services", "director_services"),
        ("director_vrrp_instance", "director_vrrp_instances"),
        ("director_instances", "director_vrrp_instances"),
        ("director_address", "director_addresses"),
        ("dircetor_services", "director_services"),
        ("director_virtual_servers", "director_services"),
        ("real_server_adress", "real_server_address"),
        ("real_servers_gateway", "real_server_gateway"),
        ("real_server_ip", "real_server_address"),
        ("director_prio", "director_priority"),
        ("director_addr", "director_addresses"),
        ("director_sync_int", "director_sync_interface"),
    ],
)
def test_a_slip_is_an_error_with_the_name_that_was_meant(name: str, known: str) -> None:
    (error,) = mistaken("director-01", {name: [], "other": "{{ director_services }}"})
    assert error.startswith(f"director-01: {name}: there is no such variable, did you mean {known}?")


@pytest.mark.parametrize(
    "name",
    [
        "director_web_check",
        "director_vrrp_password",
        "director_public_interface",
        "director_sync",
        "director_pr",
        "ansible_director_service",
        "website",
    ],
)
def test_a_variable_of_the_user_is_no_slip(name: str) -> None:
    assert mistaken("director-01", {name: 1}) == []


def test_a_variable_that_another_one_uses_is_the_users() -> None:
    used = {"director_service": {"port": 80}, "director_services": ["{{ director_service }}"]}
    assert mistaken("director-01", used) == []
    assert mistaken("director-01", {**used, "director_services": ["director_service"]}) != []


def roles() -> dict[Path, Any]:
    return {path: yaml.safe_load(path.read_text()) for path in ROOT.glob("roles/*/defaults/main.yml")}


def test_every_variable_of_a_role_is_known() -> None:
    found = {name for defaults in roles().values() for name in defaults}
    assert len(found) > 20
    assert found - KNOWN == set()


def test_no_result_that_a_play_keeps_looks_like_a_slip() -> None:
    text = "".join(path.read_text() for path in [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")])
    kept = set(re.findall(r"register: (\w+)", text))
    for facts in re.findall(r"set_fact:\n((?: {8,}\S.*\n)+)", text):
        kept |= set(re.findall(r"^ {8}(\w+):", facts, re.MULTILINE))
    assert len(kept) > 10
    assert {name: meant(name) for name in kept if meant(name)} == {}
