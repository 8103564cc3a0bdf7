# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VRRP Router over a kernel of plain tables: the real `VrrpRouter` with everything in it, in virtual time.

The kernel is two tables and a queue of its reports, which are real rtnetlink messages; the sockets send nowhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from errno import ENODEV
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from lvsd.kernel import uapi
from lvsd.kernel.netlink import NetlinkError, Refusal, Request, attribute, encode, string
from lvsd.kernel.netlink_socket import Overrun
from lvsd.kernel.rtnetlink import Snapshot
from lvsd.kernel.rtnl_messages import IFINFOMSG, U32, address_message
from lvsd.kernel.rtnl_types import AddressKey, Assignment, Link, LinkFlags, normal
from lvsd.model import Configuration
from lvsd.reconcile import Changes
from lvsd.vrrp.instance import Instance
from lvsd.vrrp.router import VrrpRouter
from lvsd.vrrp.sockets import Parcel, Port
from lvsd.vrrp.state_file import StateFile
from lvsd.vrrp.tx import Transmitter

from tests.daemon.simulation.clock import Clock, VirtualLoop

UP = LinkFlags.UP | LinkFlags.RUNNING | LinkFlags.LOWER_UP | LinkFlags.MULTICAST
NO_CARRIER = LinkFlags.UP | LinkFlags.MULTICAST
ETHERNET = 1  # linux/if_arp.h


def link_report(link: Link, kind: int = uapi.RTM_NEWLINK) -> bytes:
    """What the kernel multicasts about a link."""
    payload = IFINFOMSG.pack(0, link.type, link.index, link.flags, 0)
    payload += attribute(uapi.Ifla.IFNAME, string(link.name)) + attribute(uapi.Ifla.MTU, U32.pack(link.mtu))
    payload += attribute(uapi.Ifla.ADDRESS, link.address)
    return encode(Request(kind, 0, payload), 0, 0)


class PlainKernel:
    """Links by index and addresses, as `Route` reads and sets them; their reports, as `EventSocket` reads them."""

    def __init__(self) -> None:
        self.links: dict[int, Link] = {}
        self.addresses: dict[AddressKey, Assignment] = {}
        self.trace: list[tuple[str, object]] = []  # what was done to it, and what was sent through it
        self._reports: deque[bytes] = deque()
        self._last = 1  # index of a link
        self.lost = False  # the next reading tells that reports were lost

    def add_link(self, name: str, address: str = "") -> Link:
        """A link that runs, with `address` ("192.0.2.1/24") where one is given, and report both."""
        self._last += 1
        index = self._last
        hardware = bytes([2, 0, 0, 0, index >> 8, index & 0xFF])
        link = self.links[index] = Link(index, name, UP, address=hardware, mtu=1500, type=ETHERNET)
        self._report(uapi.RTM_NEWLINK, link)
        if address:
            self.add_address(name, address)
        return link

    def set_link(self, name: str, /, **changes: Any) -> None:
        """Change a link, and report it."""
        before = next(link for link in self.links.values() if link.name == name)
        link = self.links[before.index] = replace(before, **changes)
        self._report(uapi.RTM_NEWLINK, link)

    def remove_link(self, name: str) -> None:
        link = next(link for link in self.links.values() if link.name == name)
        for key in [key for key in self.addresses if key.index == link.index]:
            self.remove_address(key)
        del self.links[link.index]
        self._report(uapi.RTM_DELLINK, link)

    def add_address(self, name: str, address: str) -> AddressKey:
        """Set an address, and report it."""
        key = self.key_of(name, address)
        self.addresses[key] = normal(key, Assignment())
        self._report_address(uapi.RTM_NEWADDR, key)
        return key

    def remove_address(self, key: AddressKey) -> None:
        self._report_address(uapi.RTM_DELADDR, key)
        del self.addresses[key]

    def key_of(self, name: str, address: str) -> AddressKey:
        ip, _, prefix_length = address.partition("/")
        index = next(link.index for link in self.links.values() if link.name == name)
        return AddressKey(index, ip_address(ip), int(prefix_length))

    def say(self, report: bytes) -> None:
        """Report this."""
        self._reports.append(report)

    def _report(self, kind: int, link: Link) -> None:
        self.say(link_report(link, kind))

    def _report_address(self, kind: int, key: AddressKey) -> None:
        self.say(encode(Request(kind, 0, address_message(key, self.addresses[key])), 0, 0))

    # --- Route ---

    def snapshot(self) -> Snapshot:
        return Snapshot(dict(self.links), dict(self.addresses), True)

    def prepare(self, wanted: Mapping[AddressKey, Assignment]) -> None:
        """Nothing takes time here."""

    def apply(self, changes: Changes[AddressKey, Assignment], companions: Mapping[AddressKey, Assignment]) -> None:
        for key in changes.remove:
            self.addresses.pop(key, None)
            self.trace.append(("removes", str(key.address)))
        wanted = {**changes.update, **changes.add}
        self.trace += [("sets", str(key.address)) for key in wanted]
        self.addresses.update({key: value for key, value in wanted.items() if key.index in self.links})
        lost = [key for key in wanted if key.index not in self.links]
        if lost:
            raise NetlinkError([(f"address {key}", Refusal(0, ENODEV, "No such device")) for key in lost])

    # --- EventSocket ---

    def fileno(self) -> int:
        return -1

    def read(self) -> list[bytes]:
        reports, self._reports = list(self._reports), deque()
        if self.lost:
            self.lost = False
            raise Overrun
        return reports

    def close(self) -> None:
        pass


class Mute:
    """A VRRP socket that sends nowhere; the trace gets VRID and priority."""

    def __init__(self, port: Port, trace: list[tuple[str, object]]) -> None:
        self.port = port
        self.trace = trace

    def fileno(self) -> int:
        return -1

    def send(self, parcel: Parcel) -> None:
        self.trace.append(("advertises", (parcel.message[1], parcel.message[2])))  # RFC 9568 §5.2

    def close(self) -> None:
        pass


class MuteTransmitter(Transmitter):
    """`refused`: the interfaces whose sockets cannot be opened."""

    refused: frozenset[str] = frozenset()
    trace: list[tuple[str, object]]

    def open(self, port: Port) -> str | None:
        if port.name in self.refused:
            return f"no VRRP socket on {port.name}: refused"
        self._vrrp.setdefault(port, Mute(port, self.trace))  # type: ignore[arg-type]
        return None

    def drain(self) -> None:
        pass

    def _frame(self, where: tuple[str, int], frame: bytes) -> bool:
        self.trace.append(("announces", where[0]))
        return True


class NoScripts:
    def run(self, *_: object) -> None:
        pass

    tell = run


class PlainHost:
    """A host with one VRRP Router, which has begun; `said`: its events, as (what, subject, message)."""

    def __init__(self, kernel: PlainKernel, wanted: Configuration, folder: Path, clock: Clock | None = None) -> None:
        fake: Any = kernel
        scripts: Any = NoScripts()
        self.kernel = kernel
        self.clock = clock or Clock()
        self.said: list[tuple[str, str, str]] = []
        self.loop = VirtualLoop(self.clock, lambda: self.loop.turn(lambda: None))
        state_file = StateFile(folder / "vrrp.state", "one boot", lambda text: self.say("memory", "vrrp", text))
        self.router = VrrpRouter(self.loop, fake, fake, scripts, state_file, self.say, lambda: self.clock.now)
        self.tx = MuteTransmitter(self.loop, self.router.rx.hear, self.say)
        self.tx.trace = kernel.trace
        self.router.tx = self.router.garp.tx = self.router.derivation.tx = self.tx
        self.loop.turn(lambda: self._begin(wanted))

    def _begin(self, wanted: Configuration) -> None:
        self.router.prepare(wanted)
        self.router.begin()

    def say(self, what: str, subject: str, message: str, **_details: object) -> None:
        self.said.append((what, subject, message))

    def observe(self) -> None:
        """One wake-up: the kernel's reports are read, and what follows is carried out."""
        self.loop.turn(self.router.reports.observe)

    def instance(self, name: str) -> Instance:
        return next(instance for instance in self.router.election.instances if instance.name == name)

    def states(self) -> dict[str, str]:
        return {instance.name: type(instance.state).__name__ for instance in self.router.election.instances}
