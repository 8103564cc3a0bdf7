# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role has a README that shows how it is used, and every variable with its default."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lvs.director.tests.collection.docs import pages, role_pages

page = pytest.mark.parametrize("page", pages.ROLES, ids=lambda page: page.parent.name)


def test_every_role_has_a_page() -> None:
    roles = {path.name for path in (pages.ROOT / "roles").iterdir() if path.is_dir()}
    assert {page.parent.name for page in pages.ROLES} == roles


@page
def test_its_variables_are_those_of_the_specification(page: Path) -> None:
    assert page.read_text() == role_pages.renewed(page), f"make it anew: python -m {role_pages.__name__}"


@page
def test_it_shows_how_the_role_is_used(page: Path) -> None:
    assert any(f"lvs.director.{page.parent.name}" in block.text for block in pages.blocks(page, "yaml"))
