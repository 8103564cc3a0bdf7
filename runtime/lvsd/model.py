# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asked for: one frozen dataclass per block of the configuration.

`None` means "not said here": the value comes from the enclosing block, from `global_defs`, or from the
built-in default, and the worker that uses it expands it (`vrrp/parameters.py`, `check/planned_check.py`).  Times are
seconds.  Keywords that are known but not implemented stay in `kept`, as the words they came in, so that
nothing an operator wrote is lost between reading and rendering.

This module imports nothing of ours.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from .record import record

Address = IPv4Address | IPv6Address


@record(frozen=True, slots=True)
class Statement:
    """A line of configuration kept as words: `words { body }`; `body` is None where there was no block."""

    words: tuple[str, ...]
    body: tuple[Statement, ...] | None = None


Kept = tuple[Statement, ...]


@record(frozen=True, slots=True)
class Command:
    """A script with its arguments and, where given, the identity it runs as (`script`, `notify_*`, `misc_path`)."""

    words: tuple[str, ...]
    user: str | None = None
    group: str | None = None


# --- addresses ---------------------------------------------------------------------------------


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


# --- VRRP --------------------------------------------------------------------------------------


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


# --- IPVS and checks ---------------------------------------------------------------------------


class Forwarding(Enum):
    """`lvs_method`; the values are IP_VS_CONN_F_* of linux/ip_vs.h."""

    NAT = 0
    TUN = 2
    DR = 3


@record(frozen=True, slots=True, kw_only=True)
class Method:
    """`lvs_method KIND [type ipip|gue|gre] [port N] [nocsum|csum|remcsum]`."""

    forwarding: Forwarding = Forwarding.NAT
    tunnel_type: str | None = None  # ipip | gue | gre
    tunnel_port: int | None = None
    tunnel_flags: str | None = None  # nocsum | csum | remcsum


@record(frozen=True, slots=True, kw_only=True)
class CheckTiming:
    """What every check has and inherits: check, real server, virtual server, built-in default."""

    connect_timeout: float | None = None
    retry: int | None = None
    delay_before_retry: float | None = None
    delay_loop: float | None = None
    warmup: float | None = None
    alpha: bool | None = None


@record(frozen=True, slots=True, kw_only=True)
class CheckTarget:
    """Where a check connects to instead of the real server, and from where."""

    connect_ip: Address | None = None
    connect_port: int | None = None
    bindto: Address | None = None
    bind_port: int | None = None
    bind_if: str | None = None
    fwmark: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class TcpCheck:
    """A check that passes when a TCP connection is made."""

    timing: CheckTiming = CheckTiming()
    target: CheckTarget = CheckTarget()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class Url:
    """A page that an HTTP check fetches, and what it must look like."""

    path: str = "/"
    status_codes: tuple[tuple[int, int], ...] = ()  # inclusive ranges; () = 200-299
    digest: str | None = None  # MD5 of the body, lower-case hexadecimal
    virtualhost: str | None = None
    regex: str | None = None
    regex_no_match: bool = False
    regex_options: tuple[str, ...] = ()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class HttpCheck:
    """`HTTP_GET`, and with `tls` `SSL_GET`."""

    tls: bool = False
    urls: tuple[Url, ...] = ()
    http_protocol: str = "1.0"  # 1.0 | 1.0C | 1.1
    virtualhost: str | None = None
    enable_sni: bool = False
    fast_recovery: bool = False
    timing: CheckTiming = CheckTiming()
    target: CheckTarget = CheckTarget()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class MiscCheck:
    """A check that passes when a program ends with 0; `dynamic` lets its exit code set the weight as well."""

    command: Command
    timeout: float | None = None  # misc_timeout
    dynamic: bool = False  # misc_dynamic
    timing: CheckTiming = CheckTiming()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """A check that is known by name but not implemented: it counts as passing, and a warning says so."""

    statement: Statement


Check = TcpCheck | HttpCheck | MiscCheck | KeptCheck


@record(frozen=True, slots=True, kw_only=True)
class RealServer:
    """A server that connections are forwarded to, and the checks that say whether it is up."""

    address: Address
    port: int | None = None  # None: the service's port
    weight: int | None = None
    method: Method | None = None
    upper_threshold: int = 0  # uthreshold
    lower_threshold: int = 0  # lthreshold
    inhibit_on_failure: bool | None = None
    virtualhost: str | None = None
    timing: CheckTiming = CheckTiming()
    notify_up: Command | None = None
    notify_down: Command | None = None
    checks: tuple[Check, ...] = ()
    kept: Kept = ()


@record(frozen=True, slots=True, kw_only=True)
class SorryServer:
    """The server that gets the connections while the quorum of a service is lost."""

    address: Address
    port: int | None = None
    method: Method | None = None  # sorry_server_lvs_method
    inhibit: bool = False  # sorry_server_inhibit


@record(frozen=True, slots=True, kw_only=True)
class VirtualServer:
    """`virtual_server ADDR [PORT]` or `virtual_server fwmark N`; `virtual_server group` is in `Configuration.kept`."""

    address: Address | None = None
    port: int = 0
    fwmark: int = 0
    ip_family: str | None = None  # of a fwmark service: inet | inet6
    protocol: str | None = None  # TCP | UDP | SCTP; None is UDP for an address, as keepalived
    scheduler: str = "wlc"  # lb_algo
    scheduler_flags: tuple[str, ...] = ()  # flag-1.., sh-port, sh-fallback, mh-port, mh-fallback
    one_packet: bool = False  # ops
    method: Method = Method()  # lb_kind
    persistence_timeout: int = 0
    persistence_netmask: int | None = None  # persistence_granularity, as a prefix length
    persistence_engine: str | None = None
    weight: int | None = None  # default of its real servers
    quorum: int = 1
    hysteresis: int = 0
    quorum_up: Command | None = None
    quorum_down: Command | None = None
    sorry_server: SorryServer | None = None
    inhibit_on_failure: bool = False
    omega: bool = False
    virtualhost: str | None = None
    timing: CheckTiming = CheckTiming()
    real_servers: tuple[RealServer, ...] = ()
    kept: Kept = ()


# --- the whole ---------------------------------------------------------------------------------


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
