# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rtnetlink messages: links and addresses <-> the attributes of linux/if_link.h and linux/if_addr.h."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from struct import Struct, error
from sys import byteorder
from types import MappingProxyType

from .netlink import BadMessage, Message, attribute, attributes, decode, string, text
from .rtnl_types import (
    ASKED_IPV4,
    ASKED_IPV6,
    FOREVER,
    Address,
    AddressAdded,
    AddressFlags,
    AddressKey,
    AddressRemoved,
    Assignment,
    Event,
    Link,
    LinkChanged,
    LinkFlags,
    LinkRemoved,
    OperState,
    Scope,
    normal,
)
from .uapi import (
    AF_INET,
    AF_INET6,
    AF_UNSPEC,
    IFLA_INFO_KIND,
    RTEXT_FILTER_SKIP_STATS,
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_NEWADDR,
    RTM_NEWLINK,
    Ifa,
    Ifla,
)

IFINFOMSG = Struct("=BxHiII")  # family, type, index, flags, change
IFADDRMSG = Struct("=BBBBI")  # family, prefixlen, flags, scope, index
CACHEINFO = Struct("=IIII")  # preferred, valid, created, updated
U8 = Struct("=B")
U32 = Struct("=I")
FAMILY = {4: AF_INET, 6: AF_INET6}
ANY_FAMILY = bytes([AF_UNSPEC])

NO_NAMES: Mapping[int, str] = MappingProxyType({})


# --- requests ---------------------------------------------------------------------------------------


def links_message() -> bytes:
    """For a dump without the counters."""
    return IFINFOMSG.pack(AF_UNSPEC, 0, 0, 0, 0) + attribute(Ifla.EXT_MASK, U32.pack(RTEXT_FILTER_SKIP_STATS))


def addresses_message(family: int = AF_UNSPEC) -> bytes:
    """Return the payload of a request for all addresses of one family, or of all."""
    return IFADDRMSG.pack(family, 0, 0, 0, 0)


def removal_message(key: AddressKey, actual: Assignment | None = None) -> bytes:
    """RTM_DELADDR; without `actual` of an IPv4 address with any prefix length and any peer."""
    head = IFADDRMSG.pack(FAMILY[key.address.version], key.prefix_length, 0, 0, key.index)
    local = attribute(Ifa.LOCAL, key.address.packed)
    return head + local + (attribute(Ifa.ADDRESS, (actual.peer or key.address).packed) if actual else b"")


def address_message(key: AddressKey, assignment: Assignment) -> bytes:
    """RTM_NEWADDR."""
    wanted = normal(key, assignment)
    parts = [
        IFADDRMSG.pack(FAMILY[key.address.version], key.prefix_length, wanted.flags & 0xFF, wanted.scope, key.index),
        attribute(Ifa.LOCAL, key.address.packed),
        attribute(Ifa.ADDRESS, (wanted.peer or key.address).packed),
        attribute(Ifa.FLAGS, U32.pack(wanted.flags)),
    ]
    if wanted.label:
        parts.append(attribute(Ifa.LABEL, string(wanted.label)))
    if wanted.broadcast:
        parts.append(attribute(Ifa.BROADCAST, wanted.broadcast.packed))
    if wanted.preferred_lifetime != FOREVER:
        parts.append(attribute(Ifa.CACHEINFO, CACHEINFO.pack(wanted.preferred_lifetime, FOREVER, 0, 0)))
    return b"".join(parts)


# --- answers and events -----------------------------------------------------------------------------


def decode_link(payload: bytes) -> Link:
    """RTM_NEWLINK. Raises BadMessage."""
    try:
        _unused, kind, index, flags, _unused = IFINFOMSG.unpack_from(payload)
        found = attributes(payload, IFINFOMSG.size)
        return Link(
            index=index,
            name=text(found[Ifla.IFNAME]),
            flags=LinkFlags(flags),
            operstate=OperState(number(found, Ifla.OPERSTATE)),
            carrier=bool(number(found, Ifla.CARRIER)),
            address=found.get(Ifla.ADDRESS, b""),
            mtu=number(found, Ifla.MTU),
            master=number(found, Ifla.MASTER),
            parent=number(found, Ifla.LINK),
            kind=text(attributes(found.get(Ifla.LINKINFO, b"")).get(IFLA_INFO_KIND, b"")),
            type=kind,
        )
    except (KeyError, ValueError, error) as reason:
        raise BadMessage(f"link: {reason!r}") from reason


def number(found: Mapping[int, bytes], kind: int) -> int:
    """A number of any size that the kernel may leave out."""
    return int.from_bytes(found.get(kind, b""), byteorder)


def decode_address(payload: bytes, names: Mapping[int, str] = NO_NAMES) -> tuple[AddressKey, Assignment]:
    """RTM_NEWADDR or RTM_DELADDR; a label that is the interface's name (by index in `names`) is none."""
    try:
        family, prefix_length, short_flags, scope, index = IFADDRMSG.unpack_from(payload)
        found = attributes(payload, IFADDRMSG.size)
        address = Ifa.LOCAL if Ifa.LOCAL in found else Ifa.ADDRESS
        key = AddressKey(index, ip(family, found[address]), prefix_length)
        state = AddressFlags(U32.unpack(found[Ifa.FLAGS])[0] if Ifa.FLAGS in found else short_flags)
        label = text(found.get(Ifa.LABEL, b""))
        peer = ip(family, found.get(Ifa.ADDRESS, found[address]))
        return key, Assignment(
            scope=scope if family == AF_INET else Scope.GLOBAL,
            label="" if label == names.get(index) else label,
            broadcast=IPv4Address(found[Ifa.BROADCAST]) if Ifa.BROADCAST in found else None,
            peer=peer if peer != key.address else None,
            flags=state & (ASKED_IPV4 if family == AF_INET else ASKED_IPV6),
            preferred_lifetime=preferred_lifetime(state, found),
            state=state,
        )
    except (KeyError, ValueError, error) as reason:
        raise BadMessage(f"address: {reason!r}") from reason


def preferred_lifetime(state: AddressFlags, found: Mapping[int, bytes]) -> int:
    """Of a deprecated IPv4 address without an end the kernel gives FOREVER: the flag says more than the number."""
    if state & AddressFlags.DEPRECATED:
        return 0
    return int(CACHEINFO.unpack(found[Ifa.CACHEINFO])[0]) if Ifa.CACHEINFO in found else FOREVER


def ip(family: int, packed: bytes) -> Address:
    """Return an address of 4 or 16 bytes as an object. Raises ValueError for another family."""
    if family == AF_INET:
        return IPv4Address(packed)
    if family == AF_INET6:
        return IPv6Address(packed)
    raise ValueError(f"address family {family}")


def decode_events(data: bytes, names: Mapping[int, str] = NO_NAMES) -> list[Event]:
    """What one datagram of a subscribed socket says. Raises BadMessage."""
    return list(events(decode(data), names))


def events(messages: Iterator[Message], names: Mapping[int, str]) -> Iterator[Event]:
    """Yield what changed, for each message of a link or an address; `names` gives the interface of each index."""
    for kind, _unused, _unused, payload in messages:
        if kind in (RTM_NEWLINK, RTM_DELLINK) and payload[:1] != ANY_FAMILY:
            continue  # a bridge speaks of its port, in the words of a link
        if kind == RTM_NEWLINK:
            yield LinkChanged(decode_link(payload))
        elif kind == RTM_DELLINK:
            link = decode_link(payload)
            yield LinkRemoved(link.index, link.name)
        elif kind == RTM_NEWADDR:
            yield AddressAdded(*decode_address(payload, names))
        elif kind == RTM_DELADDR:
            yield AddressRemoved(*decode_address(payload, names))
