# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attempts whose result is known before they begin: told later, once, and not at all when they are cancelled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lvsd.check.health import Result
from lvsd.check.probe.attempt import AttemptOptions, RunningProbe, ended, passed
from lvsd.check.probe.regex_search import Searcher
from lvsd.programs.client import Programs

from tests.support.virtual_time import VirtualTime

REFUSED = Result(False, "no descriptor is left", weight=3, looked=False)
BEGIN = [lambda options: passed(options, "not checked"), lambda options: ended(options, REFUSED)]


class Begun:
    """An attempt in virtual time and what it has told."""

    def __init__(self, begin: Callable[[AttemptOptions], RunningProbe]) -> None:
        self.time = VirtualTime()
        self.results: list[Result] = []
        loop = self.time.loop
        options = AttemptOptions(loop, 0, 0.01, self.results.append, Searcher(loop), Programs(loop))
        self.running = begin(options)


def test_what_has_nothing_to_look_at_passes_with_its_reason() -> None:
    begun = Begun(BEGIN[0])
    assert begun.results == []
    begun.time.turn()
    assert [(result.passed, result.detail, result.looked) for result in begun.results] == [(True, "not checked", True)]


def test_a_result_is_told_as_it_is() -> None:
    begun = Begun(BEGIN[1])
    begun.time.turn()
    (result,) = begun.results
    assert (result.passed, result.detail, result.weight, result.looked) == (False, REFUSED.detail, 3, False)


@pytest.mark.parametrize("begin", BEGIN)
def test_no_deadline_comes_behind_a_result(begin: Callable[[AttemptOptions], RunningProbe]) -> None:
    begun = Begun(begin)
    begun.time.run(3600)
    assert len(begun.results) == 1
    begun.running.cancel()
    assert begun.time.loop.next_deadline() == float("inf")


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("begin", BEGIN)
def test_one_that_is_cancelled_tells_nothing(begin: Callable[[AttemptOptions], RunningProbe], at_once: bool) -> None:
    begun = Begun(begin)
    begun.running.cancel(at_once=at_once)
    begun.time.run(3600)
    assert begun.results == []
