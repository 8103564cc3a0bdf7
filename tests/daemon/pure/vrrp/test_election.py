# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A router that others keep busy, or that is kept from the processor, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest
from lvsd.model import GlobalDefs, SyncGroup, VirtualAddress, VirtualRouter
from lvsd.vrrp.election import Election
from lvsd.vrrp.fsm import Active, Advertise, Announce, Backup, Timeout
from lvsd.vrrp.instance import Instance, Todo, Transition
from lvsd.vrrp.packet import GROUP, Advertisement, encode
from lvsd.vrrp.pending import Pending
from lvsd.vrrp.rx import Receiver
from lvsd.vrrp.sockets import WAITED, Port, arrival
from lvsd.vrrp.timers import ElectionTimers
from lvsd.vrrp.validate import Datagram

from tests.daemon.simulation.clock import Clock, VirtualLoop

OWN, PEER, VIP = map(ip_address, ("192.0.2.2", "192.0.2.1", "192.0.2.100"))
PORT = Port(4, 2, "eth0", GROUP[4])
DOWN = 3 + 156 / 256


class TurningLoop(VirtualLoop):
    """What a timer sets for now is due in the next turn, as in the real loop."""

    def expire(self) -> None:
        self._expire()
        self._carry_out()


@dataclass
class Router:
    """One instance or more, their loop in virtual time, and a socket that may hold more than a wake-up reads."""

    names: tuple[str, ...] = ("VI_1",)
    waiting: list[tuple[float, Datagram]] = field(default_factory=list)
    most: int = 1000
    effects: list = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.loop = TurningLoop(self.clock, self.wake)
        self.timers = ElectionTimers(self.loop, self.expire, lambda _: None, lambda _: not self.waiting)
        self.election = Election(self.timers, lambda: 0.0)
        self.pending = Pending(self.loop, self.effects.extend)
        self.rx = Receiver(self.loop, self.election, self.pending, lambda *_, **__: None)
        group = SyncGroup(name="VG", members=self.names) if len(self.names) > 1 else None
        self.instances = [Instance(router(name), GlobalDefs(), group, 0.0) for name in self.names]
        for instance in self.instances:
            instance.assess({}, {}, OWN)
        self.election.bind(self.instances)
        self.rx.by_port = {(PORT, 51): self.instances[:1]}

    def expire(self, instance: Instance) -> None:
        self.pending.add(self.election.feed(instance, Timeout(), "timeout", self.loop.now))

    def become(self, state: Active | Backup) -> None:
        for instance in self.instances:
            instance.state = state
            self.timers.arm(instance)

    def arrive(self, at: float, priority: int = 150, source: str = str(PEER)) -> None:
        peer = ip_address(source)
        message = encode(Advertisement(2, 51, priority, 1.0, (VIP,)), peer, GROUP[4])
        self.waiting.append((at, Datagram(peer, GROUP[4], 255, message)))

    def drain(self) -> None:
        """As `VrrpSocket.receive` and `Transmitter._read`, at whatever time it is by now."""
        read, self.waiting = self.waiting[: self.most], self.waiting[self.most :]
        for at, datagram in read:
            counts = arrival(self.clock.now - at, self.clock.now)
            self.rx.hear(PORT, Datagram(datagram.source, datagram.target, 255, datagram.payload, counts))

    def wake(self, pause: float = 0.0) -> None:
        """One wake-up; `pause`: seconds between its reading of the clock and its reading of the socket."""

        def drain() -> None:
            self.clock.now += pause
            self.drain()

        self.loop.turn(drain)


def router(name: str) -> VirtualRouter:
    address = VirtualAddress(address=VIP, prefix_length=24)
    return VirtualRouter(name=name, vrid=51, interface="eth0", addresses=(address,))


@pytest.mark.parametrize("seed", range(20))
def test_a_backup_that_was_paused_before_it_read_its_socket(seed: int) -> None:
    """The wake-up's clock is from before the pause: what arrived since counts from its arrival, or from now."""
    draw = Random(seed)
    paused = Router()
    begin, pause, every = draw.uniform(0, DOWN), draw.uniform(DOWN, 60), draw.choice((0.01, 0.1, 1.0))
    paused.become(Backup(DOWN, 1.0))
    paused.clock.now = begin
    late = draw.uniform(0, every)  # since the last one when it goes on
    times = [begin + pause - late - k * every for k in range(500)]
    for at in reversed([at for at in times if at > begin]):
        paused.arrive(at)
    paused.wake(pause)
    for _unused in range(3):
        paused.wake()
    (instance,) = paused.instances
    assert isinstance(instance.state, Backup)
    assert instance.state.deadline == pytest.approx(paused.clock.now + DOWN - (late if late <= WAITED else 0))
    paused.clock.run(instance.state.deadline + 0.001)
    assert isinstance(instance.state, Active)  # nobody speaks any more


def test_a_backup_reads_all_that_waits_before_it_believes_its_timer() -> None:
    """More than a wake-up reads lies before the advertisement that counts."""
    busy = Router(most=10)
    busy.become(Backup(DOWN, 1.0))
    for _unused in range(95):
        busy.arrive(1.0, priority=50)  # less than ours: no reason to wait longer
    busy.arrive(2.0)
    busy.clock.now = DOWN + 1
    for turn in range(9):
        busy.wake()
        assert isinstance(busy.instances[0].state, Backup), turn
    busy.wake()
    due: Any = pytest.approx(busy.clock.now + DOWN)
    assert busy.instances[0].state == Backup(due, 1.0)


def test_without_an_advertisement_among_them_it_takes_over() -> None:
    busy = Router(most=10)
    busy.become(Backup(DOWN, 1.0))
    for _unused in range(95):
        busy.arrive(1.0, priority=50)
    busy.clock.now = DOWN + 1
    for _unused in range(10):
        busy.wake()
    assert isinstance(busy.instances[0].state, Active)


@pytest.mark.parametrize("names", [("VI_1",), ("VI_1", "VI_2")])
def test_an_active_router_asserts_itself_once_in_a_wake_up(names: tuple[str, ...]) -> None:
    """However many make it do so; in the next one again."""
    flooded = Router(names)
    flooded.become(Active(1.0))
    for number in range(1, 201):
        flooded.arrive(0.0, priority=50, source=f"198.51.100.{number}")
    flooded.wake()
    first, *others = flooded.instances
    answer = [(first, Advertise(100)), *((i, Announce(again=True)) for i in (first, *others))]
    assert flooded.effects == answer
    assert first.counters["advert_rcvd"] == 200
    flooded.arrive(0.0, priority=50)
    flooded.wake()
    assert flooded.effects == [*answer, *answer]


def test_a_higher_priority_among_them_still_wins() -> None:
    flooded = Router()
    flooded.become(Active(1.0))
    for priority in (50, 60, 150, 50):
        flooded.arrive(0.0, priority)
    flooded.wake()
    assert isinstance(flooded.instances[0].state, Backup)


# --- what is returned ------------------------------------------------------------------------------


def told(todo: Todo) -> list[tuple[str, str]]:
    return [(instance.name, work.told) for instance, work in todo if isinstance(work, Transition)]


@pytest.mark.parametrize("state", [Active(1.0), Backup(4.0, 1.0)])
def test_the_end_is_told_to_every_member_once(state: Active | Backup) -> None:
    ended = Router(("VI_1", "VI_2"))
    ended.become(state)
    (unit,) = ended.election.units
    assert told(ended.election.shut_down(unit, "stop", 0.0, "STOP")) == [("VI_1", "STOP"), ("VI_2", "STOP")]
    assert [instance.timer for instance in ended.instances] == [None, None]


def test_the_end_is_told_to_a_member_that_did_nothing_beside_one_that_did() -> None:
    mixed = Router(("VI_1", "VI_2"))
    mixed.instances[0].state = Active(1.0)
    (unit,) = mixed.election.units
    assert told(mixed.election.shut_down(unit, "stop", 0.0, "STOP")) == [("VI_1", "STOP"), ("VI_2", "STOP")]


def test_the_end_is_told_to_a_member_that_did_nothing() -> None:
    idle = Router(("VI_1",))
    (unit,) = idle.election.units
    assert told(idle.election.shut_down(unit, "stop", 0.0, "STOP")) == [("VI_1", "STOP")]
    assert told(idle.election.retire(idle.instances[0], 0.0)) == [("VI_1", "DELETED")]


def test_only_the_units_that_are_named_are_settled() -> None:
    started = Router(("VI_1",))
    started.instances[0].faults = ()
    assert started.election.settle([], 0.0) == []
    assert not started.instances[0].started
    assert [name for name, _word in told(started.election.settle(started.election.units, 0.0))] == ["VI_1"]


def test_nothing_is_done_by_the_election_itself() -> None:
    """An Active instance that is due: what comes back is all that happens."""
    due = Router()
    due.become(Active(1.0))
    (instance,) = due.instances
    assert due.election.feed(instance, Timeout(), "timeout", 1.0) == [(instance, Advertise(100))]
    due.loop.expire()
    assert due.effects == []
