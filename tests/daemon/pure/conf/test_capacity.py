# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An advertisement carries as many addresses as keepalived puts into one, and it fits into the link."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.conf.capacity import MOST_ADDRESSES, TAKEN, capacity
from lvsd.vrrp.packet import Advertisement, encode

PROTOCOLS = sorted(TAKEN)
IP_HEADER = {4: 20, 6: 40}
HOST = {4: "192.0.2.1", 6: "2001:db8::1"}


@pytest.mark.parametrize(
    ("family", "version", "mtu", "most"),
    [
        (4, 2, 1500, 255),
        (4, 3, 1500, 255),
        (6, 3, 1500, 89),
        (6, 3, 0, 89),
        (4, 2, 0, 255),
        (6, 3, 1280, 76),
        (6, 3, 9000, 255),
        (4, 2, 1072, 255),
        (4, 2, 1071, 254),
        (4, 3, 1064, 255),
        (4, 3, 1063, 254),
        (4, 2, 56, 1),
        (4, 2, 55, 0),
        (4, 2, 1, 0),
        (6, 3, 65, 0),
    ],
)
def test_the_number_of_addresses_of_one_advertisement(family: int, version: int, mtu: int, most: int) -> None:
    assert capacity(family, version, mtu) == most


@given(st.sampled_from(PROTOCOLS), st.integers(68, 65535))
def test_an_advertisement_that_is_full_fits_into_the_link(protocol: tuple[int, int], mtu: int) -> None:
    family, version = protocol
    most = capacity(family, version, mtu)
    assert 0 <= most <= MOST_ADDRESSES
    host = ip_address(HOST[family])
    advert = Advertisement(version=version, vrid=1, priority=100, interval=100, addresses=(host,) * most)
    assert IP_HEADER[family] + len(encode(advert, host, host)) <= mtu
