# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host has against the wrong inventories that only it can refuse, told from what it had before."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.module_utils._removals import content, refusal, removals, unexpected
from ansible_collections.lvs.director.plugins.plugin_utils._links import faults, links_of
from ansible_collections.lvs.director.plugins.plugin_utils._plan import of_inventory
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import PASSWORD, planned
from ansible_collections.lvs.director.tests.unit.wrong_inventories import WRONG, Inventory, Wrong, example

BEFORE = planned().directors


def changed(wrong: Wrong) -> Inventory:
    """The inventory with its mistake and without templates."""
    made = example()
    for instance in made.shared["director_vrrp_instances"]:
        instance["authentication"]["auth_pass"] = PASSWORD
    for server in made.service["real_servers"]:
        server["HTTP_GET"] = made.shared["director_web_check"]
    wrong.change(made)
    return made


def does(part: dict[str, Any]) -> Any:
    return content({path.removeprefix("conf.d/"): text for path, text in files(part["configuration"]).items()})


def links(addresses: dict[str, list[str]]) -> list[dict[str, Any]]:
    """As `ip -json address` shows them."""
    split = {interface: [text.split("/") for text in texts] for interface, texts in addresses.items()}
    return [
        {"ifname": interface, "addr_info": [{"local": one, "prefixlen": int(bits)} for one, bits in texts]}
        for interface, texts in split.items()
    ]


@pytest.mark.parametrize("wrong", [one for one in WRONG if one.found == "host"], ids=lambda one: one.name)
def test_the_host_refuses_it_by_what_it_says(wrong: Wrong) -> None:
    inventory = changed(wrong)
    directors = {
        name: {**copy.deepcopy(inventory.shared), **variables} for name, variables in inventory.directors.items()
    }
    plan = of_inventory({**directors, **inventory.real_servers}, directors, inventory.real_servers)
    assert not plan.errors
    said = []
    for name, part in plan.directors.items():
        gone = unexpected(removals(does(BEFORE[name]), does(part)), ())
        said += [refusal(gone) if gone else "", *faults(links_of(links(BEFORE[name]["addresses"])), part)]
    assert wrong.says in "\n".join(said), said
