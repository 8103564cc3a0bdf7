# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration as a whole, and what holds for all of it."""

from __future__ import annotations

from dataclasses import field
from ipaddress import IPv4Address, IPv6Address

from lvsd.record import record

from .ipvs import VirtualServer
from .statement import Kept
from .vrrp import Announcements, SyncGroup, VirtualRouter


@record(frozen=True, slots=True, kw_only=True)
class GlobalDefs:
    """What `global_defs` sets for all instances, services and programs."""

    router_id: str | None = None
    vrrp_version: int | None = None
    vrrp_mcast_group4: IPv4Address | None = None
    vrrp_mcast_group6: IPv6Address | None = None
    default_interface: str | None = None
    vrrp_down_timer_adverts: int | None = None
    vrrp_check_unicast_src: bool = False
    vrrp_skip_check_adv_addr: bool = False
    vrrp_lower_prio_no_advert: bool = False
    vrrp_higher_prio_send_advert: bool = False
    v3_checksum_as_v2: bool = False
    vrrp_min_garp: bool = False
    vrrp_garp_interval: float = 0.0
    vrrp_gna_interval: float = 0.0
    announcements: Announcements = Announcements()
    script_user: str | None = None
    script_group: str | None = None
    enable_script_security: bool = False
    vrrp_rt_priority: int | None = None
    vrrp_no_swap: bool = False
    lvs_flush: bool = False
    lvs_flush_on_stop: str | None = None  # "" whole table, "VS" managed services
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class SslContext:
    """`SSL { }`: the client context of every SSL_GET."""

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    password: str | None = field(default=None, repr=False)


@record(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that was read from one configuration, or the part of it that one worker runs."""

    global_defs: GlobalDefs = GlobalDefs()
    routers: tuple[VirtualRouter, ...] = ()
    sync_groups: tuple[SyncGroup, ...] = ()
    ssl: SslContext | None = None
    virtual_servers: tuple[VirtualServer, ...] = ()
    kept: Kept = ()
