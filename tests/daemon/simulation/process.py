# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One life of the daemon: the real `VrrpRouter` with everything in it (elections, sync groups, tracking, packets,
addresses, what it leaves to a successor); only the kernel, the descriptors and the clock are not.
"""

from __future__ import annotations

import socket
from collections import deque
from dataclasses import replace
from errno import ENETDOWN
from ipaddress import ip_address
from math import inf
from pathlib import Path
from struct import unpack
from sys import byteorder
from typing import Any

from lvsd.kernel.netlink_socket import Overrun
from lvsd.model import Address, Configuration
from lvsd.vrrp import state_codec
from lvsd.vrrp.router import VrrpRouter
from lvsd.vrrp.sockets import IP_PKTINFO, Parcel, Port
from lvsd.vrrp.state_codec import NUMBERS, SLOT, Remembered, Slot
from lvsd.vrrp.state_file import StateFile
from lvsd.vrrp.tx import Transmitter
from lvsd.vrrp.validate import Datagram

from tests.daemon.simulation.clock import VirtualLoop
from tests.daemon.simulation.network import Segment

TTL = 255
BOOT = "one boot"


class Wire:
    """A VRRP socket of a process, as `lvsd.vrrp.sockets.VrrpSocket` sends."""

    def __init__(self, host: Any, port: Port) -> None:
        self.host = host
        self.port = port
        self.known: dict[Any, tuple[int, Datagram]] = {}  # by message and destination: mostly the same again

    def send(self, parcel: Parcel) -> None:
        key = parcel.message, parcel.destination
        if key not in self.known:
            self.known[key] = self.datagram(parcel)
        segment, datagram = self.known[key]
        self.host.world.watch.sends(self.host, segment, parcel.message)
        if not self.host.kernel.running(segment + 1):
            raise OSError(ENETDOWN, "Network is down")
        self.host.world.network.send(self.host, self.host.world.segments[segment], datagram)

    def datagram(self, parcel: Parcel) -> tuple[int, Datagram]:
        """What a kernel makes of it: the number of the network, and what arrives there."""
        control = {kind: value for _level, kind, value in parcel.control}
        if self.port.family == 4:
            index, packed = unpack("=I4s4x", control[IP_PKTINFO])
            ttl = int.from_bytes(control[socket.IP_TTL], byteorder)
        else:
            packed, index = unpack("=16sI", control[socket.IPV6_PKTINFO])
            ttl = TTL
        source, target = ip_address(packed), ip_address(parcel.destination[0])
        return self.host.segment_of(self.port.index or index, source), Datagram(source, target, ttl, parcel.message)

    def close(self) -> None:
        pass


class Outlets(Transmitter):
    """The real outlet on simulated wires; gratuitous ARP goes nowhere."""

    def __init__(self, host: Any, router: VrrpRouter) -> None:
        super().__init__(router.loop, router.rx.hear, router.say)
        self.host = host
        self.ports: dict[tuple[int, int, Address | None], Port] = {}

    def open(self, port: Port) -> str | None:
        if port not in self._vrrp:
            self._vrrp[port] = Wire(self.host, port)  # type: ignore[assignment]
            self.ports[port.family, port.index, port.group] = port
        return None

    def keep(self, ports: Any, links: Any) -> None:
        for port in self._vrrp.keys() - ports:
            del self._vrrp[port], self.ports[port.family, port.index, port.group]

    def drain(self) -> None:
        """Nothing waits: a new process has new sockets."""

    def announce(self, wanted: Any, interfaces: Any) -> None:
        pass


class Quiet:
    """No scripts."""

    def run(self, *_: object) -> None:
        pass


class KernelEvents:
    """The kernel's reports of links; every fourth is lost."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self._count = 0

    def add(self, report: bytes) -> None:
        self.waiting.append(report)
        self._count += 1

    def fileno(self) -> int:
        return -1

    def read(self) -> list[bytes]:
        reports, self.waiting = self.waiting, []
        if reports and self._count % 4 == 0:
            raise Overrun
        return reports


class Shelf(StateFile):
    """The memory of the process in bytes that the host keeps: a file of RUNTIME_DIR."""

    def __init__(self, host: Any) -> None:
        super().__init__(Path("vrrp.state"), BOOT, host.complain)
        self.host = host

    def recall(self) -> tuple[Remembered, ...]:
        return state_codec.decode(bytes(self.host.shelf), BOOT) if self.host.shelf else ()

    def _replace(self, content: bytes, count: int) -> list[Slot]:
        self.host.shelf = bytearray(content)
        stored = memoryview(self.host.shelf)[len(content) - count * SLOT.size :].cast("d")
        return [Slot(stored[at : at + NUMBERS]) for at in range(0, count * NUMBERS, NUMBERS)]

    def forget(self) -> None:
        self._subjects, self._slots, self.host.shelf = None, [], bytearray()


def nothing() -> None:
    """What a pause comes before."""


class Process:
    """One life of the daemon's VRRP worker."""

    def __init__(self, host: Any, wanted: Configuration) -> None:
        self.host = host
        self.queue: deque[tuple[Segment, Datagram]] = deque()
        self.kernel_events = KernelEvents()
        self.began_at = host.world.clock.now
        self.paused_at = inf  # the last time
        self.paused_until = 0.0
        self.freezes_for = 0.0
        self.freezes_early = False
        self.ended = False
        self.resumed: set[str] = set()  # the instances that go on where a predecessor was
        self.loop = VirtualLoop(host.world.clock, self.wake)
        host.process = self
        host.world.watch.begins(self)
        self.loop.turn(lambda: self.begin(wanted))
        host.world.watch.begun(self)

    def begin(self, wanted: Configuration) -> None:
        quiet: Any = Quiet()
        kernel: Any = self.host.kernel
        events: Any = self.kernel_events
        shelf = Shelf(self.host)
        self.router = VrrpRouter(self.loop, kernel, events, quiet, shelf, self.say, lambda: self.loop.now)
        self.outlets = Outlets(self.host, self.router)
        self.router.tx = self.router.garp.tx = self.router.derivation.tx = self.outlets
        self.router.prepare(wanted)
        self.router.begin()

    def say(self, what: str, subject: str, message: str, **details: object) -> None:
        if what == "resume":
            self.resumed.add(subject)
        self.host.world.story.said(self.host.name, what, message)

    @property
    def instances(self) -> list[Any]:
        return self.router.election.instances

    @property
    def paused(self) -> bool:
        return self.host.world.clock.now < self.paused_until

    def wake(self) -> None:
        """One wake-up, because something has arrived, is due, or a pause is over."""
        if self.ended or self.paused:
            return
        if self.freezes_for:
            self.freeze()
            return
        self.loop.turn(self.drain)
        self.host.world.watch.after_wake(self)

    def freeze(self) -> None:
        """A pause between the instructions: what is due is decided with the clock of before.

        By turns in front of the reading of the sockets, and behind it.
        """
        self.freezes_early = not self.freezes_early
        self.loop.read(nothing if self.freezes_early else self.drain)
        self.host.world.pause(self, self.host.world.clock.now + self.freezes_for, self.thaw)
        self.freezes_for = 0.0

    def thaw(self) -> None:
        if self.freezes_early:
            self.drain()
        self.loop.expire()
        self.host.world.watch.after_wake(self)
        self.wake()

    def drain(self) -> None:
        now = self.host.world.clock.now
        while self.queue:
            segment, datagram = self.queue.popleft()
            if now != self.loop.now:  # it was paused since it read the clock; its sockets know
                datagram = replace(datagram, arrived=now)
            port = self.host.port(segment, datagram.target)
            if port is not None:
                self.router.rx.hear(port, datagram)
        if self.kernel_events.waiting:
            self.router.reports.observe()

    def order(self, what: Any) -> None:
        """An operator's order on the control socket, or a signal: another reader."""

        def drain() -> None:
            self.drain()
            what()

        if not self.ended:
            self.loop.turn(drain)
            self.host.world.watch.after_wake(self)

    def hand_over(self) -> None:
        """As the worker's verb `failover`."""
        self.router.hand_over(self.instances)
