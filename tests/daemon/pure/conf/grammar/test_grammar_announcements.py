# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for announcements: the same in an instance and, with `vrrp_` in front, in `global_defs`."""

from __future__ import annotations

from typing import Any

import pytest
from lvsd.conf.grammar.announcements import ANNOUNCEMENTS
from lvsd.conf.grammar.global_defs import GLOBAL_DEFS
from lvsd.conf.grammar.instance import INSTANCE
from lvsd.model import Announcements

from tests.support.language import read, written

IDENTITY = "virtual_router_id 1"
RANGES = {  # the field, the ends of the range, and whether what is outside is moved to an end
    "garp_master_delay": ("delay", 0, 86400, False),
    "garp_master_repeat": ("repeat", 1, 255, True),
    "garp_master_refresh": ("refresh", 0, 86400, False),
    "garp_master_refresh_repeat": ("refresh_repeat", 1, 255, True),
    "garp_lower_prio_delay": ("lower_priority_delay", 0, 86400, False),
    "garp_lower_prio_repeat": ("lower_priority_repeat", 0, 255, False),
}
BLOCKS = [
    pytest.param(INSTANCE, "vrrp_instance V", [IDENTITY], "", id="instance"),
    pytest.param(GLOBAL_DEFS, "global_defs", [], "vrrp_", id="global_defs"),
]


def test_each_word_has_a_field() -> None:
    assert {word: field for word, field, *_rest in ANNOUNCEMENTS} == {w: row[0] for w, row in RANGES.items()}


@pytest.mark.parametrize("word", RANGES)
@pytest.mark.parametrize(("block", "head", "more", "prefix"), BLOCKS)
def test_the_ends_of_each_range(block: Any, head: str, more: list[str], prefix: str, word: str) -> None:
    field, least, most, _raised = RANGES[word]
    for number in (least, most):
        line = f"{prefix}{word} {number}"
        value, said = read(block, line, *more, head=head)
        fields: dict[str, Any] = {field: number}
        assert (value.announcements, said) == (Announcements(**fields), [])
        assert line in written(block, value)


@pytest.mark.parametrize("word", RANGES)
@pytest.mark.parametrize(("block", "head", "more", "prefix"), BLOCKS)
def test_what_is_outside(block: Any, head: str, more: list[str], prefix: str, word: str) -> None:
    field, least, most, raised = RANGES[word]
    value, said = read(block, f"{prefix}{word} {most + 1}", *more, head=head)
    kind = "fatal" if raised else "error"
    assert said == [f"{kind} 2: {prefix}{word} '{most + 1}' is outside {least} to {most}"]
    assert getattr(value.announcements, field) is None
    value, said = read(block, f"{prefix}{word} {least - 1}", *more, head=head)
    if raised:
        assert said == [f"2: {prefix}{word} '0' is outside 1 to 255: it is 1"]
        assert getattr(value.announcements, field) == 1
    else:
        assert said == [f"error 2: {prefix}{word} '-1' is outside {least} to {most}"]
