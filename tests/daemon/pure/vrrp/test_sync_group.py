# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync groups: together or not at all."""

from dataclasses import replace
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lvsd.model import SyncGroup, VirtualRouter
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
    State,
    TakeAddresses,
    Timeout,
)
from lvsd.vrrp.sync_group import GroupMember, group_of, state_of, step

NOW = 1000.0
R = Parameters(priority=100, primary=ip_address("192.0.2.2"))
SKEW = (256 - 100) / 256
DOWN = 3 + SKEW
PEER = ip_address("192.0.2.1")
TAKE = [Advertise(100), TakeAddresses(), Announce()]
READY = Backup(NOW + 1, 1.0, ready=True)
FRESH = Backup(NOW + DOWN, 1.0)


def heard(priority):
    return Received(PEER, priority, 1.0)


# rule, state of a and b, event for a, new states (None: unchanged), effects of a, effects of b
ROWS = [
    ("the first is ready and waits", Backup(NOW, 1.0), Backup(NOW + 1, 1.0), Timeout(),
     replace(FRESH, ready=True), None, [], []),
    ("the last one ready takes all along", Backup(NOW, 1.0), READY, Timeout(),
     Active(NOW + 1), Active(NOW + 1), TAKE, TAKE),
    ("a timer that has not expired decides nothing", Backup(NOW + 1, 1.0), READY, Timeout(),
     Backup(NOW + 1, 1.0), None, [], []),
    ("a faulty member holds all back", Backup(NOW, 1.0), Initialize(), Timeout(),
     replace(FRESH, ready=True), None, [], []),
    ("who hears a better one is not ready any more", READY, Backup(NOW + 1, 1.0), heard(200), FRESH, None, [], []),
    ("who hears a lower one stays ready", READY, Backup(NOW + 1, 1.0), heard(99), READY, None, [], []),
    ("one beaten, all step back", Active(NOW), Active(NOW), heard(200), FRESH, FRESH,
     [DropAddresses()], [DropAddresses()]),
    ("one faulty, all stop", Active(NOW), Active(NOW), Shutdown(), Initialize(), Initialize(),
     [Advertise(0), DropAddresses()], [Advertise(0), DropAddresses()]),
    ("all start together", Initialize(), Initialize(), Startup(), FRESH, FRESH, [], []),
    ("who joins an Active group is Active", Initialize(), Active(NOW), Startup(), Active(NOW + 1), None, TAKE, []),
    ("a hand-over releases all", Active(NOW), Active(NOW), Resign(), replace(FRESH, yielding=True),
     replace(FRESH, yielding=True), [Advertise(0), DropAddresses()], [Advertise(0), DropAddresses()]),
    ("a lower one makes all announce", Active(NOW), Active(NOW), heard(99), Active(NOW), None,
     [Advertise(100), Announce(again=True)], [Announce(again=True)]),
    ("an Adver_Timer concerns its member alone", Active(NOW), Active(NOW), Timeout(), Active(NOW + 1), None,
     [Advertise(100)], []),
    ("yielding survives the wait", Backup(NOW, 1.0, yielding=True), Backup(NOW + 1, 1.0, yielding=True), Timeout(),
     replace(FRESH, ready=True, yielding=True), None, [], []),
    ("a preempt delay that is over stays so during the wait", Backup(NOW, 1.0, preempt_at=NOW - 1),
     Backup(NOW + 1, 1.0), Timeout(), replace(FRESH, ready=True, preempt_at=NOW - 1), None, [], []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "a", "b", "event", "after_a", "after_b", "does_a", "does_b"), ROWS)
def test_sync_group(rule, a, b, event, after_a, after_b, does_a, does_b):
    states, effects = step({"a": GroupMember(R, a), "b": GroupMember(R, b)}, "a", event, NOW)
    assert states.get("a") == after_a
    assert states.get("b", b) == (b if after_b is None else after_b)
    assert [e for name, e in effects if name == "a"] == does_a
    assert [e for name, e in effects if name == "b"] == does_b


def test_owners_start_as_active_together():
    owner = replace(R, priority=255)
    states, effects = step({n: GroupMember(owner, Initialize()) for n in "ab"}, "a", Startup(), NOW)
    assert states == {"a": Active(NOW + 1), "b": Active(NOW + 1)}
    assert [e for _, e in effects].count(TakeAddresses()) == 2


def test_an_owner_waits_for_a_member_that_is_none():
    members = {"a": GroupMember(replace(R, priority=255), Initialize()), "b": GroupMember(R, Initialize())}
    states, effects = step(members, "a", Startup(), NOW)
    assert isinstance(states["a"], Backup)
    assert states["a"].ready
    assert states["b"] == FRESH
    assert effects == []


def test_a_group_of_one_is_the_state_machine():
    member = {"a": GroupMember(R, Backup(NOW, 1.0))}
    assert step(member, "a", Timeout(), NOW) == ({"a": Active(NOW + 1)}, [("a", e) for e in TAKE])


@pytest.mark.parametrize(("states", "word"), [
    ([Active(0), Active(0)], "Active"),
    ([Active(0), Backup(0, 1)], "Backup"),
    ([Backup(0, 1), Initialize()], "Initialize"),
])  # fmt: skip
def test_state_of_a_group(states, word):
    assert state_of(states) == word


class Router:
    """A router with one member per network, for the simulation."""

    def __init__(self, number, priority, networks):
        primaries = {n: ip_address(f"10.0.{i}.{number + 1}") for i, n in enumerate(networks)}
        self.parameters = {n: Parameters(priority=priority, primary=a) for n, a in primaries.items()}
        self.states: dict[str, State] = dict.fromkeys(networks, Initialize())

    def step(self, name, event, now):
        states, effects = step(
            {n: GroupMember(self.parameters[n], s) for n, s in self.states.items()}, name, event, now
        )
        self.states.update(states)
        kinds = {type(s) for s in self.states.values()}
        assert kinds == {Active} or Active not in kinds
        return [(n, e.priority) for n, e in effects if isinstance(e, Advertise)]


def simulate(routers, networks, wire, until=90.0):
    """Virtual time, as for single routers; a step asserts that members agree."""
    now = 0.0
    for router in routers:
        router.step(networks[0], Startup(), now)
    while now < until:
        now = min(s.deadline for r in routers for s in r.states.values())
        todo: list[tuple[Any, str, Any]] = [(r, n, Timeout()) for r in routers for n in networks]
        while todo:
            router, network, event = todo.pop(0)
            for name, priority in router.step(network, event, now):
                advert = Received(router.parameters[name].primary, priority, 1.0)
                todo += [(peer, name, advert) for peer in routers if peer is not router and wire(name, now)]


@settings(deadline=None)  # a busy machine is no fault of the routers
@given(st.lists(st.integers(1, 254), min_size=2, max_size=4, unique=True), st.integers(0, 2**32))
def test_members_agree_always_and_one_router_has_all_once_the_wires_heal(priorities, seed):
    luck = Random(seed)
    networks = ["left", "right"]
    routers = [Router(n, p, networks) for n, p in enumerate(priorities)]
    simulate(routers, networks, wire=lambda _, now: now > 45 or luck.random() > 0.5)
    active = [r for r in routers if isinstance(r.states["left"], Active)]
    assert len(active) == 1
    assert active[0].parameters["left"].priority == max(priorities)


group_states = st.one_of(
    st.just(Initialize()),
    st.builds(Backup, st.floats(0, 2000), st.just(1.0), ready=st.booleans(), yielding=st.booleans()),
    st.builds(Active, st.floats(0, 2000)),
)


@given(
    st.lists(group_states, min_size=1, max_size=4),
    st.sampled_from([Startup(), Shutdown(), Timeout(), Resign(), heard(0), heard(99), heard(100), heard(200)]),
)
def test_every_event_is_answered_and_addresses_follow_the_state(before, event):
    members = {str(n): GroupMember(R, s) for n, s in enumerate(before)}
    states, effects = step(members, "0", event, NOW)
    for name, member in members.items():
        after = states.get(name, member.state)
        todo = [e for n, e in effects if n == name]
        assert (TakeAddresses() in todo) == (isinstance(after, Active) and not isinstance(member.state, Active))
        assert (DropAddresses() in todo) == (isinstance(member.state, Active) and not isinstance(after, Active))


def test_the_group_that_names_an_instance():
    router = VirtualRouter(name="A", vrid=1, interface="eth0")
    groups = (SyncGroup(name="X", members=("B",)), SyncGroup(name="Y", members=("A",)))
    assert group_of(router, groups) is groups[1]
    assert group_of(router, groups[:1]) is None
