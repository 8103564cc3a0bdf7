# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health of one check: keepalived's rules as columns, and what holds for any run of results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.check.health import CheckTimes, Health, Result, observe, resume, start, telling

NOW = 1000.0
S = CheckTimes(retry=2, delay_before_retry=3.0, delay_loop=10.0, warmup=10.0)
PASS, FAIL = Result(True, "ok"), Result(False, "refused")


def seen(up: bool, at: float, failures: int = 0, **more: Any) -> Health:
    return replace(Health(up=up, probe_at=at, observed=True, failures=failures, passes=1 if up else 0), **more)


NEW = Health(up=True, probe_at=NOW)
ALPHA = Health(up=False, probe_at=NOW)

ROWS = [
    # what happens                                          health           result  up     failures  next try
    ("the first check counts at once",                      NEW,             FAIL,   False, 1,        NOW + 10),
    ("the first success keeps it up",                       NEW,             PASS,   True,  0,        NOW + 10),
    ("alpha comes up with the first success",               ALPHA,           PASS,   True,  0,        NOW + 10),
    ("alpha stays down with the first failure",             ALPHA,           FAIL,   False, 1,        NOW + 10),
    ("a failure is retried soon",                           seen(True, NOW), FAIL,   True,  1,        NOW + 3),
    ("the second, too",                                     seen(True, NOW, 1), FAIL, True, 2,        NOW + 3),
    ("after `retry` extra failures it is down",             seen(True, NOW, 2), FAIL, False, 3,       NOW + 10),
    ("a success forgets failures",                          seen(True, NOW, 2), PASS, True, 0,        NOW + 10),
    ("recovery is immediate",                               seen(False, NOW, 9), PASS, True, 0,       NOW + 10),
    ("a server that is down stays down",                    seen(False, NOW, 9), FAIL, False, 10,     NOW + 10),
]  # fmt: skip


@pytest.mark.parametrize(("what", "health", "result", "up", "failures", "at"), ROWS, ids=[row[0] for row in ROWS])
def test_one_result(what: str, health: Health, result: Result, up: bool, failures: int, at: float) -> None:
    after = observe(S, health, result, NOW)
    assert (after.up, after.failures, after.probe_at) == (up, failures, at)
    assert after.observed
    assert after.detail == result.detail


def test_after_a_failure_the_longer_delay_counts() -> None:
    slow = replace(S, delay_before_retry=30.0)
    assert observe(slow, NEW, FAIL, NOW).probe_at == NOW + 30


def test_without_retries_one_failure_is_enough() -> None:
    assert not observe(replace(S, retry=0), seen(True, NOW), FAIL, NOW).up


def test_the_first_probe_comes_within_warmup() -> None:
    assert start(S, NOW, 0.5) == Health(up=True, probe_at=NOW + 5)
    assert not start(replace(S, alpha=True), NOW, 0.0).up
    assert start(replace(S, alpha=True), NOW, 0.0, up=True).up


# --- several URLs ------------------------------------------------------------------------------


def feed(results: str, urls: int, health: Health = NEW, fast_recovery: bool = False) -> Health:
    for letter in results:
        health = observe(S, health, PASS if letter == "+" else FAIL, NOW, urls, fast_recovery)
    return health


def test_urls_take_turns() -> None:
    assert [feed("+" * n, urls=3).url for n in range(5)] == [0, 1, 2, 0, 1]


def test_the_url_that_failed_is_the_next_one_again() -> None:
    assert feed("+-", urls=3).url == 1
    assert feed("+--", urls=3).url == 1


def test_it_is_back_once_every_url_has_passed() -> None:
    assert [feed("+-" + "+" * n, urls=3).up for n in range(4)] == [False, False, False, True]


def test_a_first_failure_of_a_later_url_counts_at_once() -> None:
    assert not feed("+-", urls=3).up


def test_once_all_urls_have_passed_a_failure_is_retried() -> None:
    assert feed("+++-", urls=3).up


def test_fast_recovery_does_not_wait_between_urls() -> None:
    assert feed("-+", 3, fast_recovery=True).probe_at == NOW
    assert feed("-+++", 3, fast_recovery=True).probe_at == NOW + 10
    assert feed("-+", 3).probe_at == NOW + 10


def test_a_dynamic_weight_is_kept_until_the_next_result() -> None:
    health = observe(S, NEW, Result(True, "exit status 12", weight=10), NOW)
    assert health.weight == 10
    assert observe(S, health, PASS, NOW).weight is None


@pytest.mark.parametrize("known", [NEW, ALPHA, seen(True, NOW), seen(True, NOW, 1), seen(False, NOW, 4)])
def test_an_attempt_that_could_not_look_changes_nothing_and_comes_again(known: Health) -> None:
    blind = observe(S, known, Result(False, "too many open files", looked=False), NOW)
    assert (blind.blind, blind.detail) == (True, "could not look: too many open files")
    assert blind.probe_at == NOW + S.delay_loop
    unchanged: dict[str, Any] = {
        "blind": False,
        "detail": known.detail,
        "probe_at": known.probe_at,
        "latency": known.latency,
    }
    assert replace(blind, **unchanged) == known
    assert telling(blind) == telling(known)
    for result in (PASS, FAIL):
        assert observe(S, blind, result, NOW) == observe(S, known, result, NOW)


# --- for any run of results --------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 4), st.booleans(), st.integers(1, 3))
def test_down_needs_retries_and_up_needs_every_url(results: list[bool], retry: int, alpha: bool, urls: int) -> None:
    schedule = replace(S, retry=retry, alpha=alpha)
    health = start(schedule, NOW, 0.0)
    for n, passed in enumerate(results):
        before, health = health, observe(schedule, health, PASS if passed else FAIL, NOW, urls)
        assert health.probe_at > NOW
        assert 0 <= health.url < urls
        if before.up and not health.up and before.observed:
            assert not any(results[n - retry : n + 1])  # retry + 1 failures in a row
        if health.up and not before.up:
            assert n + 1 >= urls
            assert all(results[n + 1 - urls : n + 1])
    if len(results) >= urls and all(results[-urls:]):
        assert health.up
    if len(results) > retry and results and not any(results[-retry - 1 :]):
        assert not health.up


@given(st.floats(0, 1e6), st.floats(0, 0.999), st.floats(0, 1e6))
def test_a_check_goes_on_at_its_own_time_after_every_restart(now: float, phase: float, later: float) -> None:
    first, again = (resume(S, seen(True, 0), at, phase).probe_at for at in (now, now + later))
    assert now <= first <= now + S.delay_loop
    if now + later < first:  # it dies and starts before the probe was due: that does not put it off
        assert again == pytest.approx(first, abs=1e-6) or again - (now + later) == pytest.approx(0, abs=1e-6)


def test_a_check_between_two_tries_goes_on_soon() -> None:
    later = S.delay_loop - 0.001
    assert resume(S, seen(True, 0, 1), NOW + 0.001, 0.0).probe_at <= NOW + 0.001 + S.delay_before_retry
    assert resume(S, seen(True, 0), NOW + 0.001, 0.0).probe_at == pytest.approx(NOW + 0.001 + later)


def test_how_often_a_failed_check_has_failed_is_not_worth_a_word() -> None:
    assert telling(seen(False, NOW, 3)) == telling(seen(False, NOW, 4, detail="refused again"))
    assert len({telling(health) for health in (NEW, ALPHA, seen(True, NOW), seen(True, NOW, 1), seen(False, NOW))}) == 5
