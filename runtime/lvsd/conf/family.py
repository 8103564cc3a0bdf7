# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which protocol an instance speaks: what its checks and the worker that runs it both go by."""

from __future__ import annotations

from lvsd.model import GlobalDefs, VirtualRouter


def family_of(router: VirtualRouter) -> int:
    """4 or 6: that of the first virtual address, else of the peers, the source or the group, else 4 (keepalived)."""
    named = [a.address for a in router.addresses[:1]] + [p.address for p in router.unicast_peers[:1]]
    named += [a for a in (router.source, router.multicast_group) if a is not None]
    return named[0].version if named else 4


def version_of(router: VirtualRouter, defs: GlobalDefs) -> int:
    """2 unless asked otherwise; IPv6 is always 3 (RFC 9568)."""
    return 3 if family_of(router) == 6 else router.version or defs.vrrp_version or 2
