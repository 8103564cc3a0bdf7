# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that keeps failing is started ever more rarely; one that has proved itself begins anew."""

from lvsd.supervisor.restart import LONGEST, STABLE, Restarts


def test_the_first_restart_is_at_once_and_then_the_delay_doubles_up_to_its_limit() -> None:
    restarts = Restarts()
    delays = []
    for _ in range(9):
        restarts = restarts.after(ran=0.1)
        delays.append(restarts.delay)
    assert delays == [0, 1, 2, 4, 8, 16, LONGEST, LONGEST, LONGEST]
    assert restarts.count == 9


def test_a_stable_run_begins_anew_and_the_count_goes_on() -> None:
    restarts = Restarts().after(0.1).after(0.1).after(0.1).after(STABLE)
    assert (restarts.count, restarts.delay) == (4, 0)
    assert restarts.after(0.1).delay == 1


def test_the_first_failure_does_not_wait_however_long_it_ran() -> None:
    assert Restarts().after(0.0).delay == Restarts().after(9999.0).delay == 0


def test_a_worker_that_fails_all_day_waits_no_longer_than_the_limit() -> None:
    restarts = Restarts()
    for _ in range(5000):
        restarts = restarts.after(ran=0.1)
    assert restarts.delay == LONGEST
