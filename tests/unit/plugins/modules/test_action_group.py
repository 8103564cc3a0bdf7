# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One action group for all modules, and every module takes what its defaults may set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lvs.director.plugins.module_utils._arguments import OF_THE_GROUP
from ansible_collections.lvs.director.tests.unit.conftest import COLLECTIONS, run_module

ROOT = COLLECTIONS / "ansible_collections" / "lvs" / "director"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")


def test_every_module_is_in_the_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["director"]) == MODULES


@pytest.mark.parametrize("module", [name for name in MODULES if name != "director_plan"])
def test_a_module_takes_every_default_of_the_group(module: str, tmp_path: Path) -> None:
    """Whatever else it says: that one of them is unknown it does not say."""
    shared: dict[str, Any] = {name: str(tmp_path / name) for name in OF_THE_GROUP if name != "allow_faults"}
    answer = run_module(module, {**shared, "allow_faults": True}, tmp_path, check=True)
    assert "Unsupported" not in json.dumps(answer)
