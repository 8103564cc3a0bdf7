# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services of the kernel are ours, as the text of its file: those of this boot, or none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check import ownership


def test_services_are_ours_until_the_next_boot() -> None:
    text = ownership.render({"192.0.2.10:80/TCP", "fwmark 7/IPv4"}, "boot-1")
    assert ownership.parse(text, "boot-1") == {"192.0.2.10:80/TCP", "fwmark 7/IPv4"}
    assert ownership.parse(text, "boot-2") == frozenset()


@given(st.frozensets(st.text(max_size=20)), st.text(max_size=20))
def test_services_come_back_and_their_file_is_the_same_in_whatever_order_they_came(
    services: frozenset[str], boot: str
) -> None:
    text = ownership.render(services, boot)
    assert ownership.parse(text, boot) == services
    assert ownership.render(sorted(services, reverse=True), boot) == text


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "services", "boot"]), inner)
    ),
)


@given(st.binary() | json_like.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_a_value_error_and_nothing_else(data: bytes) -> None:
    try:
        ownership.parse(data.decode("utf-8", "replace"), "boot")
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('{"version": 2, "boot": "b", "services": []}', "version 2", id="a later version"),
        pytest.param('{"version": 1, "services": []}', "not our services: KeyError", id="no boot"),
        pytest.param('{"version": 1, "boot": "b"}', "not our services: KeyError", id="no services"),
        pytest.param('{"version": 1, "boot": "b", "services": "ab"}', "no list of texts", id="a text has letters"),
        pytest.param('{"version": 1, "boot": "b", "services": {"a": 1}}', "no list of texts", id="a mapping has keys"),
        pytest.param('{"version": 1, "boot": "b", "services": ["a", 7]}', "no list of texts", id="a number in it"),
        pytest.param("7", "not our services: TypeError", id="a number"),
        pytest.param("[" * 100_000, "not our services: RecursionError", id="a bottomless list"),
    ],
)
def test_what_is_no_file_of_services_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ownership.parse(text, "b")
