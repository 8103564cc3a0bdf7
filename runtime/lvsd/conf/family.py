# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The family of an instance and of a service, and the version of VRRP: validation and workers both go by them."""

from __future__ import annotations

from lvsd.model import Forwarding, GlobalDefs, RealServer, SorryServer, VirtualRouter, VirtualServer


def family_of(router: VirtualRouter) -> int:
    """4 or 6: that of the first virtual address, else of the peers, the source or the group, else 4 (keepalived)."""
    named = [a.address for a in router.addresses[:1]] + [p.address for p in router.unicast_peers[:1]]
    named += [a for a in (router.source, router.multicast_group) if a is not None]
    return named[0].version if named else 4


def version_of(router: VirtualRouter, defs: GlobalDefs) -> int:
    """2 unless asked otherwise; IPv6 is always 3 (RFC 9568)."""
    return 3 if family_of(router) == 6 else router.version or defs.vrrp_version or 2


def service_family(service: VirtualServer) -> int:
    """4 or 6; a mark whose family is not said takes it from its servers, as in keepalived.

    From the first that is no tunnel; where all are tunnels, which can cross, from all of them if they are alike, the
    sorry server among them.
    """
    if service.address is not None:
        return service.address.version
    if service.ip_family is not None:
        return 6 if service.ip_family == "inet6" else 4
    sorry = () if service.sorry_server is None else (service.sorry_server,)
    servers = (*service.real_servers, *sorry)
    bound = (s.address.version for s in servers if (s.method or service.method).forwarding is not Forwarding.TUN)
    alike = {server.address.version for server in servers}
    return next(bound, alike.pop() if len(alike) == 1 else 4)


def fits_family(value: VirtualServer, server: RealServer | SorryServer) -> bool:
    """Whether a service can forward to a server of this family: the same one, or any through a tunnel."""
    method = server.method or value.method
    return method.forwarding is Forwarding.TUN or server.address.version == service_family(value)
