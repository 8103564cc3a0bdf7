# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's numbers, in the kernel's order, so that they can be checked by eye against its headers."""

from __future__ import annotations

from enum import IntEnum

AF_UNSPEC, AF_INET, AF_INET6 = 0, 2, 10  # bits/socket.h

# linux/genetlink.h
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2

# linux/ip_vs.h
IPVS_GENL_NAME = "IPVS"
IPVS_GENL_VERSION = 1

IP_VS_SVC_F_PERSISTENT = 0x01
IP_VS_SVC_F_ONEPACKET = 0x04
IP_VS_SVC_F_SCHED1 = 0x08
IP_VS_SVC_F_SCHED2 = 0x10
IP_VS_SVC_F_SCHED3 = 0x20


class IpvsCmd(IntEnum):
    """The commands of generic netlink's family IPVS: enum IPVS_CMD_* of linux/ip_vs.h."""

    NEW_SERVICE = 1
    SET_SERVICE = 2
    DEL_SERVICE = 3
    GET_SERVICE = 4
    NEW_DEST = 5
    SET_DEST = 6
    DEL_DEST = 7
    GET_DEST = 8
    NEW_DAEMON = 9
    DEL_DAEMON = 10
    GET_DAEMON = 11
    SET_CONFIG = 12
    GET_CONFIG = 13
    SET_INFO = 14
    GET_INFO = 15
    ZERO = 16
    FLUSH = 17


class IpvsAttr(IntEnum):
    """IPVS_CMD_ATTR_*."""

    SERVICE = 1
    DEST = 2
    DAEMON = 3
    TIMEOUT_TCP = 4
    TIMEOUT_TCP_FIN = 5
    TIMEOUT_UDP = 6


class SvcAttr(IntEnum):
    """IPVS_SVC_ATTR_*."""

    AF = 1
    PROTOCOL = 2
    ADDR = 3
    PORT = 4
    FWMARK = 5
    SCHED_NAME = 6
    FLAGS = 7
    TIMEOUT = 8
    NETMASK = 9
    STATS = 10
    PE_NAME = 11
    STATS64 = 12


class DestAttr(IntEnum):
    """IPVS_DEST_ATTR_*."""

    ADDR = 1
    PORT = 2
    FWD_METHOD = 3
    WEIGHT = 4
    U_THRESH = 5
    L_THRESH = 6
    ACTIVE_CONNS = 7
    INACT_CONNS = 8
    PERSIST_CONNS = 9
    STATS = 10
    ADDR_FAMILY = 11
    STATS64 = 12
    TUN_TYPE = 13
    TUN_PORT = 14
    TUN_FLAGS = 15


# linux/rtnetlink.h
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR = 1, 5, 9


class Ifla(IntEnum):
    """IFLA_* of linux/if_link.h."""

    ADDRESS = 1
    IFNAME = 3
    MTU = 4
    LINK = 5
    MASTER = 10
    OPERSTATE = 16
    LINKINFO = 18
    EXT_MASK = 29
    CARRIER = 33


IFLA_INFO_KIND = 1
RTEXT_FILTER_SKIP_STATS = 1 << 3


class Ifa(IntEnum):
    """IFA_* of linux/if_addr.h."""

    ADDRESS = 1
    LOCAL = 2
    LABEL = 3
    BROADCAST = 4
    CACHEINFO = 6
    FLAGS = 8
