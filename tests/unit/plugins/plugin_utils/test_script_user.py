# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts are protected, and run by a user without rights, unless the inventory says otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lvs.director.tests.unit.plugins.plugin_utils.example_pair import Hosts, planned

SAFE = {"enable_script_security": True, "script_user": ["keepalived_script"]}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"enable_script_security": False},
        {"enable_script_security": True},
        {"script_user": ["root"]},
        {"script_user": ["ann", "staff"], "enable_script_security": False},
    ],
)
def test_what_the_inventory_does_not_say_is_safe(given: dict[str, Any]) -> None:
    def change(directors: Hosts, servers: Hosts) -> None:
        for variables in directors.values():
            variables["director_globals"] = given

    for part in planned(change).directors.values():
        globals_ = part["configuration"]["globals"]
        assert {name: globals_[name] for name in SAFE} == {**SAFE, **given}
