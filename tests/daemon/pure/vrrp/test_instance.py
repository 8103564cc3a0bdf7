# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Virtual Router as the worker knows it: what follows from its words, what it keeps for a successor."""

from __future__ import annotations

from array import array
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.kernel.rtnl_types import Link, LinkFlags
from lvsd.model import GlobalDefs, TrackedInterface, UnicastPeer, VirtualAddress, VirtualRouter
from lvsd.vrrp import packet, tracking
from lvsd.vrrp.fsm import Active, Backup, Initialize, State
from lvsd.vrrp.instance import Instance, Transition, Unit, goes_on
from lvsd.vrrp.state_codec import DEADLINE, KIND, LAST, NUMBERS, Slot
from lvsd.vrrp.tracking import TrackState, TrackStatus

OWN, PEER, OTHER, VIP = map(ip_address, ("192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.100"))
ADDRESS = VirtualAddress(address=VIP, prefix_length=24)
R = VirtualRouter(name="VI_1", vrid=51, interface="eth0", priority=150, addresses=(ADDRESS,))
ETH0 = Link(2, "eth0", LinkFlags.UP | LinkFlags.RUNNING, mtu=1500)
LINKS = {"eth0": ETH0}
UP = {tracking.interface("eth0"): TrackState(TrackStatus.UP, "")}


def made(router: VirtualRouter = R, links: Any = LINKS, trackers: Any = UP, primary: Any = OWN) -> Instance:
    instance = Instance(router, GlobalDefs(), None, 17.0)
    instance.assess(links, trackers, primary)
    return instance


def test_it_begins_without_anything() -> None:
    instance = Instance(R, GlobalDefs(), None, 17.0)
    assert (instance.state, instance.since, instance.name, instance.active) == (Initialize(), 17.0, "VI_1", False)
    assert (instance.table, instance.mtu, int(instance.vr.primary)) == ({}, 0, 0)
    assert instance.problems


def test_with_its_interface_it_has_parameters_and_addresses() -> None:
    instance = made()
    assert (instance.vr.priority, instance.vr.primary, instance.mtu) == (150, OWN, 1500)
    assert [(key.index, key.address) for key in instance.table] == [(2, VIP)]
    assert instance.problems == ()


def test_a_weight_moves_the_priority_of_what_is_advertised() -> None:
    router = replace(R, track_interfaces=(TrackedInterface("eth1", -20),))
    down = {**UP, tracking.interface("eth1"): TrackState(TrackStatus.DOWN, "eth1 is down")}
    assert made(router, trackers=down).vr.priority == 130


@pytest.mark.parametrize("renewed", [{"mtu": 1400}, {}], ids=["another link", "nothing new"])
def test_a_table_that_has_not_changed_is_the_same_object_and_parcels_are_made_anew(renewed: dict[str, Any]) -> None:
    instance = made()
    table = instance.table
    instance.parcels[150] = []
    instance.assess({"eth0": replace(ETH0, **renewed)}, UP, OWN)
    assert instance.table is table
    assert instance.parcels == {}


def test_a_reload_forgets_the_addresses_of_before_until_it_is_assessed() -> None:
    instance = made()
    other = replace(ADDRESS, address=OTHER)
    instance.ask(replace(R, addresses=(other,), excluded_addresses=(ADDRESS,)), GlobalDefs(), None)
    assert (instance.table, instance.virtual) == ({}, {OTHER, VIP})
    instance.assess(LINKS, UP, OWN)
    assert {key.address for key in instance.table} == {OTHER, VIP}


@pytest.mark.parametrize(
    ("router", "targets"),
    [
        (R, [packet.GROUP[4]]),
        (replace(R, unicast_peers=(UnicastPeer(PEER), UnicastPeer(OTHER))), [PEER, OTHER]),
    ],
    ids=["to the group", "to every peer"],
)
def test_what_is_sent_is_a_whole_advertisement_for_each_destination(router: VirtualRouter, targets: list[Any]) -> None:
    messages = made(router).messages(0)
    assert [to for to, _ in messages] == targets
    for to, message in messages:
        advertisement = packet.decode(message, OWN, to)
        assert (advertisement.vrid, advertisement.priority, advertisement.addresses) == (51, 0, (VIP,))


def stored(instance: Instance) -> Any:
    numbers = array("d", bytes(8 * NUMBERS))
    instance.slot = Slot(memoryview(numbers))
    return numbers


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Backup(1.0, 1.0), Backup(2.0, 1.0), True),
        (Active(1.0), Active(2.0), True),
        (Initialize(), Initialize(), True),
        (Backup(1.0, 1.0), Active(1.0), False),
        (Initialize(), Backup(1.0, 1.0), False),
        (Backup(1.0, 1.0), Backup(1.0, 2.0), False),
        (Backup(1.0, 1.0), Backup(1.0, 1.0, preempt_at=9.0), False),
        (Backup(1.0, 1.0), Backup(1.0, 1.0, ready=True), False),
        (Backup(1.0, 1.0, yielding=True), Backup(1.0, 1.0), False),
    ],
    ids=["Backup", "Active", "Initialize", "a take-over", "a start", "a learned interval", "a preempt delay", "ready",
         "no more yielding"],
)  # fmt: skip
def test_only_a_timer_that_was_set_anew_goes_on(before: State, after: State, expected: bool) -> None:
    assert goes_on(before, after) is expected


def test_a_successor_finds_each_new_state_and_each_renewal() -> None:
    instance = made()
    numbers = stored(instance)
    before, instance.state = instance.state, Backup(13.0, 1.0)
    instance.note(before, 10.0)
    assert tuple(numbers) == tuple(map(float, instance.numbers()))
    before, instance.state = instance.state, Backup(14.0, 1.0)
    instance.note(before, 11.0)
    assert (numbers[LAST], numbers[DEADLINE], numbers[KIND]) == (11.0, 14.0, 1.0)
    assert tuple(numbers) == tuple(map(float, instance.numbers()))
    instance.note(instance.state, 12.0)
    assert (instance.last, numbers[LAST]) == (11.0, 11.0)
    before, instance.state = instance.state, Backup(14.0, 0.5)
    instance.note(before, 12.0)
    assert tuple(numbers) == tuple(map(float, instance.numbers()))


def test_a_successor_finds_who_is_active() -> None:
    instance = made()
    instance.state = Backup(13.0, 1.0)
    numbers = stored(instance)
    instance.hears(PEER)
    assert (instance.active_router, tuple(numbers)) == (PEER, tuple(map(float, instance.numbers())))
    instance.hears(None)
    assert (instance.active_router, tuple(numbers)) == (None, tuple(map(float, instance.numbers())))


def test_addresses_for_which_there_is_no_room_are_news_once_until_that_changes() -> None:
    many = tuple(replace(ADDRESS, address=ip_address(f"198.51.100.{number}")) for number in range(1, 60))
    instance = made(replace(R, addresses=many), links={})
    assert instance.news_of_room() == ""
    instance.assess({"eth0": replace(ETH0, mtu=100)}, UP, OWN)
    assert "eth0" in instance.news_of_room()
    assert instance.news_of_room() == ""
    instance.assess({"eth0": replace(ETH0, mtu=90)}, UP, OWN)
    assert "eth0" in instance.news_of_room()
    instance.assess(LINKS, UP, OWN)
    assert instance.news_of_room() == ""
    instance.assess({"eth0": replace(ETH0, mtu=90)}, UP, OWN)
    assert "eth0" in instance.news_of_room()


def test_the_members_of_a_unit_are_as_they_are_when_they_are_looked_at() -> None:
    first, second = made(), made(replace(R, name="VI_2", vrid=52))
    unit = Unit([first, second])
    assert (list(unit), len(unit)) == (["VI_1", "VI_2"], 2)
    first.state = Active(1.0)
    assert (unit["VI_1"].state, unit["VI_2"].state) == (Active(1.0), Initialize())
    with pytest.raises(KeyError):
        unit["VI_3"]


@pytest.mark.parametrize(
    ("after", "word", "told"),
    [(Active(1.0), "", "MASTER"), (Backup(1.0, 1.0), "", "BACKUP"), (Initialize(), "", "FAULT"),
     (Initialize(), "STOP", "STOP")],
)  # fmt: skip
def test_a_transition_is_told_in_keepalived_s_words_and_logged_in_the_rfc_s(after: State, word: str, told: str) -> None:
    transition = Transition(made(), Backup(1.0, 1.0), after, "because", word)
    assert transition.told == told
    assert str(transition) == f"VI_1: Backup -> {type(after).__name__} (because)"
