# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab consists of: networks, machines, clients. Pure values; nothing here touches the host.

A `Link` is one interface: the network it is on and its addresses. Machines get eth0, eth1, … in the order of their
links and one more, the last, on the management network. A client is a network namespace: cheaper than a machine, for
traffic and for real servers that no role configures. No host has a default route: roles set those they need.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from ipaddress import IPv4Interface, ip_interface
from typing import Any

MANAGEMENT = "management"
NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Network:
    """One Ethernet segment, a bridge in the lab's namespace. `name`: at most 15 characters."""

    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """One interface on `network` with `addresses` ("192.0.2.1/24", "2001:db8::1/64"), which may be none."""

    network: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """A QEMU machine. `name`: at most 12 characters; `memory` in MiB; `groups`: of the Ansible inventory."""

    name: str
    links: tuple[Link, ...]
    groups: tuple[str, ...] = ()
    memory: int = 512


@dataclass(frozen=True, slots=True)
class ClientSpec:
    """A network namespace with eth0, eth1, … as its links say."""

    name: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Topology:
    """Raises ValueError when names collide, are too long, or a link is on a network that does not exist."""

    name: str
    networks: tuple[Network, ...]
    machines: tuple[MachineSpec, ...]
    clients: tuple[ClientSpec, ...] = ()

    def __post_init__(self) -> None:
        for problem in problems(self):
            raise ValueError(f"topology {self.name}: {problem}")

    def machine(self, name: str) -> MachineSpec:
        """KeyError when there is no machine of that name."""
        return {machine.name: machine for machine in self.machines}[name]

    def client(self, name: str) -> ClientSpec:
        """KeyError when there is no client of that name."""
        return {client.name: client for client in self.clients}[name]

    def as_dict(self) -> dict[str, Any]:
        """For the state file; `from_dict` turns it back into an equal value."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Topology:
        return cls(
            data["name"],
            tuple(Network(n["name"]) for n in data["networks"]),
            tuple(
                MachineSpec(m["name"], links_from(m["links"]), tuple(m["groups"]), m["memory"])
                for m in data["machines"]
            ),
            tuple(ClientSpec(c["name"], links_from(c["links"])) for c in data["clients"]),
        )


def links_from(data: list[dict[str, Any]]) -> tuple[Link, ...]:
    return tuple(Link(link["network"], tuple(link["addresses"])) for link in data)


def problems(topology: Topology) -> Iterator[str]:
    networks = [network.name for network in topology.networks]
    every: tuple[MachineSpec | ClientSpec, ...] = (*topology.machines, *topology.clients)
    hosts = [host.name for host in every]
    for name, limit in [(n, 15) for n in networks] + [(h, 12) for h in hosts]:
        if not NAME.fullmatch(name) or len(name) > limit:
            yield f"name {name!r}: lower-case letters, digits and -, at most {limit}"
    if len({*networks, *hosts, MANAGEMENT}) != len(networks) + len(hosts) + 1:
        yield f"names must differ, and none may be {MANAGEMENT!r}"
    if len(topology.machines) > 200:
        yield "at most 200 machines"
    for host in every:
        for link in host.links:
            if link.network not in networks:
                yield f"{host.name} is on the network {link.network!r}, which does not exist"
            for address in link.addresses:
                ip_interface(address)


# --- what follows from a topology ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of a machine as it is built: kernel name, network, MAC, addresses, tap in the lab's namespace."""

    name: str
    network: str
    mac: str
    addresses: tuple[str, ...]
    tap: str

    @property
    def boot_word(self) -> str:
        """The word on the kernel's command line that guest/lab-network reads."""
        return "lab.link=" + ",".join((self.name, self.mac, *self.addresses))


def management_host(lab: str) -> IPv4Interface:
    """The host's address on a lab's management network: 198.18.N.1/24 (RFC 2544's block), N from the lab's name."""
    number = 0 if lab == "lab" else 1 + zlib.crc32(lab.encode()) % 255
    return IPv4Interface(f"198.18.{number}.1/24")


def management_address(topology: Topology, machine: str, lab: str) -> IPv4Interface:
    """A machine's: .11 for the first of the topology, .12 for the second, …"""
    number = [m.name for m in topology.machines].index(machine)
    return IPv4Interface(f"{management_host(lab).ip + 10 + number}/24")


def interfaces(topology: Topology, machine: str, lab: str) -> tuple[Interface, ...]:
    """Of one machine, management last. MAC 02:00:LINK:NETWORK:00:MACHINE, links from 0, the others from 1."""
    spec = topology.machine(machine)
    number = topology.machines.index(spec) + 1
    networks = [MANAGEMENT, *(network.name for network in topology.networks)]
    links = (*spec.links, Link(MANAGEMENT, (str(management_address(topology, machine, lab)),)))
    return tuple(
        Interface(
            name=f"eth{position}",
            network=link.network,
            mac=f"02:00:{position:02x}:{networks.index(link.network):02x}:00:{number:02x}",
            addresses=link.addresses,
            tap=f"{machine}-{position}",
        )
        for position, link in enumerate(links)
    )


# --- the topologies that come with the lab ---------------------------------------------------------------------------

PUBLIC = Network("public")
SYNC = Network("sync")
INTERNAL = Network("internal")


def director(number: int) -> MachineSpec:
    """director-01 or director-02 of the pair: eth0 public, eth1 sync, eth2 internal."""
    links = (
        Link("public", (f"192.168.122.{140 + number}/24",)),
        Link("sync", (f"10.10.10.{9 + number}/24",)),
        Link("internal", (f"10.0.0.{1 + number}/24",)),
    )
    return MachineSpec(f"director-{number:02}", links, ("directors",))


def real_server(number: int) -> MachineSpec:
    """real-01 or real-02 of the pair: eth0 internal."""
    return MachineSpec(f"real-{number:02}", (Link("internal", (f"10.0.0.{10 + number}/24",)),), ("real_servers",))


CLIENT = ClientSpec("client", (Link("public", ("192.168.122.10/24",)),))

PAIR = Topology(
    "pair",
    (PUBLIC, SYNC, INTERNAL),
    (director(1), director(2), real_server(1), real_server(2)),
    (CLIENT,),
)
"""Two directors, two real servers behind them (NAT), one client in front: demo, Molecule and tests share it."""

DIRECTORS = Topology("directors", (PUBLIC, SYNC, INTERNAL), (director(1), director(2)), (CLIENT,))
"""The pair's directors alone."""

SINGLE = Topology("single", (PUBLIC, SYNC, INTERNAL), (director(1),), (CLIENT,))
"""One director: the fastest lab there is, for module tests."""

TOPOLOGIES = {topology.name: topology for topology in (PAIR, DIRECTORS, SINGLE)}
