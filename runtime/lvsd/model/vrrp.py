# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of VRRP: instances, sync groups and what they hold."""

from __future__ import annotations

from dataclasses import field

from lvsd.record import record

from .statement import Address, Command, Kept


@record(frozen=True, slots=True, kw_only=True)
class VirtualAddress:
    """A line of `virtual_ipaddress` (keepalived: /32 and /128 where no prefix length is given)."""

    address: Address
    prefix_length: int
    dev: str | None = None
    label: str | None = None
    scope: str | None = None
    broadcast: str | None = None  # an address, "+" (set from the prefix) or "-" (none)
    peer: str | None = None
    home: bool = False
    nodad: bool = False
    mngtmpaddr: bool = False
    noprefixroute: bool = False
    autojoin: bool = False
    preferred_lft: str | None = None  # seconds or "forever"
    use_vmac: bool = False
    no_track: bool = False
    track_group: str | None = None


@record(frozen=True, slots=True)
class UnicastPeer:
    """A router that advertisements are sent to; the bounds are for the TTL of what it sends (RFC 5082)."""

    address: Address
    min_ttl: int | None = None
    max_ttl: int | None = None


@record(frozen=True, slots=True)
class Authentication:
    """RFC 2338 §5.3.6, removed by RFC 3768; VRRP version 2 only."""

    kind: str  # "PASS" | "AH"
    password: str = field(repr=False)


@record(frozen=True, slots=True, kw_only=True)
class Notify:
    """Scripts on a change of state, of an instance or of a sync group."""

    active: Command | None = None  # notify_master
    backup: Command | None = None  # notify_backup
    fault: Command | None = None  # notify_fault
    stop: Command | None = None  # notify_stop
    deleted: Command | None = None  # notify_deleted
    any: Command | None = None  # notify
    active_rx_lower_priority: Command | None = None  # notify_master_rx_lower_pri


@record(frozen=True, slots=True, kw_only=True)
class Announcements:
    """Gratuitous ARP and unsolicited NA; in `global_defs` the same with the prefix `vrrp_`."""

    delay: float | None = None  # garp_master_delay: second burst, 5 s
    repeat: int | None = None  # garp_master_repeat: frames per burst, 5
    refresh: float | None = None  # garp_master_refresh: 0 = never
    refresh_repeat: int | None = None  # garp_master_refresh_repeat: 1
    lower_priority_delay: float | None = None  # garp_lower_prio_delay
    lower_priority_repeat: int | None = None  # garp_lower_prio_repeat


@record(frozen=True, slots=True)
class TrackedInterface:
    """An interface that an instance follows: `weight` 0 makes its loss a fault, another one moves the priority."""

    name: str
    weight: int = 0
    reverse: bool = False


@record(frozen=True, slots=True, kw_only=True)
class VirtualRouter:
    """`vrrp_instance NAME`."""

    name: str
    vrid: int  # virtual_router_id
    interface: str | None = None
    initial_state: str = "BACKUP"  # state MASTER | BACKUP
    priority: int | None = None  # 100; 255 where `state MASTER` stands without a priority
    version: int | None = None
    advertisement_interval: float = 1.0  # advert_int
    preempt: bool = True  # nopreempt
    preempt_delay: float = 0.0
    down_timer_adverts: int | None = None
    source: Address | None = None  # unicast_src_ip, mcast_src_ip
    multicast_group: Address | None = None  # mcast_dst_ip
    unicast_peers: tuple[UnicastPeer, ...] = ()
    unicast_ttl: int | None = None
    check_unicast_source: bool | None = None
    checksum_as_v2: bool | None = None  # v3_checksum_as_v2
    skip_check_adv_addr: bool | None = None
    lower_prio_no_advert: bool | None = None
    higher_prio_send_advert: bool | None = None
    dont_track_primary: bool = False
    authentication: Authentication | None = None
    addresses: tuple[VirtualAddress, ...] = ()  # virtual_ipaddress
    excluded_addresses: tuple[VirtualAddress, ...] = ()  # virtual_ipaddress_excluded
    track_interfaces: tuple[TrackedInterface, ...] = ()
    announcements: Announcements = Announcements()
    notify: Notify = Notify()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class SyncGroup:
    """`vrrp_sync_group NAME`: its members are Active together or not at all."""

    name: str
    members: tuple[str, ...] = ()
    track_interfaces: tuple[TrackedInterface, ...] = ()
    notify: Notify = Notify()
    kept: Kept = ()
