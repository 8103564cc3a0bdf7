# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator asks of IPVS: virtual servers, and the servers that they forward to."""

from __future__ import annotations

from enum import Enum

from lvsd.record import record

from .checks import Check, CheckTiming
from .statement import Address, Command, Kept


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
