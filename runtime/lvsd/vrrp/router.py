# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""This host as a VRRP Router (RFC 9568 §1.7): what its Virtual Routers decide becomes true here.

Advertisements are sent, addresses set, neighbours told, scripts run; and what the sockets and the kernel report
becomes an event of the election.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from lvsd.kernel.netlink_socket import EventSocket
from lvsd.kernel.rtnetlink import Route
from lvsd.kernel.rtnl_types import AddressKey
from lvsd.loop import Loop
from lvsd.model import Configuration, GlobalDefs, SyncGroup, VirtualRouter
from lvsd.programs.notifier import Notifier

from . import fsm, reload_diff
from .addresses import Addresses
from .deferred import Deferred
from .derivation import Derivation
from .desired import Table
from .election import Election
from .garp import GarpSender, Wanted
from .instance import Instance, Todo, Transition, Unit
from .interfaces import Interfaces, News
from .kernel_reports import KernelReports
from .notify import Scripts
from .parameters import remarks
from .pending import Pending
from .rx import Receiver
from .state_codec import unambiguous
from .state_file import StateFile
from .state_writer import StateWriter
from .sync_group import group_of
from .timers import ElectionTimers
from .tracking import TrackKey
from .tx import Transmitter

MOVES = (fsm.TakeAddresses, fsm.DropAddresses)

Say = Callable[..., object]


class VrrpRouter:
    """`prepare`, `drain`, `begin`; then everything comes from the loop, and `configure` for another configuration."""

    def __init__(
        self,
        loop: Loop,
        route: Route,
        kernel_events: EventSocket,
        notifier: Notifier,
        state_file: StateFile,
        say: Say,
        wall: Callable[[], float],
    ) -> None:
        self.loop = loop
        self.say = say
        self.wall = wall
        self.interfaces = Interfaces(route)
        self.state_file = state_file
        self.state_writer = StateWriter(loop, state_file)
        self.timers = ElectionTimers(loop, self._expire, self._rehearse, self._has_read)
        self.election = Election(self.timers, wall)
        self.pending = Pending(loop, self._carry_out)
        self.rx = Receiver(loop, self.election, self.pending, say)
        self.tx = Transmitter(loop, self.rx.hear, say)
        self.deferred = Deferred(loop)
        self.scripts = Scripts(notifier, say, self.deferred, wall)
        self.addresses = Addresses(loop, self.interfaces, say, self.pending.soon)
        self.derivation = Derivation(self.interfaces, self.tx, self.addresses, say)
        self.garp = GarpSender(loop, self.tx, self.interfaces, self.scripts)
        self.defs = GlobalDefs()
        self.groups: tuple[SyncGroup, ...] = ()
        self.ending = False
        self._untidy = False  # sockets may be open that no instance needs
        self._gained: Wanted = []
        self._derived: list[Instance] = []  # anew in this wake-up: what the kernel holds of theirs is compared
        self.reports = KernelReports(loop, kernel_events, self.interfaces, say, self._learn, self._learn_anew)

    def close(self) -> None:
        """Write the last lines of the log and close every socket; addresses stay as they are."""
        self.deferred.finish()
        self.tx.close()
        self.reports.close()

    # --- start ---

    def prepare(self, wanted: Configuration) -> None:
        """Everything for the first configuration that shows nowhere: no packet is sent, no address touched."""
        self._take(wanted)
        self._bind([self._new(router) for router in wanted.routers])
        self._derive()
        for instance in self.election.instances:
            if instance.primary is not None:
                self.tx.prepare(instance, self._index(instance), self.interfaces)

    def drain(self) -> None:
        """Forget what has arrived so far: it was the business of a predecessor."""
        self.tx.drain()

    def begin(self) -> None:
        """Go on where a predecessor in this boot was, or start; the clock was read behind `drain`."""
        if self.reports.catch_up():
            self._derive()
        left = self.state_file.recall()
        self.addresses.inherit(left)
        resumed = self.election.resume(unambiguous(left), self.loop.now)
        for instance, _unused in resumed:
            self._take_back(instance)
        self.pending.add(self.election.settle(self.election.units, self.loop.now))
        self.pending.add(self.election.expire(self.loop.now))
        self.pending.flush()
        for instance, ago in resumed:
            state, whose = type(instance.state).__name__, "its" if instance.active else "the"
            text = f"{instance.name}: resumed as {state} ({ago:.1f} s after {whose} last advertisement)"
            self.say("resume", instance.name, text, state=state, ago=round(ago, 3))

    def _take_back(self, instance: Instance) -> None:
        """An Active instance without a take-over: addresses that are missing are announced, the others are known."""
        if instance.active:
            self.garp.resume(instance, self.wall() - instance.since)
            self._gain(instance, {key: a for key, a in instance.table.items() if key in self.interfaces.addresses})

    # --- configuration ---

    def configure(self, wanted: Configuration) -> dict[str, list[str]]:
        """Apply the differences, and carry them out; the names of the instances by what became of them."""
        plan = reload_diff.plan(self.election.instances, wanted)
        changes = plan.changes()
        for instance in plan.deleted:
            self.pending.add(self.election.retire(instance, self.loop.now))
        staying = {group.name for group in wanted.sync_groups}
        gone = [group for group in self.groups if group.name not in staying]
        self._take(wanted)
        before = {instance: (instance.vr, instance.table) for instance, _unused in plan.kept}
        kept = {router: instance for instance, router in plan.kept}
        for instance, router in plan.kept:
            asked = (router, self.defs, group_of(router, self.groups))
            if asked != (instance.router, instance.defs, instance.group):
                instance.ask(*asked)
        self._bind([kept.get(router) or self._new(router) for router in wanted.routers])
        self.assess()
        for instance, (vr, table) in before.items():
            self.election.retime(instance, vr, self.loop.now)
            self._gain(instance, table)
        self.pending.flush()
        self.scripts.deleted(gone)
        return changes

    def _bind(self, instances: list[Instance]) -> None:
        self.election.bind(instances)
        self.derivation.bind(instances)

    def _take(self, wanted: Configuration) -> None:
        """What all instances have in common."""
        self.defs = wanted.global_defs
        self.groups = wanted.sync_groups
        self.tx.configure(self.defs)

    def _new(self, router: VirtualRouter) -> Instance:
        for remark in remarks(router, self.defs):
            self.say("configuration", router.name, f"{router.name}: {remark}")
        return Instance(router, self.defs, group_of(router, self.groups), self.wall())

    def _gain(self, instance: Instance, before: Table) -> None:
        """Addresses that an Active instance got by a reload are announced as after a take-over."""
        gained = [key for key in instance.table if key not in before]
        if instance.active and gained:
            self._gained.append((gained, instance.policy.repeat))

    def assess(self) -> None:
        """What everything means now for every instance; and let the election settle it."""
        self._derive()
        self._settle(self.election.units)

    def _derive(self) -> None:
        self.derivation.derive_all()
        self.rx.by_port = self.derivation.by_port
        self._untidy = True
        self.state_writer.stale = True

    def reassess(self, keys: Set[TrackKey]) -> None:
        """What trackers that have changed mean for the instances that depend on them; the others go on untouched."""
        instances, moved = self.derivation.derive(keys)
        self.rx.by_port = self.derivation.by_port
        if moved:
            self._untidy = True
            self.state_writer.stale = True
        for instance in instances:
            instance.slot.write(instance.numbers())
        self._derived += instances
        self._settle({id(instance.unit): instance.unit for instance in instances}.values())

    def _settle(self, units: Iterable[Unit]) -> None:
        self.pending.add(self.election.settle(units, self.loop.now))
        self.pending.soon()

    # --- what happens ---

    def _learn(self, news: News) -> None:
        """The kernel has reported links and addresses."""
        if self.ending:
            return
        foreign = news.addresses - (self.addresses.owned - self.addresses.alone)
        if news.links or foreign:
            keys = self.derivation.concerned(news, foreign)
            if keys is None:
                self.assess()
            else:
                self.reassess(keys)
        self._untidy |= news.moved
        self._put_back(news.addresses)

    def _learn_anew(self) -> None:
        """Links and addresses have been read again."""
        if not self.ending:
            self.assess()
            self._put_back(set(self.addresses.owned))

    def _put_back(self, touched: set[AddressKey]) -> None:
        """Set again, and announce, what an Active instance has lost."""
        for instance, lost in self.addresses.missing(self.election.instances, touched):
            self._gained.append((lost, instance.policy.repeat))
            self.pending.soon()

    def _has_read(self, instance: Instance) -> bool:
        """The timers are made before the transmitter that they ask."""
        return self.tx.has_read(instance)

    def _expire(self, instance: Instance) -> None:
        """The deadline of an instance has come."""
        self.pending.add(self.election.feed(instance, fsm.Timeout(), "timeout", self.loop.now))

    def _rehearse(self, instance: Instance) -> None:
        """Be awake when the Active Router is down, with all that a take-over needs at hand; nothing is done."""
        if not self.loop.awake:
            self.election.rehearse(instance)
            self.addresses.rehearse(instance)
            if instance.vr.priority not in instance.parcels:
                self.tx.prepare(instance, self._index(instance), self.interfaces)
        self.loop.stay_awake(instance.state.deadline)

    # --- what the operator orders ---

    def hand_over(self, instances: Iterable[Instance]) -> None:
        """Release those that are Active, each with its sync group, at once."""
        for instance in instances:
            if instance.active:
                why = "handed over by the operator"
                self.pending.add(self.election.feed(instance, fsm.Resign(), why, self.loop.now))
        self.pending.flush()

    def greet(self) -> None:
        """One more advertisement of what is Active: the peers' timers start anew."""
        for instance in self.election.instances:
            if instance.active:
                self._advertise(instance, instance.vr.priority)
                instance.slot.renew(self.loop.now, instance.state.deadline)

    def release(self) -> None:
        """The end: everything is given up, with a word to the peers."""
        self.ending = self.rx.ending = True
        self.state_writer.end()
        for unit in self.election.units:
            self.pending.add(self.election.shut_down(unit, "stop", self.loop.now, "STOP"))
        self.addresses.stale = True
        self.pending.soon()

    # --- carrying out ---

    def _carry_out(self, todo: Todo) -> None:
        """Do what has been decided, in the order of `worker.py`: advertisements, addresses, announcements, scripts."""
        rest: Todo = []
        for one in todo:
            instance, work = one
            if isinstance(work, fsm.Advertise):
                self._advertise(instance, work.priority)
            else:
                rest.append(one)
        derived, self._derived = self._derived, []
        moved = derived + [i for i, work in rest if isinstance(work, MOVES)]
        if self.addresses.stale or moved:
            self.tx.withdraw(self.addresses.settle(self.election.instances, moved))
        gained, self._gained = self._gained, []
        if rest or gained:
            self.garp.announce(rest, gained)
            transitions = [work for _unused, work in rest if isinstance(work, Transition)]
            self.scripts.tell(transitions, self.groups, self.election.instances)
        if self.addresses.changed:
            self.deferred.add(self.addresses.report)
        if self.ending:
            self.deferred.finish()
        if self.state_writer.stale:
            self.state_writer.write(self.election.instances)
        if self._untidy:
            self._untidy = False
            self.tx.keep({port for port, _unused in self.rx.by_port}, self.interfaces.links.values())

    def _advertise(self, instance: Instance, priority: int) -> None:
        if instance.port is not None:
            self.tx.advertise(instance, instance.port, priority, self._index(instance))

    def _index(self, instance: Instance) -> int:
        link = self.interfaces.links.get(instance.way.interface or "")
        return link.index if link else 0
