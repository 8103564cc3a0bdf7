# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the kernel did not take an address, and what to do about it.  Pure."""

from __future__ import annotations

from errno import EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENOBUFS, ENODEV, EOPNOTSUPP, EPERM

from lvsd.kernel.netlink import Refusal
from lvsd.kernel.rtnl_types import AddressKey

SMALLEST_IPV6_MTU = 1280  # RFC 8200 §5
CONFLICT = "another host has it (duplicate address detection failed): find that host, and remove the address there"


def explanation(key: AddressKey, refusal: Refusal, interface: str) -> str:
    """The kernel's reason, then what helps; net/ipv4/devinet.c, net/ipv6/addrconf.c say when it gives which."""
    helps = remedy(key, refusal.code, interface)
    return f"{refusal.reason}: {helps}" if helps else refusal.reason


def remedy(key: AddressKey, code: int, interface: str) -> str:
    """What to do; "" where the reason says it all."""
    if code == ENODEV:
        return f"{interface} is gone"
    if code == EPERM:
        return "lvsd needs CAP_NET_ADMIN"
    if key.address.version == 4:
        return "its scope, label or broadcast address is not one of this kernel's" if code == EINVAL else ""
    if code == EACCES:
        return f"`sysctl net.ipv6.conf.{interface}.disable_ipv6=0`, and the same for `all`"
    if code in (EAFNOSUPPORT, EOPNOTSUPP):
        return "this kernel runs without IPv6: remove ipv6.disable=1 from its command line"
    if code in (ENOBUFS, EADDRNOTAVAIL, EINVAL):
        return f"is the MTU of {interface} below {SMALLEST_IPV6_MTU}, or IPv6 off there?"
    return ""
