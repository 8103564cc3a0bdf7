# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS requests: services and destinations -> the attributes of linux/ip_vs.h.

Ports are in network order, all other numbers in the host's. An address takes 16 bytes whatever its family.
The mask that groups persistent clients is an IPv4 netmask in network order, or an IPv6 prefix length.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

from .ipvs_types import Destination, DestinationKey, Service, ServiceKey
from .netlink import NLA_F_NESTED, attribute, generic, nested, string
from .uapi import (
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

PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132}  # netinet/in.h IPPROTO_*
FAMILY = {4: AF_INET, 6: AF_INET6}

U8 = Struct("=B")
U16 = Struct("=H")
U32 = Struct("=I")
PORT = Struct("!H")
FLAGS = Struct("=II")  # struct ip_vs_flags: flags, mask
EVERY_FLAG = 0xFFFFFFFF


def service_message(command: IpvsCmd, key: ServiceKey, service: Service | None = None) -> bytes:
    """NEW, SET (every setting) or DEL (`service` None) of a service."""
    how = b"" if service is None else settings(key.family, service)
    return generic(command, IPVS_GENL_VERSION, nested(IpvsAttr.SERVICE, [identity(key), how]))


def destination_head(command: IpvsCmd, service: ServiceKey) -> bytes:
    """What the messages about all destinations of a service begin with."""
    return generic(command, IPVS_GENL_VERSION, nested(IpvsAttr.SERVICE, [identity(service)]))


WHERE = Struct("=HH HH16s HH2s2x HHH2x")
"""IPVS_CMD_ATTR_DEST with address, port and family: header, header, value, header, value, ..."""
HOW = Struct("=HHI HHI HHI HHI HHB3x HH2s2x HHH2x")
WHERE_HEADER, HOW_HEADER = WHERE.size, WHERE.size + HOW.size
NESTED_DEST = IpvsAttr.DEST | NLA_F_NESTED
ADDR, PORT_, FAMILY_ = int(DestAttr.ADDR), int(DestAttr.PORT), int(DestAttr.ADDR_FAMILY)


def destination_message(head: bytes, key: DestinationKey, destination: Destination | None = None) -> bytes:
    """NEW, SET (every setting) or DEL (`destination` None) of one; `head` is its service's `destination_head`."""
    address, port = key.address.packed, key.port.to_bytes(2, "big")
    family = FAMILY[key.address.version]
    if destination is None:
        return head + WHERE.pack(WHERE_HEADER, NESTED_DEST, 20, ADDR, address, 6, PORT_, port, 6, FAMILY_, family)
    where = WHERE.pack(HOW_HEADER, NESTED_DEST, 20, ADDR, address, 6, PORT_, port, 6, FAMILY_, family)
    return head + where + destination_settings(destination)


AT = Struct("=HHH2x HHH2x HH16s HH2s2x")
MARKED = Struct("=HHH2x HHI")
SVC_AF, SVC_PROTOCOL, SVC_ADDR = int(SvcAttr.AF), int(SvcAttr.PROTOCOL), int(SvcAttr.ADDR)
SVC_PORT, SVC_FWMARK = int(SvcAttr.PORT), int(SvcAttr.FWMARK)


def identity(key: ServiceKey) -> bytes:
    """The attributes by which the kernel finds a service."""
    family = FAMILY[key.family]
    if key.address is None:
        return MARKED.pack(6, SVC_AF, family, 8, SVC_FWMARK, key.fwmark)
    number, port = protocol_number(key.protocol), key.port.to_bytes(2, "big")
    return AT.pack(6, SVC_AF, family, 6, SVC_PROTOCOL, number, 20, SVC_ADDR, key.address.packed, 6, SVC_PORT, port)


@lru_cache(1024)
def settings(family: int, service: Service) -> bytes:
    """All but the identity; many services are set alike."""
    return b"".join(
        (
            attribute(SvcAttr.SCHED_NAME, string(service.scheduler)),
            attribute(SvcAttr.PE_NAME, string(service.persistence_engine)) if service.persistence_engine else b"",
            attribute(SvcAttr.FLAGS, FLAGS.pack(flags(service), EVERY_FLAG)),
            attribute(SvcAttr.TIMEOUT, U32.pack(service.persistence_timeout)),
            attribute(SvcAttr.NETMASK, netmask(family, service.persistence_netmask)),
        )
    )


def flags(service: Service) -> int:
    """Return the bits IP_VS_SVC_F_* of a service (linux/ip_vs.h)."""
    return (
        service.persistent * IP_VS_SVC_F_PERSISTENT
        | service.one_packet * IP_VS_SVC_F_ONEPACKET
        | service.flag_1 * IP_VS_SVC_F_SCHED1
        | service.flag_2 * IP_VS_SVC_F_SCHED2
        | service.flag_3 * IP_VS_SVC_F_SCHED3
    )


def netmask(family: int, prefix_length: int | None) -> bytes:
    """Return a mask as the kernel wants it: four bytes for IPv4, a length for IPv6; None is the whole address.

    Raises ValueError for a length that the family does not have.
    """
    longest = 128 if family == 6 else 32
    if prefix_length is not None and not 0 <= prefix_length <= longest:
        raise ValueError(f"a mask of {prefix_length} bits for IPv{family} clients")
    if family == 6:
        return U32.pack(128 if prefix_length is None else prefix_length)
    host_bits = 0 if prefix_length is None else 32 - prefix_length
    return (0xFFFFFFFF << host_bits & 0xFFFFFFFF).to_bytes(4, "big")


FWD_METHOD, WEIGHT_, U_THRESH, L_THRESH, TUN_TYPE, TUN_PORT, TUN_FLAGS = map(
    int,
    (
        DestAttr.FWD_METHOD,
        DestAttr.WEIGHT,
        DestAttr.U_THRESH,
        DestAttr.L_THRESH,
        DestAttr.TUN_TYPE,
        DestAttr.TUN_PORT,
        DestAttr.TUN_FLAGS,
    ),
)


def destination_settings(how: Destination) -> bytes:
    """Return the attributes `DestAttr` that say how a destination is used."""
    limits = (8, U_THRESH, how.upper_threshold, 8, L_THRESH, how.lower_threshold)
    port = how.tunnel_port.to_bytes(2, "big")
    tunnel = (5, TUN_TYPE, how.tunnel_type, 6, TUN_PORT, port, 6, TUN_FLAGS, how.tunnel_flags)
    return HOW.pack(8, FWD_METHOD, how.forwarding, 8, WEIGHT_, how.weight, *limits, *tunnel)


def protocol_number(name: str | None) -> int:
    """Return the number of a protocol by its name, or by the number as text; 0 for None."""
    return PROTOCOLS.get(name or "") or int(name or 0)
