# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that keeps failing is started ever more rarely; one that has proved itself begins anew."""

from lvsd.supervisor.backoff import LONGEST, STABLE, Restarts


def test_the_delay_doubles_up_to_its_limit() -> None:
    restarts = Restarts()
    delays = []
    for _ in range(8):
        restarts = restarts.after(ran=0.1)
        delays.append(restarts.delay)
    assert delays == [1, 2, 4, 8, 16, LONGEST, LONGEST, LONGEST]
    assert restarts.count == 8


def test_a_stable_run_begins_anew_and_the_count_goes_on() -> None:
    restarts = Restarts().after(0.1).after(0.1).after(0.1).after(STABLE)
    assert restarts == Restarts(count=4, delay=1.0)


def test_the_first_failure_waits_a_second_however_long_it_ran() -> None:
    assert Restarts().after(0.0).delay == Restarts().after(9999.0).delay == 1.0
