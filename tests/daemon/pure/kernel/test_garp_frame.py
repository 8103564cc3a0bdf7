# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gratuitous ARP and unsolicited Neighbor Advertisement: frames both ways, and noise."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel.garp_frame import Announcement, BadFrame, checksum, decode, encode

MAC = bytes.fromhex("02000000000a")
ARP = Announcement(ip_address("192.0.2.100"), MAC)
ND = Announcement(ip_address("2001:db8::100"), MAC, router=True)

ARP_FRAME = (
    "ffffffffffff 02000000000a 0806"  # to everybody
    "0001 0800 06 04 0001"  # Ethernet, IPv4, request
    "02000000000a c0000264 ffffffffffff c0000264"
)
ND_FRAME = (
    "333300000001 02000000000a 86dd"  # to all nodes
    "60000000 0020 3a ff"  # 32 bytes of ICMPv6, hop limit 255
    "20010db8000000000000000000000100 ff020000000000000000000000000001"
    "88 00 7723 a0000000"  # advertisement: Router, Override
    "20010db8000000000000000000000100 02 01 02000000000a"
)


@pytest.mark.parametrize(("announcement", "frame"), [(ARP, ARP_FRAME), (ND, ND_FRAME)], ids=["arp", "nd"])
def test_the_frame_that_keepalived_sends(announcement, frame):
    assert encode(announcement) == bytes.fromhex(frame)
    assert decode(bytes.fromhex(frame)) == announcement


def test_the_checksum_covers_the_pseudo_header():
    frame = bytes.fromhex(ND_FRAME)
    source, target, body = frame[22:38], frame[38:54], frame[54:]
    assert checksum(source + target + (32).to_bytes(4, "big") + (58).to_bytes(4, "big") + body) == 0


@given(st.ip_addresses(), st.binary(min_size=6, max_size=6), st.booleans(), st.integers(0, 20))
def test_an_announcement_comes_back_even_padded(address, mac, router, padding):
    announcement = Announcement(address, mac, router and address.version == 6)
    assert decode(encode(announcement) + bytes(padding)) == announcement


@given(st.binary(max_size=100))
def test_noise_is_rejected_with_the_declared_error(noise):
    for frame in (noise, bytes(12) + b"\x08\x06" + noise, bytes(12) + b"\x86\xdd" + noise):
        with pytest.raises(BadFrame):
            decode(frame)


@pytest.mark.parametrize("announcement", [ARP, ND], ids=["arp", "nd"])
def test_every_byte_counts(announcement):
    frame = encode(announcement)
    irrelevant = (
        range(14, 18) if announcement is ND else ()
    )  # version is in the upper half; traffic class and flow label
    for at in set(range(len(frame))) - set(irrelevant):
        spoiled = bytearray(frame)
        spoiled[at] ^= 0x01
        with pytest.raises(BadFrame):
            decode(bytes(spoiled))
