# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""None of the wrong inventories takes a working service away: each is stopped, and by what it says that it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.module_utils._removals import content, refusal, removals, unexpected
from ansible_collections.lvs.director.plugins.plugin_utils._links import faults, links_of
from ansible_collections.lvs.director.plugins.plugin_utils._plan import Plan, of_inventory
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import example, planned
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.wrong_inventories import WRONG, Wrong

BEFORE = planned().directors


def changed(wrong: Wrong) -> Plan:
    directors, servers = copy.deepcopy(example())
    wrong.change(directors, servers)
    return of_inventory({**directors, **servers}, directors, servers)


def does(part: dict[str, Any]) -> Any:
    values = part["configuration"]
    given = {**values, "ipvs_services": values["ipvs_services"]}
    return content({path.removeprefix("conf.d/"): text for path, text in files(given).items()})


def told(wrong: Wrong) -> dict[str, str]:
    """What each place says against it."""
    found = changed(wrong)
    said = {"plan": "\n".join(found.errors), "host": "", "links": ""}
    for name, part in found.directors.items() if not found.errors else ():
        gone = unexpected(removals(does(BEFORE[name]), does(part)), ())
        said["host"] += refusal(gone) if gone else ""
        links = [
            {
                "ifname": interface,
                "addr_info": [
                    {"local": one, "prefixlen": bits} for one, bits in (text.split("/") for text in addresses)
                ],
            }
            for interface, addresses in BEFORE[name]["addresses"].items()
        ]
        said["links"] += "\n".join(faults(links_of(links), part))
    return said


def test_there_are_thirty_and_each_is_there_once() -> None:
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 30


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_it_is_stopped_by_what_it_says(wrong: Wrong) -> None:
    said = told(wrong)
    assert wrong.words in said[wrong.stopped], said
    if wrong.stopped != "plan":
        assert said["plan"] == ""
