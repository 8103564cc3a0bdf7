# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance means: the operator's words, the globals and the defaults, as RFC 9568 §6.1 needs them.

Where keepalived changes what was asked for (`nopreempt` beside `state MASTER`, the version of an IPv6 instance,
intervals that the wire cannot carry), so does this, and `remarks` says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from lvsd.conf.capacity import USUAL_MTU, capacity
from lvsd.conf.family import family_of, version_of
from lvsd.kernel.rtnl_types import AddressKey, Assignment
from lvsd.model import Address, GlobalDefs, UnicastPeer, VirtualRouter
from lvsd.record import record

from . import packet
from .fsm import OWNER, Parameters

DEFAULT_PRIORITY = 100
DOWN_ADVERTS = 3  # RFC 9568 §6.1: Active_Down_Interval
LONGEST_V3, STEP_V3 = 40.95, 0.01  # RFC 9568 §5.2.7: twelve bits of centiseconds
LONGEST_V2 = 255.0  # RFC 3768 §5.3.7: eight bits of seconds


@record(frozen=True, slots=True)
class Transport:
    """Where the advertisements of an instance travel; `group` is None in unicast.

    `interface` is None only in unicast without one.  `source` is the configured one.  `hop_limit` None is the
    kernel's own.
    """

    family: int
    interface: str | None
    group: Address | None
    peers: tuple[UnicastPeer, ...] = ()
    source: Address | None = None
    hop_limit: int | None = packet.TTL

    @property
    def unicast(self) -> bool:
        """Whether advertisements go to peers, and not to a group."""
        return self.group is None


@record(frozen=True, slots=True)
class Identity:
    """What makes an instance the same one after a reload (keepalived: the name is not part of it)."""

    vrid: int
    family: int
    interface: str | None
    group: Address | None
    source: Address | None


def transport(router: VirtualRouter, defs: GlobalDefs) -> Transport:
    """Return how the advertisements of an instance travel."""
    family = family_of(router)
    interface = router.interface or defs.default_interface
    if not router.unicast_peers:
        defined: Address | None = defs.vrrp_mcast_group4 if family == 4 else defs.vrrp_mcast_group6
        group = router.multicast_group or defined or packet.GROUP[family]
        return Transport(family, interface, group, (), router.source)
    hop_limit = router.unicast_ttl or (packet.TTL if family == 4 else None)
    return Transport(family, interface, None, router.unicast_peers, router.source, hop_limit)


def identity(router: VirtualRouter, defs: GlobalDefs) -> Identity:
    """Return what makes an instance the same one after a reload."""
    way = transport(router, defs)
    return Identity(router.vrid, way.family, way.interface, way.group, way.source)


def base_priority(router: VirtualRouter) -> int:
    """Before tracking.  keepalived: `state MASTER` without a priority is an owner."""
    if router.priority is not None:
        return router.priority
    return OWNER if router.initial_state == "MASTER" else DEFAULT_PRIORITY


def effective_priority(router: VirtualRouter, adjustment: int) -> int:
    """An owner's priority never changes; anybody else's stays within 1 to 254."""
    base = base_priority(router)
    return OWNER if base == OWNER else min(max(base + adjustment, 1), OWNER - 1)


def interval_of(router: VirtualRouter, version: int) -> float:
    """Seconds, as the wire can carry them."""
    if version == 2:
        return min(max(float(round(router.advertisement_interval)), 1.0), LONGEST_V2)
    return min(max(round(router.advertisement_interval / STEP_V3) * STEP_V3, STEP_V3), LONGEST_V3)


def parameters(router: VirtualRouter, defs: GlobalDefs, primary: Address, adjustment: int = 0) -> Parameters:
    """`primary`: the source of our advertisements; `adjustment`: the sum of the weights that tracking adds."""
    version = version_of(router, defs)
    priority = effective_priority(router, adjustment)
    asserts = router.initial_state == "MASTER" or base_priority(router) == OWNER
    preempt = router.preempt or asserts
    quiet = router.lower_prio_no_advert
    polite = router.higher_prio_send_advert
    return Parameters(
        priority=priority,
        primary=primary,
        advertisement_interval=interval_of(router, version),
        version=version,
        preempt=preempt,
        preempt_delay=router.preempt_delay if preempt and router.initial_state != "MASTER" else 0.0,
        starts_active=router.initial_state == "MASTER",
        down_adverts=router.down_timer_adverts or defs.vrrp_down_timer_adverts or DOWN_ADVERTS,
        advertise_to_lower=not (defs.vrrp_lower_prio_no_advert if quiet is None else quiet),
        advertise_to_higher=defs.vrrp_higher_prio_send_advert if polite is None else polite,
    )


def advertised(router: VirtualRouter, version: int, mtu: int = 0) -> tuple[Address, ...]:
    """The addresses in the advertisement: those of the instance's family that fit (keepalived excludes the rest).

    `mtu`: of the interface in bytes, 0 where there is none.
    """
    family = family_of(router)
    most = capacity(family, version, mtu)
    return tuple(a.address for a in router.addresses if a.address.version == family)[:most]


def not_advertised(router: VirtualRouter, carried: tuple[Address, ...], interface: str | None, mtu: int) -> str:
    """Which addresses an advertisement has no room for, in a sentence for the log; "" when it has."""
    family = family_of(router)
    rest = [a.address for a in router.addresses if a.address.version == family][len(carried) :]
    if not rest:
        return ""
    where = f"over {interface} with its MTU of {mtu}" if interface else f"with an MTU of {USUAL_MTU}"
    more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
    return f"an advertisement {where} carries {len(carried)} addresses: {rest[0]}{more} will be set but not advertised"


def password(router: VirtualRouter, defs: GlobalDefs) -> bytes | None:
    """Version 2 with PASS: eight bytes; otherwise None (version 3 has no authentication)."""
    if router.authentication is None or router.authentication.kind != "PASS" or version_of(router, defs) != 2:
        return None
    return packet.padded(router.authentication.password.encode())


def advertisement(
    router: VirtualRouter, defs: GlobalDefs, vr: Parameters, priority: int, mtu: int = 0
) -> packet.Advertisement:
    """What to send with `priority` over a link of `mtu` bytes."""
    secret = password(router, defs)
    addresses = advertised(router, vr.version, mtu)
    return packet.Advertisement(vr.version, router.vrid, priority, vr.advertisement_interval, addresses, secret)


def pseudo_header(router: VirtualRouter, defs: GlobalDefs) -> bool:
    """Whether the checksum of version 3 covers the pseudo-header (RFC 9568 §5.2.8)."""
    as_v2 = defs.v3_checksum_as_v2 if router.checksum_as_v2 is None else router.checksum_as_v2
    return not as_v2


def primary_address(
    index: int, family: int, table: Mapping[AddressKey, Assignment], virtual: frozenset[Address]
) -> Address | None:
    """The interface's own address: IPv4 the first that is no virtual and no secondary one, IPv6 the link-local one.

    An address that is still tentative cannot be sent from.
    """
    here = [(key.address, a) for key, a in table.items() if key.index == index and key.address not in virtual]
    if family == 6:
        usable = (address for address, a in here if isinstance(address, IPv6Address) and address.is_link_local)
        ready = {address for address, a in here if not a.tentative and not a.dad_failed}
        return next((address for address in usable if address in ready), None)
    own = [(address, a) for address, a in here if isinstance(address, IPv4Address)]
    return next((address for address, a in own if not a.secondary), own[0][0] if own else None)


def remarks(router: VirtualRouter, defs: GlobalDefs) -> list[str]:
    """What was asked for and is done differently, in sentences for the log."""
    found: list[str] = []
    version = version_of(router, defs)
    master = router.initial_state == "MASTER"
    if not router.preempt and (master or base_priority(router) == OWNER):
        found.append("nopreempt has no effect with state MASTER or priority 255")
    if router.preempt_delay and (master or not router.preempt):
        found.append("preempt_delay has no effect with state MASTER or nopreempt")
    if version == 3 and (router.version or defs.vrrp_version) == 2:
        found.append("IPv6 needs version 3, version 2 is not used")
    if version == 3 and router.authentication is not None:
        found.append("version 3 has no authentication, it is not used")
    if abs(interval_of(router, version) - router.advertisement_interval) > 1e-6:
        was, used = router.advertisement_interval, interval_of(router, version)
        found.append(f"advert_int {was:g} cannot be sent in version {version}, {used:g} is used")
    if not router.addresses:
        found.append("no virtual_ipaddress")
    return found
