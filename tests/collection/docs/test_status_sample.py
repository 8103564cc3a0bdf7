# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen that a page shows is what `lvsctl status` prints."""

from __future__ import annotations

from ansible_collections.lvs.director.tests.collection.docs.pages import ROOT, blocks
from ansible_collections.lvs.director.tests.collection.docs.status_sample import sample


def test_the_screen_on_the_page_is_current() -> None:
    assert sample() in [block.text for block in blocks(ROOT / "docs" / "day-2.md", "text")]
