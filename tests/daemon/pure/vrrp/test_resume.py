# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on where a predecessor was: only within an Active_Down_Interval, and never at the peers' expense."""

from dataclasses import replace
from ipaddress import ip_address
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.vrrp.fsm import Active, Backup, Parameters, Received, Resign, step
from lvsd.vrrp.parameters import Identity
from lvsd.vrrp.resume import resume, together
from lvsd.vrrp.state_codec import Remembered, Subject
from lvsd.vrrp.sync_group import GroupMember, state_of

NOW = 1000.0
R = Parameters(priority=100, primary=ip_address("192.0.2.2"))
SKEW = 156 / 256
DOWN = 3 + SKEW
WAIT = 1 + SKEW
WHO = Subject("VI_1", Identity(51, 4, "eth0", None, None))


def left(state, ago=0.5, interval=1.0):
    return Remembered(WHO, state, NOW - ago, interval, 0.0, 100)


ROWS = [
    # case, parameters, what was left, the state to go on in (None: the ordinary start)
    ("Active speaks at once", R, left(Active(NOW + 0.5)), Active(NOW)),
    ("Active and long due", R, left(Active(NOW - 2), 3), Active(NOW)),
    ("Active for the last moment", R, left(Active(NOW), DOWN - 0.01), Active(NOW)),
    ("Active too long ago", R, left(Active(NOW), DOWN), None),
    ("Active in the future", R, left(Active(NOW + 9), -1), None),
    ("the peers know the interval that was advertised", R, left(Active(NOW), 0.5, 0.1), None),
    ("also when it is shorter now", replace(R, advertisement_interval=0.1), left(Active(NOW), 2), Active(NOW)),
    ("version 2 has one for all", replace(R, version=2), left(Active(NOW), 0.5, 0.1), Active(NOW)),
    ("another priority now", replace(R, priority=200), left(Active(NOW)), Active(NOW)),
    ("Backup keeps its timer", R, left(Backup(NOW + 3, 1.0)), Backup(NOW + 3, 1.0)),
    ("Backup was deaf", R, left(Backup(NOW + 1, 1.0), 2.6), Backup(NOW + WAIT, 1.0)),
    ("Backup that was due already", R, left(Backup(NOW - 1, 1.0), 3), Backup(NOW + WAIT, 1.0)),
    ("a timer is never longer than one from now", R, left(Backup(NOW + 99, 1.0)), Backup(NOW + DOWN, 1.0)),
    ("Backup too long ago", R, left(Backup(NOW, 1.0), DOWN), None),
    ("Backup with a learned interval", R, left(Backup(NOW, 0.1), 0.3, 0.1), Backup(NOW + WAIT / 10, 0.1)),
    ("Backup that yields", R, left(Backup(NOW + 3, 1.0, yielding=True)), Backup(NOW + 3, 1.0, yielding=True)),
    ("ready is decided anew", R, left(Backup(NOW + 3, 1.0, ready=True)), Backup(NOW + 3, 1.0)),
    ("a preempt delay goes on", replace(R, preempt_delay=60), left(Backup(NOW + 3, 1.0, NOW + 20)),
     Backup(NOW + 3, 1.0, NOW + 20)),
    ("a preempt delay that is shorter now", replace(R, preempt_delay=5), left(Backup(NOW + 3, 1.0, NOW + 20)),
     Backup(NOW + 3, 1.0, NOW + 5)),
    ("no preempt delay any more", R, left(Backup(NOW + 3, 1.0, NOW + 20)), Backup(NOW + 3, 1.0, inf)),
]  # fmt: skip


@pytest.mark.parametrize(("vr", "remembered", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_resume(vr, remembered, expected):
    assert resume(vr, remembered, NOW) == expected


intervals = st.sampled_from([0.01, 0.1, 1.0, 40.95])
parameters = st.builds(
    Parameters,
    priority=st.integers(1, 255),
    primary=st.just(R.primary),
    advertisement_interval=intervals,
    version=st.sampled_from([2, 3]),
    preempt_delay=st.sampled_from([0.0, 30.0]),
    down_adverts=st.integers(1, 10),
)
states = st.builds(Active, st.floats(0, 2000)) | st.builds(
    Backup, st.floats(0, 2000), intervals, st.floats(0, 2000) | st.just(inf), st.booleans(), st.booleans()
)


@given(parameters, states, st.floats(-100, 100), intervals)
def test_whatever_was_left_the_timer_is_in_the_range_of_a_listening_router(vr, state, ago, interval):
    resumed = resume(vr, left(state, ago, interval), NOW)
    if isinstance(resumed, Backup):
        used = resumed.interval
        assert used + vr.skew_time(used) <= resumed.deadline - NOW + 1e-6
        assert resumed.deadline - NOW <= vr.active_down_interval(used) + 1e-6
    elif resumed is not None:
        assert resumed.deadline == NOW


def test_who_yields_still_does_after_a_crash():
    """A planned hand-over, a crash, and the lower Active Router that took over is heard: it stays Active."""
    handed, _ = step(R, Active(NOW), Resign(), NOW)
    resumed = resume(R, left(handed), NOW + 0.3)
    assert resumed is not None
    after, _ = step(R, resumed, Received(ip_address("192.0.2.1"), 1, 1.0), NOW + 1)
    assert isinstance(after, Backup)
    assert after.yielding
    assert after.deadline == NOW + 1 + DOWN


# --- sync groups --------------------------------------------------------------------------------

A, B = left(Active(NOW)), left(Backup(NOW + 3, 1.0))
OLD = left(Active(NOW), 10)
BOTH = {"a": R, "b": R}


@pytest.mark.parametrize(("remembered", "expected"), [
    ({"a": A, "b": A}, {"a": Active(NOW), "b": Active(NOW)}),
    ({"a": B, "b": B}, {"a": Backup(NOW + 3, 1.0), "b": Backup(NOW + 3, 1.0)}),
    ({"a": A, "b": B}, None),
    ({"a": A}, None),
    ({"a": A, "b": OLD}, None),
    ({}, None),
])  # fmt: skip
def test_together_or_not_at_all(remembered, expected):
    assert together(BOTH, remembered, NOW) == expected
    if expected:
        assert len({type(GroupMember(R, state).state) for state in expected.values()}) == 1
        assert state_of(expected.values()) in ("Active", "Backup")
