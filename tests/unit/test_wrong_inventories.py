# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong inventories that `site` refuses on the controller; those that hosts refuse are in tests/system."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.lvs.director.tests.unit.wrong_inventories import WRONG, Wrong, example

NOWHERE = {"ansible_host": "127.0.0.1", "ansible_port": 1}  # a host that was connected to would be unreachable


def site(folder: Path, inventory: dict[str, object]) -> str:
    """What the playbook says of it, on one line, with its exit code first."""
    path = folder / "inventory.yml"
    path.write_text(yaml.safe_dump(inventory))
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "lvs" / "director").exists())
    program = Path(sys.executable).parent / "ansible-playbook"
    done = subprocess.run(
        [program, "-i", path, "lvs.director.site", "--extra-vars", json.dumps(NOWHERE)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_NOCOLOR": "1"},
    )
    return f"exit {done.returncode} " + " ".join((done.stdout + done.stderr).split())


def test_there_are_at_least_thirty_and_each_is_there_once() -> None:
    assert len(WRONG) == len({wrong.name for wrong in WRONG}) >= 30


@pytest.mark.parametrize("wrong", [one for one in WRONG if one.found == "plan"], ids=lambda one: one.name)
def test_the_plan_refuses_it_before_a_host_is_asked(tmp_path: Path, wrong: Wrong) -> None:
    said = site(tmp_path, wrong.inventory())
    assert not said.startswith("exit 0"), said
    assert wrong.says in said.partition("The inventory contradicts itself")[2], said
    assert "UNREACHABLE!" not in said


@pytest.mark.parametrize(
    "inventory",
    [pytest.param(one.inventory(), id=one.name) for one in WRONG if one.found != "plan"]
    + [pytest.param(example().as_dict(), id="the example")],
)
def test_the_plan_has_nothing_against_the_others(tmp_path: Path, inventory: dict[str, object]) -> None:
    said = site(tmp_path, inventory)
    assert "The inventory contradicts itself" not in said
    assert "UNREACHABLE!" in said
