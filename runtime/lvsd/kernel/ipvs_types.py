# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an IPVS table is made of: the keys say which object, the values how it is set.

The values are those that the kernel gives back, so that a table that was read and a table that is wanted
compare equal when there is nothing to do. `normal` brings a wanted service into that form.
Numbers follow linux/ip_vs.h.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, IntFlag
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address

NOT_A_PREFIX = -1
"""`Service.persistence_netmask` of a service whose IPv4 mask has holes; lvsd never writes one."""


class ForwardingMethod(IntEnum):
    """IP_VS_CONN_F_FWD_MASK: how a packet reaches the destination. Only the first three are for configuration."""

    MASQUERADE = 0
    DIRECT = 3
    TUNNEL = 2
    LOCAL = 1
    BYPASS = 4


class TunnelType(IntEnum):
    """IP_VS_CONN_F_TUNNEL_TYPE_*."""

    IPIP = 0
    GUE = 1
    GRE = 2


class TunnelFlags(IntFlag):
    """IP_VS_TUNNEL_ENCAP_FLAG_*: the checksum of the outer packet (GUE and GRE)."""

    NOCSUM = 0
    CSUM = 1
    REMCSUM = 2


@dataclass(frozen=True, slots=True, eq=False)
class ServiceKey:
    """Which virtual service: `family`, and either protocol, address and port, or a firewall mark.

    `family` is 4 or 6; `protocol` is "TCP", "UDP", "SCTP", or None for a firewall mark; the text is
    "192.0.2.10:80/TCP", "[2001:db8::1]:80/TCP" or "fwmark 7/IPv4".
    """

    family: int
    protocol: str | None
    address: Address | None
    port: int = 0
    fwmark: int = 0
    identity: tuple[object, ...] = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False)
    """Both kept, because comparing tables asks for them many times and addresses are slow to hash and to compare."""
    _text: str = field(default="", init=False, repr=False)
    """The key as text, kept after its first use: each log line and each state file names the service."""

    def __post_init__(self) -> None:
        address = None if self.address is None else int(self.address)
        mine = (self.family, self.protocol, address, self.port, self.fwmark)
        object.__setattr__(self, "identity", mine)
        object.__setattr__(self, "_hash", hash(mine))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServiceKey) and self.identity == other.identity

    @staticmethod
    def at(address: Address, port: int, protocol: str = "TCP") -> ServiceKey:
        """The service on an address; port 0 is every port (the kernel wants it persistent then)."""
        return ServiceKey(address.version, protocol, address, port)

    @staticmethod
    def marked(fwmark: int, family: int = 4) -> ServiceKey:
        """The service of all packets with this firewall mark (1..2**32-1)."""
        return ServiceKey(family, None, None, 0, fwmark)

    def __str__(self) -> str:
        if not self._text:
            object.__setattr__(self, "_text", self._told())
        return self._text

    def _told(self) -> str:
        if self.address is None:
            return f"fwmark {self.fwmark}/IPv{self.family}"
        return f"{endpoint(self.address, self.port)}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Service:
    """How a virtual service is set.

    `scheduler` is the kernel's name ("rr", "wlc", ...; "none" for no scheduler). `persistence_timeout` is in seconds,
    0 for a service that is not persistent. `persistence_netmask` is the prefix length by which clients are grouped,
    None for the whole address. `persistence_engine` is "" or "sip". The flags 1 to 3 belong to the
    scheduler (sh and mh: 1 fallback, 2 port).
    """

    scheduler: str = "wlc"
    persistence_timeout: int = 0
    persistence_netmask: int | None = None
    persistence_engine: str = ""
    one_packet: bool = False
    flag_1: bool = False
    flag_2: bool = False
    flag_3: bool = False

    @property
    def persistent(self) -> bool:
        """Whether the connections of one client stay with one server."""
        return self.persistence_timeout > 0


@dataclass(frozen=True, slots=True, eq=False)
class DestinationKey:
    """Which destination of which service. Only a tunnel may lead to the other address family."""

    service: ServiceKey
    address: Address
    port: int
    identity: tuple[object, ...] = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        mine = (self.port, int(self.address), self.address.version, self.service.identity)
        object.__setattr__(self, "identity", mine)
        object.__setattr__(self, "_hash", hash(mine))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DestinationKey) and self.identity == other.identity

    @property
    def endpoint(self) -> str:
        """ "10.0.0.11:80" or "[2001:db8::11]:80"."""
        return endpoint(self.address, self.port)

    def __str__(self) -> str:
        return f"{self.endpoint} of {self.service}"


@dataclass(frozen=True, slots=True)
class Destination:
    """How a destination is set; thresholds are numbers of connections, 0 for no limit; `tunnel_port` is GUE's."""

    forwarding: ForwardingMethod = ForwardingMethod.MASQUERADE
    weight: int = 1
    upper_threshold: int = 0
    lower_threshold: int = 0
    tunnel_type: TunnelType = TunnelType.IPIP
    tunnel_port: int = 0
    tunnel_flags: TunnelFlags = TunnelFlags.NOCSUM


@dataclass(frozen=True, slots=True)
class Connections:
    """What a destination carries now; `persistent` counts templates."""

    active: int = 0
    inactive: int = 0
    persistent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A whole IPVS table, as the kernel holds it or as it is wanted."""

    services: dict[ServiceKey, Service] = field(default_factory=dict)
    destinations: dict[DestinationKey, Destination] = field(default_factory=dict)


def normal(key: ServiceKey, service: Service) -> Service:
    """`service` as the kernel would give it back: the mask of the whole address, or of no persistence, is None."""
    whole = service.persistence_netmask == (32 if key.family == 4 else 128)
    if service.persistence_netmask is not None and (whole or not service.persistent):
        return replace(service, persistence_netmask=None)
    return service


def endpoint(address: Address, port: int) -> str:
    """Return `ADDRESS:PORT`, with brackets around an IPv6 address."""
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
