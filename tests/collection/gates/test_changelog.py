# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changelog that is read is made from the fragments that are written."""

from __future__ import annotations

from tests.release.changelog import PAGE, rendered


def test_the_changelog_is_what_the_fragments_say() -> None:
    assert PAGE.read_text() == rendered(), "run `make changelog`"
