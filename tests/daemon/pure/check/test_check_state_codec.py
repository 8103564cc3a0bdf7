# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks have found, as text for the next process: it comes back as it was, and noise is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check import state_codec
from lvsd.check.health import Health
from lvsd.check.state_codec import LONGEST_DETAIL, MOST_FAILURES, NO_RESULTS, Results

BOOT = "4f0c"
UP = Health(up=True, probe_at=0.0, observed=True, detail="status 200")
DOWN = Health(up=False, probe_at=0.0, observed=True, failures=2, detail="connection refused")

healths = st.builds(
    Health,
    up=st.booleans(),
    probe_at=st.just(0.0),
    observed=st.just(True),
    failures=st.integers(0, 1000),
    weight=st.none() | st.integers(0, 65535),
    detail=st.text(max_size=20),
)


def rendered(found: Results) -> str:
    checks = (state_codec.check(name, health) for name, health in found.checks.items())
    quorums = (state_codec.quorum(service, up) for service, up in found.quorums.items())
    return state_codec.header(BOOT) + "".join([*checks, *quorums])


@given(st.dictionaries(st.text(max_size=20), healths), st.dictionaries(st.text(max_size=20), st.booleans()))
def test_results_come_back_as_they_were(checks: dict[str, Health], quorums: dict[str, bool]) -> None:
    found = Results(checks, quorums)
    assert state_codec.parse(rendered(found), BOOT) == found


def test_the_last_line_about_a_check_counts_and_a_piece_of_a_line_does_not() -> None:
    text = state_codec.header(BOOT) + state_codec.check("a", UP) + state_codec.check("a", DOWN)
    for cut in range(len(state_codec.check("a", UP))):
        assert state_codec.parse(text + state_codec.check("a", UP)[:cut], BOOT).checks == {"a": DOWN}


BAD = [
    "",
    "\n",
    "{",
    "[]\n",
    "[" * 100_000 + "\n",
    state_codec.header("another"),
    '{"version": 2, "boot": "4f0c"}\n',
    state_codec.header(BOOT) + "{\n",
    state_codec.header(BOOT) + "3\n",
    state_codec.header(BOOT) + '{"check": "a"}\n',
    *(
        state_codec.header(BOOT) + json.dumps({**json.loads(state_codec.check("a", UP)), **wrong}) + "\n"
        for wrong in (
            {"up": 1},
            {"check": 3},
            {"failures": -1},
            {"failures": True},
            {"weight": 65536},
            {"detail": None},
        )
    ),
    state_codec.header(BOOT) + '{"quorum": "a", "up": null}\n',
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_such_file_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        state_codec.parse(text, BOOT)


@given(st.text() | st.text().map(lambda text: state_codec.header(BOOT) + text + "\n"))
def test_garbage_is_a_value_error_and_nothing_else(text: str) -> None:
    try:
        state_codec.parse(text, BOOT)
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("health", "kept"),
    [
        ({"failures": MOST_FAILURES}, True),
        ({"failures": MOST_FAILURES + 1}, False),
        ({"weight": 0}, True),
        ({"weight": 65535}, True),
        ({"weight": -1}, False),
        ({"weight": True}, False),
        ({"weight": 1.5}, False),
    ],
)
def test_the_ends_of_each_range(health: dict[str, object], kept: bool) -> None:
    text = state_codec.header(BOOT) + json.dumps({**json.loads(state_codec.check("a", UP)), **health}) + "\n"
    if kept:
        (found,) = state_codec.parse(text, BOOT).checks.values()
        assert {name: getattr(found, name) for name in health} == health
    else:
        with pytest.raises(ValueError, match=str(next(iter(health.values())))):
            state_codec.parse(text, BOOT)


def test_a_server_cannot_make_a_line_long_by_what_it_says() -> None:
    line = state_codec.check("a", Health(up=False, probe_at=0.0, detail="\0" * 100_000))
    assert len(line) < 6 * LONGEST_DETAIL + 200
    (found,) = state_codec.parse(state_codec.header(BOOT) + line, BOOT).checks.values()
    assert found.detail == "\0" * LONGEST_DETAIL


def test_a_file_with_nothing_but_its_head_holds_nothing() -> None:
    assert state_codec.parse(state_codec.header(BOOT), BOOT) == NO_RESULTS
    assert state_codec.parse(state_codec.header(BOOT) + '{"check": "half a li', BOOT) == NO_RESULTS


@pytest.mark.parametrize(
    ("head", "words"),
    [(state_codec.header("another"), "of another boot"), ('{"version": 2, "boot": "4f0c"}\n', "version 2")],
)
def test_a_file_of_another_time_says_of_which(head: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}$"):
        state_codec.parse(head, BOOT)
