# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles: each variable is described, each default is the one described, and the plan knows the inventory's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.lvs.director.plugins.plugin_utils._model import DIRECTOR_SPEC, REAL_SERVER_SPEC
from ansible_collections.lvs.director.tests.unit.roles.role_specs import ROLES, SPECS, text


def load(role: str, path: str) -> Any:
    return yaml.safe_load((ROLES / role / path).read_text())


@pytest.mark.parametrize("role", SPECS)
def test_the_argument_specs_are_those_of_the_tables_of_keywords(role: str) -> None:
    assert (ROLES / role / "meta/argument_specs.yml").read_text() == text(role)


@pytest.mark.parametrize("role", SPECS)
def test_the_defaults_are_the_described_ones(role: str) -> None:
    options = load(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert {name: option["default"] for name, option in options.items()} == load(role, "defaults/main.yml")


@pytest.mark.parametrize(("role", "spec"), [("director", DIRECTOR_SPEC), ("real_server", REAL_SERVER_SPEC)])
def test_the_plan_and_the_role_agree_on_the_inventory(role: str, spec: Any) -> None:
    defaults = load(role, "defaults/main.yml")
    assert {name: option["default"] for name, option in spec.items()} == {name: defaults[name] for name in spec}


@pytest.mark.parametrize("role", SPECS)
def test_the_role_compares_all_that_the_plan_reads(role: str) -> None:
    read = {name: option["default"] for name, option in (DIRECTOR_SPEC | REAL_SERVER_SPEC).items()}
    assert load(role, "vars/main.yml")[f"{role}_plan_inputs"] == read


@pytest.mark.parametrize("role", SPECS)
def test_the_readme_names_every_variable(role: str) -> None:
    readme = (ROLES / role / "README.md").read_text()
    assert [name for name in load(role, "defaults/main.yml") if f"`{name}`" not in readme] == []
