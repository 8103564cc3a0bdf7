# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of examples/pair, with changes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, plan

PAIR = Path(__file__).parents[4] / "examples" / "pair"
PASSWORD = "Ohp2eish"  # the example's own is a warning

Hosts = dict[str, dict[str, Any]]


def example() -> tuple[Hosts, Hosts]:
    """The example's hosts with their variables, as Ansible would give them."""
    inventory = yaml.safe_load((PAIR / "inventory.yml").read_text())
    text = (PAIR / "group_vars" / "directors.yml").read_text()
    shared = yaml.safe_load(text.replace('"{{ director_vrrp_password }}"', PASSWORD))
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
