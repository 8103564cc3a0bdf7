# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The invariants, judged from outside: what is on the wires, in the kernels, and in which state each instance is.

    (a) settled      once healed, every Virtual Router has the right Active Router, exactly one, and it stays
    (b) agreed       the members of a sync group are Active together or not at all, after every wake-up
    (c) heard        nobody takes over while a router that it must accept is heard
    (d) released     who leaves in order says so with priority 0, then drops its addresses; addresses iff Active
    (e) adopted      who is replaced in place within its timers changes no state, and its peers notice nothing
    (f) punctual     the Advertisements of an Active Router are never further apart than its interval
    (g) handed over  a Backup Router that hears priority 0 is Active, or ready with its group, within Skew_Time
    (h) alone        two Active Routers that hear each other find out within an interval and two ways
    (i) beaten       an Active Router steps back for a better one only, or because it was told to

Nothing here asks the code under test how long a timer is: the formulas are RFC 9568's (and RFC 3768's) once more.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import Any

from lvsd.model import Address
from lvsd.vrrp.fsm import Active, Backup, Initialize, State
from lvsd.vrrp.validate import Datagram

from tests.daemon.simulation.record import Heard, Record, Violation, delay_of, preempts, skew
from tests.daemon.simulation.settlement import able

EPSILON = 1e-6  # seconds: what adding floats costs
BEGUN = "begun", 0, 0
FIRST_VRID = 51


class Watch:
    def __init__(self, world: Any) -> None:
        self.world = world
        self.plan = world.plan
        self.clock = world.clock
        self.routers = {router.name: router for router in self.plan.routers}
        self.records: dict[str, list[Record]] = {}
        self.active: list[dict[str, float]] = [{} for _ in self.plan.families]  # since when, by host
        self.log: list[tuple[str, int, int]] = []  # of this wake-up: ("sent", instance, priority), ("removed", ...)
        lossy = self.plan.weather.loss > 0
        self.clear_at = self.plan.healed_at if lossy else 0.0
        self.happened: Counter[str] = Counter()

    def fail(self, letter: str, text: str) -> None:
        raise Violation(f"({letter}) {text}")

    # --- what the world tells ---

    def disturbed(self, until: float) -> None:
        """Until then it cannot be asked that everybody hears everybody."""
        self.clear_at = max(self.clear_at, until)
        for k in range(len(self.active)):
            self.clock.at(until, self.look_for_two, k)

    def begins(self, process: Any) -> None:
        """Before it does anything; what a predecessor was in is still in the records."""
        for record in self.records.setdefault(process.host.name, [Record() for _ in self.plan.families]):
            record.left_at = record.sent_at

    def begun(self, process: Any) -> None:
        """It runs; the instances that have not gone on where a predecessor was begin with nothing."""
        records = self.records[process.host.name]
        for k, (instance, record) in enumerate(zip(process.instances, records, strict=True)):
            self.adopted(process, k, instance, record)
            if instance.name not in process.resumed:
                records[k] = Record(sent_at=record.sent_at)
            elif isinstance(instance.state, Active) and isinstance(record.state, Active):
                self.active[k][process.host.name] = self.clock.now
        self.log.append(BEGUN)
        self.after_wake(process)

    def ends(self, process: Any) -> None:
        for active in self.active:
            active.pop(process.host.name, None)
        if process.queue:  # nobody will ever read that
            for record in self.records[process.host.name]:
                record.heard = {who: heard for who, heard in record.heard.items() if heard.at < process.paused_at}

    def sends(self, host: Any, segment: int, message: bytes) -> None:
        k, priority = message[1] - FIRST_VRID, message[2]
        record = self.records[host.name][k]
        if priority == 0:
            self.log.append(("sent", k, 0))
        self.world.story.sent(host.name, k, priority)
        if isinstance(record.state, Active):
            self.punctual(host, k, record)
        record.sent_at = self.clock.now

    def removes(self, host: Any, address: Address) -> None:
        if address in host.virtual:
            self.log.append(("removed", host.virtual.index(address), 0))

    def arrives(self, host: Any, datagram: Datagram) -> None:
        """In the buffer of a socket: from now on the process has no excuse not to have heard it."""
        message, now = datagram.payload, self.clock.now
        k, priority = message[1] - FIRST_VRID, message[2]
        record = self.records[host.name][k]
        instance = host.process.instances[k]
        vr = instance.vr
        interval = (message[4] << 8 & 0xF00 | message[5]) / 100 if message[0] >> 4 == 3 else float(message[5])
        self.world.story.heard(host.name, k, priority, datagram)
        if priority == 0:
            record.released_at = now
            if isinstance(instance.state, Backup) and not host.process.paused:
                known = [heard.interval for heard in record.heard.values()]
                longest = max([interval, self.routers[host.name].interval, *known])
                due = now + skew(vr.priority, vr.version, longest)
                self.clock.at(due + 2 * EPSILON, self.handed_over, host, k, host.process, now)
            return
        within = self.down(vr, interval)
        better = (priority, int(datagram.source)) > (vr.priority, int(vr.primary))
        record.heard[datagram.source] = Heard(now, priority, interval, vr.priority, within, better)
        record.accepted_at = now
        if better:
            record.beaten_at = now
        if priority >= vr.priority:
            record.lower_since = inf
        elif record.lower_since == inf:
            record.lower_since = now

    def after_wake(self, process: Any) -> None:
        """The end of a wake-up: everything that was decided is carried out."""
        records, moved = self.records[process.host.name], False
        for k, instance in enumerate(process.instances):
            record, state = records[k], instance.state
            if type(state) is not type(record.state):
                moved = True
                self.moved(process, k, record, instance)
            record.state = state
        if moved or self.log:
            self.agreed(process)
            self.held(process)
            self.log.clear()

    # --- the invariants ---

    def moved(self, process: Any, k: int, record: Record, instance: Any) -> None:
        name, now = process.host.name, self.clock.now
        before, after = record.state, instance.state
        self.happened[f"{type(before).__name__} -> {type(after).__name__}"] += 1
        if now > self.plan.settled_at:
            change = f"{type(before).__name__} -> {type(after).__name__}"
            self.fail("a", f"{name} VI_{k + 1}: {change} though all is settled")
        if isinstance(before, Active):
            self.punctual(process.host, k, record)
            self.active[k].pop(name, None)
            self.left(process, k, record, after)
            if isinstance(after, Backup) and after.yielding:
                record.resigned_at, record.yields_until = now, now + self.down(instance.vr, self.routers[name].interval)
            better = {source: heard for source, heard in record.heard.items() if heard.better}
            record.heard = better if not (isinstance(after, Backup) and after.yielding) else {}
        if isinstance(after, Active):
            if isinstance(before, Backup):
                self.not_heard(process, k, record)
            self.active[k][name] = record.active_since = now
            if len(self.active[k]) > 1:
                self.happened["two Active"] += 1
                self.clock.at(max(now, self.clear_at) + self.meeting() + EPSILON, self.look_for_two, k)
        if isinstance(before, Initialize):
            record.resigned_at = record.yields_until = record.released_at = -inf
            record.heard.clear()  # RFC 9568 §6.4.1: a Startup begins anew, and Initialize hears nothing
        if isinstance(after, Backup):
            record.lower_since = inf

    def not_heard(self, process: Any, k: int, record: Record) -> None:
        """(c) RFC 9568 §6.4.2: the timer starts anew with every Advertisement that is accepted."""
        now, router = process.loop.now, self.routers[process.host.name]
        assert isinstance(record.state, Backup)
        accepts_all = not preempts(router) or record.state.yielding
        fresh = [heard for heard in record.heard.values() if record.released_at < heard.at <= now]
        must = [heard for heard in fresh if accepts_all or heard.priority >= heard.ours]
        last = max(must, key=lambda heard: heard.at, default=None)  # it has set the timer, whoever it came from
        who = f"{process.host.name} VI_{k + 1} takes over"
        lonely = max(record.released_at, record.accepted_at) < record.resigned_at  # nobody has set its timer since
        if lonely and now < record.yields_until - EPSILON:
            self.fail("c", f"{who} {now - record.resigned_at:.4f} s after it has handed over")
        if last is not None and now - last.at < last.within - EPSILON:
            silence = f"{now - last.at:.4f} s after it heard priority {last.priority}"
            self.fail("c", f"{who} {silence}; its Active_Down_Interval is {last.within:.4f} s")
        lower = [heard for heard in fresh if heard.at >= record.lower_since and now - heard.at < heard.within - EPSILON]
        if lower and now - record.lower_since < delay_of(router) - EPSILON:
            self.fail("c", f"{who} within the preempt delay of {delay_of(router)} s")

    def left(self, process: Any, k: int, record: Record, after: State) -> None:
        """(d) RFC 9568 §6.4.3 (635), and (i) §6.4.3 (725)."""
        who = f"{process.host.name} VI_{k + 1}"
        group = self.records[process.host.name] if self.plan.grouped else [record]
        beaten = any(self.beaten(process, member) for member in group)
        if isinstance(after, Backup) and not after.yielding:
            if not beaten:
                self.fail("i", f"{who} steps back and nobody better was heard")
            return
        sent = [at for at, entry in enumerate(self.log) if entry == ("sent", k, 0)]
        removed = [at for at, entry in enumerate(self.log) if entry[:2] == ("removed", k)]
        if not sent and not beaten:
            self.fail("d", f"{who} leaves without priority 0")
        if sent and (not removed or removed[0] < sent[0]):
            self.fail("d", f"{who} does not drop its addresses after priority 0")

    def beaten(self, process: Any, record: Record) -> bool:
        """By an Advertisement that was heard as Active; what arrived during a pause is heard after it."""
        paused_then = process.paused_until >= record.active_since
        return record.beaten_at >= (min(process.paused_at, record.active_since) if paused_then else record.active_since)

    def adopted(self, process: Any, k: int, instance: Any, record: Record) -> None:
        """(e) The peers of a router that is back within its Active_Down_Interval have noticed nothing."""
        name, now, interval = process.host.name, self.clock.now, self.routers[process.host.name].interval
        down = self.down(instance.vr, interval)
        if not isinstance(record.state, Active) or not able(self.plan, process.host, k):
            return
        silent, goes_on = now - record.left_at, isinstance(instance.state, Active)
        if silent + interval < down and not goes_on:  # its timer fired an interval before that, at the most
            self.fail("e", f"{name} VI_{k + 1} was Active {silent:.4f} s ago and is {type(instance.state).__name__}")
        if silent >= down and instance.name in process.resumed:
            self.fail("e", f"{name} VI_{k + 1} goes on {silent:.4f} s after it was heard; its peers had {down:.4f} s")
        if ("removed", k, 0) in self.log and goes_on:
            self.fail("e", f"{name} VI_{k + 1} stays Active and drops its addresses")
        self.happened["adopted as Active"] += goes_on

    def punctual(self, host: Any, k: int, record: Record) -> None:
        """(f) RFC 9568 §6.4.3 (615): the Adver_Timer is an interval, and starts anew when it fires."""
        since = max(record.sent_at, host.process.paused_until, host.process.began_at)
        gap, interval = self.clock.now - since, self.routers[host.name].interval
        if gap > interval + EPSILON:
            self.fail("f", f"{host.name} VI_{k + 1} is Active and silent for {gap:.4f} s; its interval is {interval} s")

    def agreed(self, process: Any) -> None:
        """(b) keepalived.conf(5), vrrp_sync_group."""
        if not self.plan.grouped:
            return
        states = [type(instance.state) for instance in process.instances]
        for kind in (Active, Initialize):
            if 0 < states.count(kind) < len(states):
                words = ", ".join(state.__name__ for state in states)
                self.fail("b", f"the sync group of {process.host.name} does not agree: {words}")

    def held(self, process: Any) -> None:
        """(d) RFC 9568 §6.4.3: the Active Router answers for the addresses, the Backup Router must not."""
        host = process.host
        for k, instance in enumerate(process.instances):
            holds = host.holds(k)
            if holds != isinstance(instance.state, Active):
                word = "holds" if holds else "lacks"
                self.fail("d", f"{host.name} VI_{k + 1} is {type(instance.state).__name__} and {word} its address")
            if holds and ("sent", k, 0) in self.log:
                self.fail("d", f"{host.name} VI_{k + 1} releases and stays Active")

    def handed_over(self, host: Any, k: int, process: Any, since: float) -> None:
        """(g) RFC 9568 §6.4.2 (420): the timer is Skew_Time now."""
        record, state = self.records[host.name][k], process.instances[k].state
        excused = process.ended or process.paused_until > since
        excused |= record.accepted_at >= since or record.active_since >= since
        if not excused and isinstance(state, Backup) and not state.ready and record.released_at == since:
            waited = self.clock.now - since
            self.fail("g", f"{host.name} VI_{k + 1} is still Backup {waited:.4f} s after priority 0 was heard")
        self.happened["handed over"] += isinstance(state, Active)

    def down(self, vr: Any, interval: float) -> float:
        """Active_Down_Interval, RFC 9568 §6.1."""
        return self.plan.down_adverts * interval + skew(vr.priority, vr.version, interval)

    def meeting(self) -> float:
        """How long two that hear each other may both be Active: until the better one's next, and its way."""
        return self.plan.longest_interval + 2 * self.plan.weather.most

    def look_for_two(self, k: int) -> None:
        """(h)"""
        active, now = self.active[k], self.clock.now
        if len(active) < 2:
            return
        since = max(*sorted(active.values())[:2], self.clear_at)  # when the second one joined
        if now - since > self.meeting():
            names = " and ".join(sorted(active))
            self.fail("h", f"VI_{k + 1}: {names} are both Active for {now - since:.4f} s and hear each other")
        self.clock.at(max(since, now) + self.meeting() + 2 * EPSILON, self.look_for_two, k)

    def ended(self) -> None:
        """The Active Routers of the end have not fallen silent."""
        for host in self.world.hosts:
            for k, record in enumerate(self.records.get(host.name, ())):
                if host.process is not None and isinstance(record.state, Active):
                    self.punctual(host, k, record)
