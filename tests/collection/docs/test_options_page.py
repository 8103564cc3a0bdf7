# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of options is the one that the documentation makes, and nothing is left out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lvs.director.tests.collection.docs import options_page
from ansible_collections.lvs.director.tests.collection.docs.options_page import PAGE, documentation, nested, page, plain


@pytest.fixture(scope="module")
def known() -> Any:
    return documentation()


def test_the_page_is_current(known: Any) -> None:
    assert PAGE.read_text() == page(known), f"make it anew: python -m {options_page.__name__}"


def test_every_option_is_there(known: Any) -> None:
    written = PAGE.read_text()
    modules = [entry["doc"]["options"] for entry in known["module"].values()]
    roles = [entry["entry_points"]["main"]["options"] for entry in known["role"].values()]
    missing = [name for options in modules + roles for name in names(options) if f"\n| `{name}` |" not in written]
    assert missing == []


def names(options: Any) -> Iterator[str]:
    for name, option in options.items():
        yield name
        yield from names(nested(option))


def test_markup_becomes_code() -> None:
    assert plain("With O(state=drained), M(lvs.director.x) O(a.b#module:c) V(1) C(d) RV(ignore:live)") == (
        "With `state=drained`, `lvs.director.x` `c` `1` `d` `live`"
    )
