# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules take for a default of the daemon: a worker derives the same with the line and without it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import test_effects_services
import test_effects_vrrp
from effects import Effect

DEFAULTS = Path(__file__).parents[4] / "plugins" / "module_utils" / "_defaults.py"
SHOWN = [*test_effects_vrrp.EFFECTS, *test_effects_services.EFFECTS]


def module() -> ModuleType:
    """The module without Ansible around it: it imports nothing of the collection."""
    spec = importlib.util.spec_from_file_location("defaults", DEFAULTS)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


WRITTEN = [
    (block, f"{keyword} {value}") for block, values in module().DEFAULTS.items() for keyword, value in values.items()
]


@pytest.mark.parametrize(("block", "row"), WRITTEN, ids=str)
def test_the_daemon_does_without_the_line_what_it_does_with_it(block: str, row: str) -> None:
    keyword = row.partition(" ")[0]
    effect = shown(block, keyword)
    assert effect.seen(row) == effect.without


def shown(block: str, keyword: str) -> Effect:
    return next(effect for effect in SHOWN if (effect.block, effect.keyword) == (block, keyword))
