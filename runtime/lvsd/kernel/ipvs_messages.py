# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS messages: services and destinations <-> the attributes of linux/ip_vs.h.

Ports are in network order, all other numbers in the host's. An address takes 16 bytes whatever its family.
The mask that groups persistent clients is an IPv4 netmask in network order, or an IPv6 prefix length.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from struct import Struct, error

from lvsd.kernel.attributes import (
    AF_INET,
    AF_INET6,
    IP_VS_SVC_F_ONEPACKET,
    IP_VS_SVC_F_PERSISTENT,
    IP_VS_SVC_F_SCHED1,
    IP_VS_SVC_F_SCHED2,
    IP_VS_SVC_F_SCHED3,
    IPVS_GENL_VERSION,
    DestAttr,
    IpvsAttr,
    IpvsCmd,
    SvcAttr,
)
from lvsd.kernel.netlink import ATTRIBUTE, GENERIC, BadMessage, attribute, attributes, generic, nested, string, text
from lvsd.kernel.service import (
    NOT_A_PREFIX,
    Address,
    Connections,
    Destination,
    DestinationKey,
    Forwarding,
    Service,
    ServiceKey,
    Timeouts,
    TunnelFlags,
    TunnelType,
)

PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132}  # netinet/in.h IPPROTO_*
PROTOCOL_NAMES = {number: name for name, number in PROTOCOLS.items()}
FAMILY = {4: AF_INET, 6: AF_INET6}
VERSION = {AF_INET: 4, AF_INET6: 6}

U8 = Struct("=B")
U16 = Struct("=H")
U32 = Struct("=I")
PORT = Struct("!H")
FLAGS = Struct("=II")  # struct ip_vs_flags: flags, mask
EVERY_FLAG = 0xFFFFFFFF


# --- requests ---------------------------------------------------------------------------------------


def service_message(command: IpvsCmd, key: ServiceKey, service: Service | None = None) -> bytes:
    """NEW, SET (every setting) or DEL (`service` None) of a service."""
    return generic(command, IPVS_GENL_VERSION, nested(IpvsAttr.SERVICE, [identity(key), settings(key, service)]))


def destination_message(
    command: IpvsCmd, service: bytes, key: DestinationKey, destination: Destination | None = None
) -> bytes:
    """NEW, SET (every setting) or DEL (`destination` None); `service` is the `identity` of the service."""
    parts = [
        attribute(DestAttr.ADDR, key.address.packed.ljust(16, b"\0")),
        attribute(DestAttr.PORT, PORT.pack(key.port)),
        attribute(DestAttr.ADDR_FAMILY, U16.pack(FAMILY[key.address.version])),
        destination_settings(destination) if destination else b"",
    ]
    return generic(command, IPVS_GENL_VERSION, nested(IpvsAttr.SERVICE, [service]) + nested(IpvsAttr.DEST, parts))


def timeouts_message(timeouts: Timeouts) -> bytes:
    parts = (
        attribute(IpvsAttr.TIMEOUT_TCP, U32.pack(timeouts.tcp)),
        attribute(IpvsAttr.TIMEOUT_TCP_FIN, U32.pack(timeouts.tcp_fin)),
        attribute(IpvsAttr.TIMEOUT_UDP, U32.pack(timeouts.udp)),
    )
    return generic(IpvsCmd.SET_CONFIG, IPVS_GENL_VERSION, b"".join(parts))


def identity(key: ServiceKey) -> bytes:
    """The attributes by which the kernel finds a service."""
    family = attribute(SvcAttr.AF, U16.pack(FAMILY[key.family]))
    if key.address is None:
        return family + attribute(SvcAttr.FWMARK, U32.pack(key.fwmark))
    return b"".join(
        (
            family,
            attribute(SvcAttr.PROTOCOL, U16.pack(protocol_number(key.protocol))),
            attribute(SvcAttr.ADDR, key.address.packed.ljust(16, b"\0")),
            attribute(SvcAttr.PORT, PORT.pack(key.port)),
        )
    )


def settings(key: ServiceKey, service: Service | None) -> bytes:
    if service is None:
        return b""
    return b"".join(
        (
            attribute(SvcAttr.SCHED_NAME, string(service.scheduler)),
            attribute(SvcAttr.PE_NAME, string(service.persistence_engine)) if service.persistence_engine else b"",
            attribute(SvcAttr.FLAGS, FLAGS.pack(flags(service), EVERY_FLAG)),
            attribute(SvcAttr.TIMEOUT, U32.pack(service.persistence_timeout)),
            attribute(SvcAttr.NETMASK, netmask(key.family, service.persistence_netmask)),
        )
    )


def flags(service: Service) -> int:
    return (
        service.persistent * IP_VS_SVC_F_PERSISTENT
        | service.one_packet * IP_VS_SVC_F_ONEPACKET
        | service.flag_1 * IP_VS_SVC_F_SCHED1
        | service.flag_2 * IP_VS_SVC_F_SCHED2
        | service.flag_3 * IP_VS_SVC_F_SCHED3
    )


def netmask(family: int, prefix_length: int | None) -> bytes:
    if family == 6:
        return U32.pack(128 if prefix_length is None else prefix_length)
    host_bits = 0 if prefix_length is None else 32 - prefix_length
    return (0xFFFFFFFF << host_bits & 0xFFFFFFFF).to_bytes(4, "big")


@lru_cache(4096)
def destination_settings(destination: Destination) -> bytes:
    return b"".join(
        (
            attribute(DestAttr.FWD_METHOD, U32.pack(destination.forwarding)),
            attribute(DestAttr.WEIGHT, U32.pack(destination.weight)),
            attribute(DestAttr.U_THRESH, U32.pack(destination.upper_threshold)),
            attribute(DestAttr.L_THRESH, U32.pack(destination.lower_threshold)),
            attribute(DestAttr.TUN_TYPE, U8.pack(destination.tunnel_type)),
            attribute(DestAttr.TUN_PORT, PORT.pack(destination.tunnel_port)),
            attribute(DestAttr.TUN_FLAGS, U16.pack(destination.tunnel_flags)),
        )
    )


def protocol_number(name: str | None) -> int:
    return PROTOCOLS.get(name or "") or int(name or 0)


# --- answers ----------------------------------------------------------------------------------------


def decode_service(payload: bytes) -> tuple[ServiceKey, Service]:
    """An IPVS_CMD_NEW_SERVICE of a dump. Raises BadMessage."""
    try:
        found = attributes(attributes(payload, GENERIC.size)[IpvsAttr.SERVICE])
        key = service_key(found)
        return key, service_settings(key.family, found)
    except (KeyError, ValueError, error) as reason:
        raise BadMessage(f"IPVS service: {reason!r}") from reason


def service_key(found: dict[int, bytes]) -> ServiceKey:
    family = VERSION[U16.unpack(found[SvcAttr.AF])[0]]
    if SvcAttr.FWMARK in found:
        return ServiceKey.marked(U32.unpack(found[SvcAttr.FWMARK])[0], family)
    number = U16.unpack(found[SvcAttr.PROTOCOL])[0]
    port = PORT.unpack(found[SvcAttr.PORT])[0]
    return ServiceKey.at(address(found[SvcAttr.ADDR], family), port, PROTOCOL_NAMES.get(number, str(number)))


def service_settings(family: int, found: dict[int, bytes]) -> Service:
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
    return Destination(
        forwarding=Forwarding(forwarding),
        weight=weight,
        upper_threshold=upper,
        lower_threshold=lower,
        tunnel_type=TunnelType(tunnel_type),
        tunnel_port=PORT.unpack(tunnel_port)[0],
        tunnel_flags=TunnelFlags(tunnel_flags),
    )


@lru_cache(65536)
def address(packed: bytes, version: int) -> Address:
    return IPv4Address(packed[:4]) if version == 4 else IPv6Address(packed)


def connections(counts: tuple[int, int, int]) -> Connections:
    return Connections(*counts)


def decode_timeouts(payload: bytes) -> Timeouts:
    """The answer to IPVS_CMD_GET_CONFIG. Raises BadMessage."""
    found = attributes(payload, GENERIC.size)
    try:
        tcp, fin, udp = (
            U32.unpack(found[kind])[0]
            for kind in (IpvsAttr.TIMEOUT_TCP, IpvsAttr.TIMEOUT_TCP_FIN, IpvsAttr.TIMEOUT_UDP)
        )
    except (KeyError, error) as reason:
        raise BadMessage(f"IPVS timeouts: {reason!r}") from reason
    return Timeouts(tcp, fin, udp)
