# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What helps where the kernel does not take an address."""

import errno
import os
from ipaddress import ip_address

import pytest
from lvsd.kernel.netlink import Refusal
from lvsd.kernel.rtnl_types import AddressKey
from lvsd.vrrp.address_refusal import explanation, remedy

V4, V6 = (AddressKey(2, ip_address(text), 32) for text in ("192.0.2.1", "2001:db8::1"))
GONE, RIGHTS = "eth0 is gone", "lvsd needs CAP_NET_ADMIN"
OFF = "`sysctl net.ipv6.conf.eth0.disable_ipv6=0`, and the same for `all`"
WITHOUT = "this kernel runs without IPv6: remove ipv6.disable=1 from its command line"
MTU = "is the MTU of eth0 below 1280, or IPv6 off there?"
SCOPE = "its scope, label or broadcast address is not one of this kernel's"
ROWS = [
    (V4, errno.ENODEV, GONE), (V6, errno.ENODEV, GONE),
    (V4, errno.EPERM, RIGHTS), (V6, errno.EPERM, RIGHTS),
    (V4, errno.EINVAL, SCOPE), (V6, errno.EINVAL, MTU),
    (V4, errno.EACCES, ""), (V6, errno.EACCES, OFF),
    (V4, errno.EAFNOSUPPORT, ""), (V6, errno.EAFNOSUPPORT, WITHOUT),
    (V4, errno.EOPNOTSUPP, ""), (V6, errno.EOPNOTSUPP, WITHOUT),
    (V4, errno.ENOBUFS, ""), (V6, errno.ENOBUFS, MTU), (V6, errno.EADDRNOTAVAIL, MTU),
    (V6, errno.ENOMEM, ""), (V4, 0, ""), (V6, 99999, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "code", "helps"),
    ROWS,
    ids=[f"IPv{key.address.version} {errno.errorcode.get(code, code)}" for key, code, _ in ROWS],
)
def test_each_refusal_has_what_helps_behind_the_kernel_s_reason(key: AddressKey, code: int, helps: str) -> None:
    reason = os.strerror(code)
    assert remedy(key, code, "eth0") == helps
    assert explanation(key, Refusal(0, code, reason), "eth0") == (f"{reason}: {helps}" if helps else reason)
