# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interface is to us: the link, and the addresses assigned to it.

A key says which address on which interface, an `Assignment` how it is set. `normal` brings a wanted assignment into the
form in which the kernel gives it back. Numbers follow linux/if.h, linux/if_link.h and linux/if_addr.h.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, IntFlag
from ipaddress import IPv4Address, IPv6Address

from lvsd.record import record

Address = IPv4Address | IPv6Address

FOREVER = 0xFFFFFFFF
"""A lifetime without an end (INFINITY_LIFE_TIME of the kernel)."""


class LinkFlags(IntFlag):
    """IFF_* of linux/if.h, those that matter here."""

    UP = 0x1
    BROADCAST = 0x2
    LOOPBACK = 0x8
    POINTOPOINT = 0x10
    RUNNING = 0x40
    NOARP = 0x80
    MULTICAST = 0x1000
    LOWER_UP = 0x10000


class OperState(IntEnum):
    """IF_OPER_* (RFC 2863)."""

    UNKNOWN = 0
    NOTPRESENT = 1
    DOWN = 2
    LOWERLAYERDOWN = 3
    TESTING = 4
    DORMANT = 5
    UP = 6


@record(frozen=True, slots=True)
class Link:
    """An interface as the kernel describes it; `master` and `parent` are interface indexes, 0 for none."""

    index: int
    name: str
    flags: LinkFlags
    operstate: OperState = OperState.UNKNOWN
    carrier: bool = False
    address: bytes = b""
    """The link-layer address: 6 bytes on Ethernet."""
    mtu: int = 0
    master: int = 0
    parent: int = 0
    kind: str = ""
    """ "veth", "macvlan", "bridge", ...; "" for hardware."""
    type: int = 1
    """ARPHRD_*: 1 is Ethernet, 772 loopback."""

    @property
    def up(self) -> bool:
        """The administrator wants it up."""
        return bool(self.flags & LinkFlags.UP)

    @property
    def running(self) -> bool:
        """It can carry packets now (keepalived's view of an interface that is up: IFF_UP and IFF_RUNNING)."""
        return self.up and bool(self.flags & LinkFlags.RUNNING)

    @property
    def multicast(self) -> bool:
        """Whether the interface can send multicast (IFF_MULTICAST)."""
        return bool(self.flags & LinkFlags.MULTICAST)

    @property
    def arp(self) -> bool:
        """Neighbours are found with ARP or ND, so announcing an address makes sense."""
        return not self.flags & (LinkFlags.NOARP | LinkFlags.LOOPBACK)


class Scope(IntEnum):
    """RT_SCOPE_* of linux/rtnetlink.h. The kernel knows an IPv6 address' scope by itself."""

    GLOBAL = 0
    SITE = 200
    LINK = 253
    HOST = 254
    NOWHERE = 255


class AddressFlags(IntFlag):
    """IFA_F_* of linux/if_addr.h."""

    SECONDARY = 0x01
    NODAD = 0x02
    OPTIMISTIC = 0x04
    DADFAILED = 0x08
    HOMEADDRESS = 0x10
    DEPRECATED = 0x20
    TENTATIVE = 0x40
    PERMANENT = 0x80
    MANAGETEMPADDR = 0x100
    NOPREFIXROUTE = 0x200
    MCAUTOJOIN = 0x400
    STABLE_PRIVACY = 0x800


NO_FLAGS = AddressFlags(0)
ASKED_IPV4 = AddressFlags.NOPREFIXROUTE | AddressFlags.MCAUTOJOIN
ASKED_IPV6 = ASKED_IPV4 | AddressFlags.NODAD | AddressFlags.HOMEADDRESS | AddressFlags.MANAGETEMPADDR
"""The flags that a user of an address can ask for; the kernel sets the others by itself."""


class Ageing(Enum):
    """What a preferred lifetime means for a comparison: a running one is a different number each time."""

    FOREVER = "forever"
    RUNNING = "running"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class AddressKey:
    """Which address: interface index, address, prefix length."""

    index: int
    address: Address
    prefix_length: int
    _hash: int = field(init=False, repr=False, compare=False)
    """Kept, because comparing tables asks for it many times and addresses are slow to hash."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.index, int(self.address), self.prefix_length)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix_length} on interface {self.index}"


@record(frozen=True, slots=True)
class Assignment:
    """How an address is set. `label` "" is the interface's name. `preferred_lifetime` is in seconds, 0 for deprecated.

    `state` holds every flag that the kernel reports (tentative, DAD failed, secondary, ...), outside the comparison.
    """

    scope: int = Scope.GLOBAL
    label: str = ""
    broadcast: IPv4Address | None = None
    peer: Address | None = None
    flags: AddressFlags = NO_FLAGS
    preferred_lifetime: int = field(default=FOREVER, compare=False)
    state: AddressFlags = field(default=NO_FLAGS, compare=False)
    ageing: Ageing = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ages = {FOREVER: Ageing.FOREVER, 0: Ageing.DEPRECATED}
        object.__setattr__(self, "ageing", ages.get(self.preferred_lifetime, Ageing.RUNNING))

    @property
    def tentative(self) -> bool:
        """Whether duplicate address detection still runs, so that the address cannot be used yet."""
        return bool(self.state & AddressFlags.TENTATIVE)

    @property
    def dad_failed(self) -> bool:
        """Whether duplicate address detection found the address on another host."""
        return bool(self.state & AddressFlags.DADFAILED)

    @property
    def secondary(self) -> bool:
        """Whether the address shares its IPv4 network with an earlier one, and would go with it."""
        return bool(self.state & AddressFlags.SECONDARY)


def normal(key: AddressKey, assignment: Assignment) -> Assignment:
    """`assignment` as the kernel would give it back.

    IPv6 has no label, broadcast or chosen scope; an IPv4 address that stays is preferred forever or not at all.
    """
    if key.address.version == 4:
        lifetime = 0 if assignment.preferred_lifetime == 0 else FOREVER
        return replace(assignment, flags=assignment.flags & ASKED_IPV4, preferred_lifetime=lifetime)
    return replace(assignment, scope=Scope.GLOBAL, label="", broadcast=None, flags=assignment.flags & ASKED_IPV6)


def companions(
    removed: Iterable[AddressKey], addresses: Mapping[AddressKey, Assignment]
) -> dict[AddressKey, Assignment]:
    """Those of `addresses`, in the kernel's order, that it may take away together with these.

    The first IPv4 address of a network is its primary one; with it go the others, unless promote_secondaries is set
    (net/ipv4/devinet.c, inet_del_ifa).
    """
    gone = {key for key in removed if key.address.version == 4}
    known = [(key, network(key)) for key in addresses if gone and key.address.version == 4]
    primary: dict[tuple[int, int, int], AddressKey] = {}
    for key, where in known:
        primary.setdefault(where, key)
    emptied = {where for where, key in primary.items() if key in gone}
    return {key: addresses[key] for key, where in known if where in emptied and key not in gone}


def network(key: AddressKey) -> tuple[int, int, int]:
    """The interface, the prefix length and the prefix of an IPv4 address."""
    return key.index, key.prefix_length, int(key.address) >> (32 - key.prefix_length)


PLAIN = Assignment()


def virtual(key: AddressKey, assignment: Assignment = PLAIN) -> tuple[AddressKey, Assignment]:
    """A virtual IPv6 address: no duplicate address detection, and a /128 is never chosen as a source address.

    keepalived: NODAD on every IPv6 VIP; /128 deprecated (preferred lifetime 0) unless told otherwise, which here is a
    preferred lifetime other than FOREVER. IPv4 addresses come back as they are.
    """
    if key.address.version == 4:
        return key, normal(key, assignment)
    lifetime = assignment.preferred_lifetime
    if key.prefix_length == 128 and lifetime == FOREVER:
        lifetime = 0
    flags = assignment.flags | AddressFlags.NODAD
    return key, normal(key, replace(assignment, flags=flags, preferred_lifetime=lifetime))


@record(frozen=True, slots=True)
class LinkChanged:
    """A link is new or different."""

    link: Link


@record(frozen=True, slots=True)
class LinkRemoved:
    """An interface has gone from this network namespace."""

    index: int
    name: str


@record(frozen=True, slots=True)
class AddressAdded:
    """An address is new or differently set (also: no longer tentative)."""

    key: AddressKey
    assignment: Assignment


@record(frozen=True, slots=True)
class AddressRemoved:
    """An address has gone from an interface, with what it was when it went."""

    key: AddressKey
    assignment: Assignment


Event = LinkChanged | LinkRemoved | AddressAdded | AddressRemoved
