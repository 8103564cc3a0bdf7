# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host, which outlives its processes: links, addresses, RUNTIME_DIR, and the buffers of the sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from lvsd.kernel.rtnetlink import Snapshot
from lvsd.kernel.rtnl_types import AddressKey, Assignment, Link, LinkFlags, normal
from lvsd.model import Address, Configuration
from lvsd.reconcile import Changes
from lvsd.vrrp.sockets import Port
from lvsd.vrrp.validate import Datagram

from tests.daemon.simulation.network import Segment
from tests.daemon.simulation.process import Process
from tests.support.plain_kernel import link_report

ROOM = 300  # datagrams in a socket's buffer; what comes then is lost
RUNNING = LinkFlags.UP | LinkFlags.RUNNING | LinkFlags.LOWER_UP | LinkFlags.MULTICAST
DOWN = LinkFlags.UP | LinkFlags.MULTICAST
UPLINK = 9  # the index of the interface that is only tracked


class Kernel:
    """Links and addresses, as `lvsd.kernel.rtnetlink.Route` reads and sets them."""

    def __init__(self, segments: int, own: dict[int, list[Address]], removes: Callable[[Address], None]) -> None:
        self.removes = removes
        names = {index: f"eth{index - 1}" for index in range(1, segments + 1)} | {UPLINK: "uplink"}
        self._links = {
            index: Link(index, name, RUNNING, carrier=True, address=bytes([2, 0, 0, 0, 0, index]), mtu=1500)
            for index, name in names.items()
        }
        self._down: set[int] = set()
        self._addresses: dict[AddressKey, Assignment] = {}
        for index, addresses in own.items():
            for address in addresses:
                key = AddressKey(index, address, 24 if address.version == 4 else 64)
                self._addresses[key] = normal(key, Assignment())

    def snapshot(self) -> Snapshot:
        return Snapshot(dict(self._links), dict(self._addresses), True)

    def prepare(self, wanted: dict[AddressKey, Assignment]) -> None:
        """Nothing takes time here."""

    def apply(self, changes: Changes[AddressKey, Assignment], companions: Mapping[AddressKey, Assignment]) -> None:
        for key in changes.remove:
            self._addresses.pop(key, None)
            self.removes(key.address)
        self._addresses.update(changes.update)
        self._addresses.update(changes.add)

    def holds(self, address: Address) -> bool:
        return any(key.address == address for key in self._addresses)

    def set_link(self, index: int, running: bool) -> None:
        self._links[index] = replace(self._links[index], flags=RUNNING if running else DOWN, carrier=running)
        (self._down.discard if running else self._down.add)(index)

    def link(self, index: int) -> Link:
        return self._links[index]

    def running(self, index: int) -> bool:
        return index not in self._down


class Host:
    """`process` is None while nobody runs."""

    def __init__(self, world: Any, name: str, number: int, wanted: Configuration) -> None:
        self.world = world
        self.name = name
        self.number = number
        self.wanted = wanted
        self.process: Process | None = None
        self.shelf = bytearray()
        self.own = {index: own_addresses(number, index) for index in range(1, len(world.segments) + 1)}
        self.virtual = [router.addresses[0].address for router in wanted.routers]
        self.kernel = Kernel(len(world.segments), self.own, lambda address: world.watch.removes(self, address))
        self._segments = {address: index - 1 for index, found in self.own.items() for address in found}

    def holds(self, k: int) -> bool:
        """The virtual address of the instance `k` is in the kernel."""
        return self.kernel.holds(self.virtual[k])

    def segment_of(self, index: int, source: Address) -> int:
        return index - 1 if index else self._segments[source]

    def sends_from(self, address: Address) -> bool:
        return address in self._segments

    def listens(self, segment: Segment, target: Address) -> bool:
        return target.is_multicast or self._segments.get(target) == segment.number

    def port(self, segment: Segment, target: Address) -> Port | None:
        """The open socket that gets what was sent to `target`."""
        assert self.process is not None
        ports = self.process.outlets.ports
        if not target.is_multicast:
            return ports.get((target.version, 0, None))
        return ports.get((target.version, segment.number + 1, target))

    def arrive(self, segment: Segment, datagram: Datagram) -> None:
        process = self.process
        if process is None or not self.kernel.running(segment.number + 1):
            return
        if len(process.queue) >= ROOM:
            return
        process.queue.append((segment, datagram))
        self.world.watch.arrives(self, datagram)
        process.wake()

    def complain(self, text: str) -> None:
        self.world.story.said(self.name, "state", text)

    # --- what happens to it ---

    def start(self) -> None:
        if self.process is None:
            Process(self, self.wanted)

    def crash(self) -> None:
        if self.process is not None:
            self.process.ended = True
            self.world.watch.ends(self.process)
            self.process = None

    def stop(self) -> None:
        """SIGTERM; nothing is left to a successor."""
        if self.process is not None:
            self.process.order(self.process.router.release)
            self.process.router.state_file.forget()
            self.crash()

    def leave(self) -> None:
        """The verb of a planned replacement: one more advertisement, and the process is gone."""
        if self.process is not None:
            self.process.order(self.process.router.greet)
            self.crash()

    def set_link(self, index: int, running: bool) -> None:
        self.kernel.set_link(index, running)
        if self.process is not None:
            self.process.kernel_events.add(link_report(self.kernel.link(index)))
            self.process.wake()


def own_addresses(number: int, index: int) -> list[Address]:
    """Of host `number` (from 1) on the interface `index`: IPv4, and link-local IPv6."""
    return [ip_address(f"192.0.{index}.{number}"), ip_address(f"fe80::{index}:{number}")]
