# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many addresses an advertisement carries.  Pure.

RFC 9568 §5.2.5 counts them in eight bits, and an advertisement is one packet of the link.  Both routers must come to
the same number, because keepalived before 2.3.3 discards a list of another length: so this is keepalived's arithmetic,
measured on 2.2.7, 2.3.3 and 2.3.4.  It leaves 16 bytes more than the headers of RFC 9568 §5 and RFC 3768 §5 take.
"""

from __future__ import annotations

MOST_ADDRESSES = 255
USUAL_MTU = 1500  # of Ethernet, and where there is no interface to ask
TAKEN = {(4, 2): 52, (4, 3): 44, (6, 3): 64}
"""Bytes of the MTU that no address gets, by family and version."""
WIDTH = {4: 4, 6: 16}  # bytes of an address


def capacity(family: int, version: int, mtu: int = USUAL_MTU) -> int:
    """The number of addresses that fit into an advertisement; `mtu` in bytes, 0 where it is not known."""
    room = (mtu or USUAL_MTU) - TAKEN[family, version]
    return max(0, min(MOST_ADDRESSES, room // WIDTH[family]))
