# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When addresses are announced: keepalived's policy."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.model import Announcements, GlobalDefs
from lvsd.vrrp.garp_schedule import GarpSchedule, Policy, due, lower_heard, policy, rounds, take_over

NOW = 1000.0
P = Policy()


def test_defaults_are_keepalived_s():
    assert policy(Announcements(), GlobalDefs()) == Policy(5, 5.0, 0.0, 1, 5, 5.0)


@pytest.mark.parametrize(("own", "defs", "field", "value"), [
    ({"repeat": 2}, {}, "repeat", 2),
    ({"repeat": 2}, {}, "lower_repeat", 2),  # follows, unless it is said
    ({"delay": 0.0}, {}, "lower_delay", 0.0),
    ({"repeat": 2, "lower_priority_repeat": 7}, {}, "lower_repeat", 7),
    ({}, {"announcements": Announcements(repeat=3)}, "repeat", 3),
    ({"repeat": 1}, {"announcements": Announcements(repeat=3)}, "repeat", 1),
    ({}, {"vrrp_min_garp": True}, "repeat", 1),
    ({}, {"vrrp_min_garp": True}, "delay", 0.0),
    ({"refresh": 60.0, "refresh_repeat": 2}, {}, "refresh", 60.0),
])  # fmt: skip
def test_policy(own, defs, field, value):
    assert getattr(policy(Announcements(**own), GlobalDefs(**defs)), field) == value


def test_a_take_over_is_announced_twice():
    schedule, frames = take_over(P, NOW)
    assert frames == 5
    assert schedule.deadline == NOW + 5
    assert due(P, schedule, NOW + 4.9) == (schedule, 0)
    schedule, frames = due(P, schedule, NOW + 5)
    assert frames == 5
    assert schedule.deadline == inf


def test_without_a_delay_once():
    assert take_over(Policy(delay=0.0), NOW) == (GarpSchedule(inf, 5, inf), 5)


def test_a_refresh_goes_on():
    p = Policy(delay=0.0, refresh=60.0, refresh_repeat=2)
    schedule, _ = take_over(p, NOW)
    for turn in range(1, 4):
        assert schedule.deadline == NOW + 60 * turn
        schedule, frames = due(p, schedule, NOW + 60 * turn)
        assert frames == 2


def test_a_lower_router_is_answered_twice_and_does_not_postpone():
    schedule, frames = lower_heard(P, GarpSchedule(), NOW)
    assert (schedule.deadline, frames) == (NOW + 5, 5)
    assert lower_heard(P, schedule, NOW + 1)[0].deadline == NOW + 5


def test_a_lower_router_may_be_left_unanswered():
    assert lower_heard(Policy(lower_repeat=0), GarpSchedule(), NOW) == (GarpSchedule(), 0)


@given(st.lists(st.tuples(st.integers(), st.integers(0, 6)), unique_by=lambda row: row[0]))
def test_every_address_once_before_any_is_repeated(wanted):
    order = list(rounds(wanted))
    assert len(order) == sum(repeat for _, repeat in wanted)
    firsts = [thing for thing, repeat in wanted if repeat]
    assert order[: len(firsts)] == firsts
    for thing, repeat in wanted:
        assert order.count(thing) == repeat
