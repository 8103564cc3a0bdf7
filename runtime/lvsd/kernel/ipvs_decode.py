# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS answers: the attributes of linux/ip_vs.h -> services and destinations.

Ports are in network order, all other numbers in the host's. An address takes 16 bytes whatever its family.
The mask that groups persistent clients is an IPv4 netmask in network order, or an IPv6 prefix length.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from struct import Struct, error

from .ipvs_encode import FAMILY, FLAGS, PORT, PROTOCOLS, U16, U32, netmask
from .ipvs_types import (
    NOT_A_PREFIX,
    Address,
    Connections,
    Destination,
    DestinationKey,
    ForwardingMethod,
    Service,
    ServiceKey,
    TunnelFlags,
    TunnelType,
)
from .netlink import ATTRIBUTE, GENERIC, BadMessage, attributes, text
from .uapi import (
    AF_INET,
    AF_INET6,
    IP_VS_SVC_F_ONEPACKET,
    IP_VS_SVC_F_PERSISTENT,
    IP_VS_SVC_F_SCHED1,
    IP_VS_SVC_F_SCHED2,
    IP_VS_SVC_F_SCHED3,
    DestAttr,
    IpvsAttr,
    SvcAttr,
)

PROTOCOL_NAMES = {number: name for name, number in PROTOCOLS.items()}
VERSION = {AF_INET: 4, AF_INET6: 6}
U8 = Struct("=B")


def decode_service(payload: bytes) -> tuple[ServiceKey, Service]:
    """An IPVS_CMD_NEW_SERVICE of a dump. Raises BadMessage."""
    try:
        found = attributes(attributes(payload, GENERIC.size)[IpvsAttr.SERVICE])
        key = service_key(found)
        return key, service_settings(key.family, found)
    except (KeyError, ValueError, error) as reason:
        raise BadMessage(f"IPVS service: {reason!r}") from reason


def service_key(found: dict[int, bytes]) -> ServiceKey:
    """Return the key of the service that the attributes `SvcAttr` describe: a mark, or address, port and protocol."""
    family = VERSION[U16.unpack(found[SvcAttr.AF])[0]]
    if SvcAttr.FWMARK in found:
        return ServiceKey.marked(U32.unpack(found[SvcAttr.FWMARK])[0], family)
    number = U16.unpack(found[SvcAttr.PROTOCOL])[0]
    port = PORT.unpack(found[SvcAttr.PORT])[0]
    return ServiceKey.at(address(found[SvcAttr.ADDR], family), port, PROTOCOL_NAMES.get(number, str(number)))


def service_settings(family: int, found: dict[int, bytes]) -> Service:
    """Return the settings of the service that the attributes `SvcAttr` describe."""
    bits = FLAGS.unpack(found[SvcAttr.FLAGS])[0]
    persistent = bits & IP_VS_SVC_F_PERSISTENT
    return Service(
        scheduler=text(found[SvcAttr.SCHED_NAME]),
        persistence_timeout=U32.unpack(found[SvcAttr.TIMEOUT])[0] if persistent else 0,
        persistence_netmask=prefix_length(family, found[SvcAttr.NETMASK]) if persistent else None,
        persistence_engine=text(found.get(SvcAttr.PE_NAME, b"")),
        one_packet=bool(bits & IP_VS_SVC_F_ONEPACKET),
        flag_1=bool(bits & IP_VS_SVC_F_SCHED1),
        flag_2=bool(bits & IP_VS_SVC_F_SCHED2),
        flag_3=bool(bits & IP_VS_SVC_F_SCHED3),
    )


def prefix_length(family: int, mask: bytes) -> int | None:
    """Return the length of a mask as the kernel sends it; None where it is the whole address.

    IPv4 is sent as a mask in network order, IPv6 as a length. `NOT_A_PREFIX` stands for a mask with holes.
    """
    if family == 6:
        length: int = U32.unpack(mask)[0]
        return None if length == 128 else length
    if len(mask) != 4:
        raise ValueError(f"netmask of {len(mask)} bytes")
    ones = int.from_bytes(mask, "big").bit_count()
    if netmask(4, ones) != mask:
        return NOT_A_PREFIX
    return None if ones == 32 else ones


USUAL = Struct("=6xH I16s I2s2x II II IB3x I2s2x IH2x II II II II II IH")
"""A destination as Linux 5.3 and later write it: IPVS_CMD_ATTR_DEST, then header, value, header, value, ..."""
USUAL_HEADERS = tuple(
    U32.unpack(ATTRIBUTE.pack(length, kind))[0]
    for length, kind in (
        (20, DestAttr.ADDR),
        (6, DestAttr.PORT),
        (8, DestAttr.FWD_METHOD),
        (8, DestAttr.WEIGHT),
        (5, DestAttr.TUN_TYPE),
        (6, DestAttr.TUN_PORT),
        (6, DestAttr.TUN_FLAGS),
        (8, DestAttr.U_THRESH),
        (8, DestAttr.L_THRESH),
        (8, DestAttr.ACTIVE_CONNS),
        (8, DestAttr.INACT_CONNS),
        (8, DestAttr.PERSIST_CONNS),
        (6, DestAttr.ADDR_FAMILY),
    )
)
ABSENT = b"\0\0\0\0"

Entry = tuple[DestinationKey, Destination, tuple[int, int, int]]


def decode_destination(service: ServiceKey, payload: bytes) -> Entry:
    """An IPVS_CMD_NEW_DEST of a dump, with its active, inactive and persistent connections. Raises BadMessage."""
    try:
        if len(payload) >= USUAL.size:
            words = USUAL.unpack_from(payload)
            if words[1::2] == USUAL_HEADERS and words[0] == IpvsAttr.DEST:
                packed, port, *how, active, inactive, persistent, family = words[2::2]
                key = DestinationKey(service, address(packed, VERSION[family]), int.from_bytes(port, "big"))
                return key, destination(*how), (active, inactive, persistent)
        return walk_destination(service, attributes(attributes(payload, GENERIC.size)[IpvsAttr.DEST]))
    except (KeyError, ValueError, error) as reason:
        raise BadMessage(f"IPVS destination of {service}: {reason!r}") from reason


def walk_destination(service: ServiceKey, found: dict[int, bytes]) -> Entry:
    """The same in any order; tunnels (5.3) and the address family (3.18) may be unknown to the kernel."""
    family = U16.unpack(found[DestAttr.ADDR_FAMILY])[0] if DestAttr.ADDR_FAMILY in found else FAMILY[service.family]
    key = DestinationKey(service, address(found[DestAttr.ADDR], VERSION[family]), PORT.unpack(found[DestAttr.PORT])[0])
    how = destination(
        U32.unpack(found[DestAttr.FWD_METHOD])[0],
        U32.unpack(found[DestAttr.WEIGHT])[0],
        U8.unpack(found.get(DestAttr.TUN_TYPE, ABSENT[:1]))[0],
        found.get(DestAttr.TUN_PORT, ABSENT[:2]),
        U16.unpack(found.get(DestAttr.TUN_FLAGS, ABSENT[:2]))[0],
        U32.unpack(found[DestAttr.U_THRESH])[0],
        U32.unpack(found[DestAttr.L_THRESH])[0],
    )
    counts = (DestAttr.ACTIVE_CONNS, DestAttr.INACT_CONNS, DestAttr.PERSIST_CONNS)
    active, inactive, persistent = (U32.unpack(found.get(kind, ABSENT))[0] for kind in counts)
    return key, how, (active, inactive, persistent)


@lru_cache(4096)
def destination(
    forwarding: int, weight: int, tunnel_type: int, tunnel_port: bytes, tunnel_flags: int, upper: int, lower: int
) -> Destination:
    """Return the settings of a destination; one object for all that are set alike.

    `tunnel_port` is in network order, the thresholds count connections.
    """
    return Destination(
        forwarding=ForwardingMethod(forwarding),
        weight=weight,
        upper_threshold=upper,
        lower_threshold=lower,
        tunnel_type=TunnelType(tunnel_type),
        tunnel_port=PORT.unpack(tunnel_port)[0],
        tunnel_flags=TunnelFlags(tunnel_flags),
    )


@lru_cache(65536)
def address(packed: bytes, version: int) -> Address:
    """Return an address of 16 bytes as an object of its family; IPv4 is in the first four."""
    return IPv4Address(packed[:4]) if version == 4 else IPv6Address(packed)


def connections(counts: tuple[int, int, int]) -> Connections:
    """Return the active, inactive and persistent connections of a destination."""
    return Connections(*counts)
