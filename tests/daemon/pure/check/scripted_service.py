# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of two servers that have a check with one retry and scripts, as a configuration asks for it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from lvsd.check.planned_check import PlannedCheck
from lvsd.check.pool import Pool, PoolMember, pools
from lvsd.kernel.ipvs_types import DestinationKey, ServiceKey
from lvsd.model import CheckTiming, Command, Configuration, RealServer, TcpCheck, VirtualServer

KEY = ServiceKey.at(ip_address("192.0.2.10"), 80)
FIRST, SECOND = (DestinationKey(KEY, ip_address(f"10.0.0.{n}"), 80) for n in (11, 12))
UP, DOWN, GAINED, LOST = (Command((f"/bin/{word}",)) for word in ("up", "down", "gained", "lost"))


def pool(**more: Any) -> Pool:
    """The service with a quorum of both servers; `more` are fields of the VirtualServer."""
    check = TcpCheck(timing=CheckTiming(retry=1))
    servers = tuple(
        RealServer(address=key.address, checks=(check,), notify_up=UP, notify_down=DOWN) for key in (FIRST, SECOND)
    )
    virtual = VirtualServer(
        address=KEY.address, port=80, protocol="TCP", real_servers=servers,
        quorum=2, quorum_up=GAINED, quorum_down=LOST, **more,
    )  # fmt: skip
    return pools(Configuration(virtual_servers=(virtual,)))[KEY]


def member(key: DestinationKey = FIRST) -> PoolMember:
    return pool().members[key]


def plan() -> PlannedCheck:
    return member().plans[0]
