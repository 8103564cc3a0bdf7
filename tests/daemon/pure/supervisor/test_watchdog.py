# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Silence is counted in wake-ups."""

from lvsd.supervisor.watchdog import FIRST_SILENCE, PING_EVERY, SILENCE, Verdict, Watch

ALIVE = Watch().answer()


def ticks(watch: Watch, number: int, length: float = 1.0) -> tuple[Watch, list[Verdict]]:
    verdicts = []
    for _ in range(number):
        watch, verdict = watch.tick(length)
        verdicts.append(verdict)
    return watch, verdicts


def test_a_new_worker_is_asked_at_once() -> None:
    assert Watch().tick(0.1)[1] is Verdict.PING


def test_a_worker_that_does_not_listen_yet_is_asked_at_every_wake_up() -> None:
    watch = Watch()
    for _ in range(5):
        watch, verdict = watch.tick(0.1)
        assert verdict is Verdict.PING
        watch = watch.unreachable()


def test_a_live_worker_is_asked_now_and_then() -> None:
    _, verdicts = ticks(ALIVE, 4)
    assert verdicts == [Verdict.WAIT, Verdict.WAIT, Verdict.PING, Verdict.WAIT]


def test_a_worker_that_answers_is_never_killed() -> None:
    watch = ALIVE
    for _ in range(1000):
        watch, verdict = watch.tick(1.0)
        assert verdict is not Verdict.KILL
        if verdict is Verdict.PING:
            watch = watch.answer()


def test_a_silent_worker_is_killed_in_the_end_whether_it_listens_or_not() -> None:
    patience = int(PING_EVERY + SILENCE)
    assert ticks(ALIVE, patience - 1)[1][-1] is not Verdict.KILL
    assert ticks(ALIVE, patience)[1][-1] is Verdict.KILL
    watch = ALIVE
    for _ in range(patience):
        watch, verdict = watch.tick(1.0)
        watch = watch.unreachable()
    assert verdict is Verdict.KILL


def test_a_starting_worker_has_more_time() -> None:
    _, verdicts = ticks(Watch(), int(FIRST_SILENCE))
    assert Verdict.KILL not in verdicts[:-1]
    assert verdicts[-1] is Verdict.KILL


def test_a_pause_of_the_machine_is_one_wake_up_long() -> None:
    watch, _ = ticks(ALIVE, 3)  # asked
    # an hour later, the parent wakes up once before the worker's answer arrives
    assert watch.tick(1.0)[1] is Verdict.WAIT
