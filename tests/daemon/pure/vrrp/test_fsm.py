# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 9568 §6.4 row by row, keepalived's additions, and whole networks in virtual time."""

from dataclasses import replace
from ipaddress import ip_address
from math import inf
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.vrrp.fsm import (
    Active,
    Advertise,
    Announce,
    Backup,
    DropAddresses,
    Initialize,
    Parameters,
    Received,
    Resign,
    Shutdown,
    Startup,
    TakeAddresses,
    Timeout,
    step,
)

NOW = 1000.0
LOW, OWN, HIGH = map(ip_address, ("192.0.2.1", "192.0.2.2", "192.0.2.3"))
R = Parameters(priority=100, primary=OWN)
SKEW = (256 - 100) / 256
DOWN = 3 + SKEW
TAKE = [Advertise(100), TakeAddresses(), Announce()]
RELEASE = [Advertise(0), DropAddresses()]
ASSERT = [Advertise(100), Announce(again=True)]


def heard(priority, source=LOW, interval=1.0):
    return Received(source, priority, interval)


ROWS = [
    # §      state               event          next state                  effects
    ("6.4.1", Initialize(),       Startup(),     Backup(NOW + DOWN, 1.0),    []),
    ("6.4.1", Initialize(),       Shutdown(),    Initialize(),               []),
    ("6.4.1", Initialize(),       Timeout(),     Initialize(),               []),
    ("6.4.1", Initialize(),       Resign(),      Initialize(),               []),
    ("6.4.1", Initialize(),       heard(200),    Initialize(),               []),
    ("6.4.2", Backup(NOW, 1.0),   Timeout(),     Active(NOW + 1),            TAKE),
    ("6.4.2", Backup(NOW+9, 1.0), Timeout(),     Backup(NOW + 9, 1.0),       []),
    ("6.4.2", Backup(NOW, 1.0),   Shutdown(),    Initialize(),               []),
    ("6.4.2", Backup(NOW, 1.0),   Startup(),     Backup(NOW, 1.0),           []),
    ("6.4.2", Backup(NOW, 1.0),   Resign(),      Backup(NOW, 1.0),           []),
    ("6.4.2", Backup(NOW, 1.0),   heard(0),      Backup(NOW + SKEW, 1.0),    []),
    ("6.4.2", Backup(NOW, 4.0),   heard(0),      Backup(NOW + 4*SKEW, 4.0),  []),
    ("6.4.2", Backup(NOW, 1.0),   heard(100),    Backup(NOW + DOWN, 1.0),    []),
    ("6.4.2", Backup(NOW, 1.0),   heard(99),     Backup(NOW, 1.0),           []),
    ("6.4.2", Backup(NOW, 1.0),   heard(200, interval=4.0), Backup(NOW + 4*DOWN, 4.0), []),
    ("6.4.3", Active(NOW),        Timeout(),     Active(NOW + 1),            [Advertise(100)]),
    ("6.4.3", Active(NOW - .2),   Timeout(),     Active(NOW + .8),           [Advertise(100)]),
    ("6.4.3", Active(NOW - 3),    Timeout(),     Active(NOW + 1),            [Advertise(100)]),
    ("6.4.3", Active(NOW + .5),   Timeout(),     Active(NOW + .5),           []),
    ("6.4.3", Active(NOW + .5),   Startup(),     Active(NOW + .5),           []),
    ("6.4.3", Active(NOW + .5),   Shutdown(),    Initialize(),               RELEASE),
    ("6.4.3", Active(NOW + .5),   heard(0),      Active(NOW + 1),            [Advertise(100)]),
    ("6.4.3", Active(NOW + .5),   heard(101),    Backup(NOW + DOWN, 1.0),    [DropAddresses()]),
    ("6.4.3", Active(NOW + .5),   heard(101, interval=2.0), Backup(NOW + 2*DOWN, 2.0), [DropAddresses()]),
    ("6.4.3", Active(NOW + .5),   heard(100, HIGH), Backup(NOW + DOWN, 1.0), [DropAddresses()]),
    ("6.4.3", Active(NOW + .5),   heard(100, LOW),  Active(NOW + .5),        ASSERT),
    ("6.4.3", Active(NOW + .5),   heard(99),     Active(NOW + .5),           ASSERT),
    ("own",   Active(NOW + .5),   heard(100, OWN),  Active(NOW + .5),        []),
    ("hand-over", Active(NOW + .5), Resign(),    Backup(NOW + DOWN, 1.0, yielding=True), RELEASE),
]  # fmt: skip


@pytest.mark.parametrize(("section", "state", "event", "after", "effects"), ROWS)
def test_rfc_9568(section, state, event, after, effects):
    assert step(R, state, event, NOW) == (after, effects)


OWNER = replace(R, priority=255)
CLAIMS = replace(R, starts_active=True)
PATIENT = replace(R, preempt=False)
DELAYED = replace(R, preempt_delay=30.0)
OLD = replace(R, version=2, advertisement_interval=2.0)
QUIET = replace(R, advertise_to_lower=False)
POLITE = replace(R, advertise_to_higher=True)
FIVE = replace(R, down_adverts=5)

# what keepalived adds, and what depends on the parameters
VARIANTS = [
    ("an owner claims at once", OWNER, Initialize(), Startup(), Active(NOW + 1),
     [Advertise(255), TakeAddresses(), Announce()]),
    ("the lower of two owners yields", OWNER, Active(NOW), heard(255, HIGH), Backup(NOW + 3 + 1 / 256, 1.0),
     [DropAddresses()]),
    ("state MASTER listens for one interval", CLAIMS, Initialize(), Startup(), Backup(NOW + 1 + 1 / 256, 1.0), []),
    ("state MASTER, v2, skews by a second", replace(CLAIMS, version=2, advertisement_interval=2.0), Initialize(),
     Startup(), Backup(NOW + 2 + 1 / 256, 2.0), []),
    ("state MASTER, v3, skews by the interval", replace(CLAIMS, advertisement_interval=2.0), Initialize(), Startup(),
     Backup(NOW + 2 + 2 / 256, 2.0), []),
    ("nopreempt accepts a lower one", PATIENT, Backup(NOW, 1.0), heard(1), Backup(NOW + DOWN, 1.0), []),
    ("nopreempt does not yield as Active", PATIENT, Active(NOW), heard(99), Active(NOW), ASSERT),
    ("v2 skews by a second", OLD, Initialize(), Startup(), Backup(NOW + 6 + SKEW, 2.0), []),
    ("v2 after a release", OLD, Backup(NOW, 2.0), heard(0), Backup(NOW + SKEW, 2.0), []),
    ("v2 keeps its own interval", OLD, Backup(NOW, 2.0), heard(200, interval=9.0), Backup(NOW + 6 + SKEW, 2.0), []),
    ("lower_prio_no_advert", QUIET, Active(NOW), heard(99), Active(NOW), [Announce(again=True)]),
    ("higher_prio_send_advert", POLITE, Active(NOW), heard(101), Backup(NOW + DOWN, 1.0),
     [Advertise(100), DropAddresses()]),
    ("down_timer_adverts", FIVE, Backup(NOW, 1.0), heard(100), Backup(NOW + 5 + SKEW, 1.0), []),
    ("the first lower one starts the preempt delay", DELAYED, Backup(NOW, 1.0), heard(99),
     Backup(NOW + DOWN, 1.0, preempt_at=NOW + 30), []),
    ("a later one does not prolong it", DELAYED, Backup(NOW, 1.0, preempt_at=NOW + 5), heard(99),
     Backup(NOW + DOWN, 1.0, preempt_at=NOW + 5), []),
    ("after it a lower one is discarded", DELAYED, Backup(NOW + 1, 1.0, preempt_at=NOW), heard(99),
     Backup(NOW + 1, 1.0, preempt_at=NOW), []),
    ("a lower one does not cut the timer of a better one short", DELAYED, Backup(NOW + 3, 1.0, preempt_at=NOW + 5),
     heard(99, interval=0.1), Backup(NOW + 3, 0.1, preempt_at=NOW + 5), []),
    ("nor does the first lower one", DELAYED, Backup(NOW + 3, 1.0), heard(99, interval=0.1),
     Backup(NOW + 3, 0.1, preempt_at=NOW + 30), []),
    ("an equal one cancels it", DELAYED, Backup(NOW, 1.0, preempt_at=NOW + 5), heard(100),
     Backup(NOW + DOWN, 1.0, preempt_at=inf), []),
    ("it does not delay a take-over", DELAYED, Backup(NOW, 1.0, preempt_at=NOW + 5), Timeout(), Active(NOW + 1), TAKE),
    ("after a hand-over a lower one is accepted", R, Backup(NOW, 1.0, yielding=True), heard(1),
     Backup(NOW + DOWN, 1.0, yielding=True), []),
    ("a better one ends the yielding", R, Backup(NOW, 1.0, yielding=True), heard(101), Backup(NOW + DOWN, 1.0), []),
    ("nobody took over", R, Backup(NOW, 1.0, yielding=True), Timeout(), Active(NOW + 1), TAKE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "router", "state", "event", "after", "effects"), VARIANTS)
def test_keepalived(case, router, state, event, after, effects):
    assert step(router, state, event, NOW) == (after, effects)


routers = st.builds(
    Parameters,
    priority=st.integers(1, 255),
    primary=st.ip_addresses(v=4),
    advertisement_interval=st.floats(0.01, 255),
    version=st.sampled_from([2, 3]),
    preempt=st.booleans(),
    preempt_delay=st.floats(0, 1000),
    starts_active=st.booleans(),
)
states = st.one_of(
    st.just(Initialize()),
    st.builds(Backup, st.floats(0, 2000), st.floats(0.01, 40), st.just(inf) | st.floats(0, 2000), st.booleans()),
    st.builds(Active, st.floats(0, 2000)),
)
events = st.one_of(
    st.builds(Received, st.ip_addresses(v=4), st.integers(0, 255), st.floats(0.01, 40)),
    st.sampled_from([Startup(), Shutdown(), Timeout(), Resign()]),
)


@given(routers, states, events)
def test_every_event_is_answered_in_every_state(router, state, event):
    after, effects = step(router, state, event, NOW)
    took = TakeAddresses() in effects
    dropped = DropAddresses() in effects
    assert took == (isinstance(after, Active) and not isinstance(state, Active))
    assert dropped == (isinstance(state, Active) and not isinstance(after, Active))
    assert isinstance(after, Initialize) or not isinstance(event, Shutdown)
    assert after.deadline > NOW or after == state


def run(routers, wire, until=60.0):
    """Virtual time: advance to the next deadline, deliver what the wire lets through."""
    states = {r: step(r, Initialize(), Startup(), 0.0)[0] for r in routers}
    now = 0.0
    while now < until:
        now = min(s.deadline for s in states.values())
        todo: list[tuple[Any, Any]] = [(r, Timeout()) for r in routers]
        while todo:
            r, event = todo.pop(0)
            states[r], effects = step(r, states[r], event, now)
            for e in effects:
                if isinstance(e, Advertise):
                    advert = Received(r.primary, e.priority, r.advertisement_interval)
                    todo += [(peer, advert) for peer in routers if peer is not r and wire(now)]
    return states


def network(priorities, interval, **options):
    return [
        Parameters(priority=p, primary=ip_address(f"192.0.2.{n + 1}"), advertisement_interval=interval, **options)
        for n, p in enumerate(priorities)
    ]


@given(st.lists(st.integers(1, 254), min_size=2, max_size=5), st.floats(0.5, 4), st.integers(0, 2**32))
def test_one_active_once_the_wire_heals(priorities, interval, seed):
    luck = Random(seed)
    routers = network(priorities, interval)
    states = run(routers, wire=lambda now: now > 30 or luck.random() > 0.5)
    best = max(routers, key=lambda r: (r.priority, int(r.primary)))
    active = [r for r, s in states.items() if isinstance(s, Active)]
    assert len(active) == 1
    assert active[0].priority == best.priority


@given(st.lists(st.integers(1, 254), min_size=2, max_size=5), st.integers(0, 2**32))
def test_without_preempt_there_is_still_one_active(priorities, seed):
    luck = Random(seed)
    routers = network(priorities, 1.0, preempt=False)
    states = run(routers, wire=lambda now: now > 30 or luck.random() > 0.5)
    assert sum(isinstance(s, Active) for s in states.values()) == 1


def test_after_a_hand_over_the_lower_router_keeps_the_addresses():
    ours, theirs = network([150, 100], 1.0)
    mine, _ = step(ours, Active(0.0), Resign(), 0.0)
    for now in range(1, 100):
        mine, effects = step(ours, mine, Received(theirs.primary, 100, 1.0), float(now))
        assert effects == []
        mine, effects = step(ours, mine, Timeout(), float(now))
        assert effects == []
