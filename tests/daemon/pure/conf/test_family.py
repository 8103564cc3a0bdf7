# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The family and the version of an instance follow from what it names first."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd.conf.family import family_of, version_of
from lvsd.model import GlobalDefs, UnicastPeer, VirtualAddress, VirtualRouter

FOUR, SIX = ip_address("192.0.2.1"), ip_address("2001:db8::1")
GROUP4, GROUP6 = ip_address("224.0.0.18"), ip_address("ff02::12")


def address(value: Any) -> VirtualAddress:
    return VirtualAddress(address=value, prefix_length=value.max_prefixlen)


def router(**fields: Any) -> VirtualRouter:
    return VirtualRouter(name="V", vrid=1, **fields)


@pytest.mark.parametrize(
    ("fields", "family"),
    [
        ({}, 4),
        ({"addresses": (address(SIX),)}, 6),
        ({"addresses": (address(FOUR), address(SIX))}, 4),
        ({"addresses": (address(SIX), address(FOUR))}, 6),
        ({"addresses": (address(FOUR),), "unicast_peers": (UnicastPeer(SIX),)}, 4),
        ({"unicast_peers": (UnicastPeer(SIX), UnicastPeer(FOUR))}, 6),
        ({"unicast_peers": (UnicastPeer(FOUR),), "source": SIX}, 4),
        ({"source": SIX, "multicast_group": GROUP4}, 6),
        ({"multicast_group": GROUP6}, 6),
        ({"excluded_addresses": (address(SIX),)}, 4),
        ({"version": 3}, 4),
    ],
    ids=[
        "nothing",
        "an address",
        "the first address, IPv4",
        "the first address, IPv6",
        "an address before a peer",
        "the first peer",
        "a peer before the source",
        "the source before the group",
        "the group",
        "no excluded address",
        "no version",
    ],
)
def test_the_family_is_that_of_the_first_that_is_named(fields: dict[str, Any], family: int) -> None:
    assert family_of(router(**fields)) == family


@pytest.mark.parametrize(
    ("own", "globally", "family", "version"),
    [
        (None, None, 4, 2),
        (3, None, 4, 3),
        (None, 3, 4, 3),
        (2, 3, 4, 2),
        (3, 2, 4, 3),
        (None, None, 6, 3),
        (2, None, 6, 3),
        (None, 2, 6, 3),
    ],
)
def test_the_version_is_the_instance_s_then_the_global_one_then_2_and_3_for_ipv6(
    own: int | None, globally: int | None, family: int, version: int
) -> None:
    fields = {"addresses": (address(FOUR if family == 4 else SIX),), "version": own}
    assert version_of(router(**fields), GlobalDefs(vrrp_version=globally)) == version
