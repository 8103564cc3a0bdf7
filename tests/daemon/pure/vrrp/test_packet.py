# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 9568 §5.2 and §7.1, RFC 3768 §5.3, and packets captured from keepalived 2.2.7."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.vrrp.packet import GROUP, Advertisement, BadPacket, Reason, checksum, decode, encode, pseudo

SOURCE = IPv4Address("192.0.2.1")
PEER = IPv4Address("192.0.2.2")
LINK_LOCAL = IPv6Address("fe80::24c4:8ff:fe58:a96d")
GROUP4, GROUP6 = GROUP[4], GROUP[6]
SECRET = b"secret12"


def addresses(*texts):
    return tuple(map(ip_address, texts))


V2 = Advertisement(2, 51, 100, 1.0, addresses("192.0.2.100"))
V3 = Advertisement(3, 51, 100, 0.5, addresses("192.0.2.100"))
V3_TWO = Advertisement(3, 51, 100, 0.5, addresses("192.0.2.100", "192.0.2.101"))
V6 = Advertisement(3, 51, 100, 1.0, addresses("fe80::100", "2001:db8::100"))
V6_BYTES = "31 33 64 02 00 64 68 74" + V6.addresses[0].packed.hex() + V6.addresses[1].packed.hex()
NONE = " 00 00 00 00 00 00 00 00"

# case, advertisement, source, target, pseudo-header, bytes: captured from keepalived 2.2.7 but for "as v2" (computed)
VECTORS = [
    ("v2, no authentication", V2, SOURCE, GROUP4, True, "21 33 64 01 00 01 b8 65 c0 00 02 64" + NONE),
    ("v2, release", replace(V2, priority=0), SOURCE, GROUP4, True, "21 33 00 01 00 01 1c 66 c0 00 02 64" + NONE),
    ("v2, password", replace(V2, password=SECRET), SOURCE, GROUP4, True,
     "21 33 64 01 01 01 49 e7 c0 00 02 64 73 65 63 72 65 74 31 32"),
    ("v3, multicast", V3_TWO, SOURCE, GROUP4, True, "31 33 64 02 00 32 43 39 c0 00 02 64 c0 00 02 65"),
    ("v3, unicast", V3, SOURCE, PEER, True, "31 33 64 01 00 32 23 b4 c0 00 02 64"),
    ("v3, multicast, as v2", V3_TWO, SOURCE, GROUP4, False, "31 33 64 02 00 32 e5 cd c0 00 02 64 c0 00 02 65"),
    ("v3, unicast, as v2", V3, SOURCE, PEER, False, "31 33 64 01 00 32 a8 34 c0 00 02 64"),
    ("v3, IPv6", V6, LINK_LOCAL, GROUP6, True, V6_BYTES),
]  # fmt: skip


@pytest.mark.parametrize(("case", "adv", "source", "target", "pseudo", "expected"), VECTORS)
def test_golden_vectors(case, adv, source, target, pseudo, expected):
    message = bytes.fromhex(expected)
    assert encode(adv, source, target, pseudo_header=pseudo) == message
    assert decode(message, source, target) == adv


def test_a_unicast_packet_summed_with_the_group_address_is_accepted():
    assert decode(encode(V3, SOURCE, GROUP4), SOURCE, PEER) == V3


def test_a_packet_summed_with_another_destination_is_not():
    with pytest.raises(BadPacket) as refused:
        decode(encode(V3, SOURCE, IPv4Address("192.0.2.9")), SOURCE, PEER)
    assert refused.value.reason is Reason.CHECKSUM


def test_version_2_has_no_pseudo_header():
    summed = encode(V2, SOURCE, GROUP4)
    assert checksum(summed) == 0
    assert decode(summed, SOURCE, PEER) == V2


def test_version_2_summed_with_a_pseudo_header_is_refused():
    message = bytearray(encode(V2, SOURCE, GROUP4))
    message[6:8] = bytes(2)
    total = checksum(pseudo(SOURCE, GROUP4, len(message), True) + bytes(message))
    message[6:8] = total.to_bytes(2, "big")
    with pytest.raises(BadPacket, match="checksum"):
        decode(bytes(message), SOURCE, GROUP4)


def test_the_reserved_bits_of_version_3_are_ignored():
    """RFC 9568 §5.2.6."""
    message = bytearray(encode(V3, SOURCE, GROUP4, pseudo_header=False))
    message[4] |= 0xF0
    message[6:8] = bytes(2)
    message[6:8] = checksum(bytes(message)).to_bytes(2, "big")
    assert decode(bytes(message), SOURCE, GROUP4) == V3


def test_ipv6_needs_the_pseudo_header():
    with pytest.raises(BadPacket, match="checksum"):
        decode(encode(V6, LINK_LOCAL, GROUP6), LINK_LOCAL, IPv6Address("fe80::1"))


def test_an_empty_password_is_still_a_password():
    adv = replace(V2, password=bytes(8))
    assert encode(adv, SOURCE, GROUP4)[4] == 1
    assert decode(encode(adv, SOURCE, GROUP4), SOURCE, GROUP4) == adv


@pytest.mark.parametrize("padding", [1, 4, 14])
def test_the_padding_of_a_short_ethernet_frame_is_cut_off(padding):
    assert decode(encode(V3, SOURCE, GROUP4) + bytes(padding), SOURCE, GROUP4) == V3


def with_byte(at, value, adv=V3):
    message = bytearray(encode(adv, SOURCE, GROUP4))
    message[at] = value
    return bytes(message)


# RFC 9568 §7.1, and the reason that is counted
BAD = [
    (b"", Reason.LENGTH),
    (encode(V3, SOURCE, GROUP4)[:7], Reason.LENGTH),
    (encode(V3, SOURCE, GROUP4)[:-1], Reason.LENGTH),
    (encode(V3, SOURCE, GROUP4) + bytes(15), Reason.LENGTH),
    (encode(V2, SOURCE, GROUP4)[:-8], Reason.LENGTH),
    (with_byte(3, 2), Reason.LENGTH),
    (with_byte(0, 0x11), Reason.VERSION),
    (with_byte(0, 0x41), Reason.VERSION),
    (with_byte(0, 0x32), Reason.TYPE),
    (with_byte(2, 101), Reason.CHECKSUM),
    (with_byte(2, 101, V2), Reason.CHECKSUM),
    (with_byte(4, 2, V2), Reason.AUTHENTICATION_UNKNOWN),
    (with_byte(4, 9, V2), Reason.AUTHENTICATION_UNKNOWN),
]


@pytest.mark.parametrize(("message", "reason"), BAD)
def test_a_bad_packet_says_why(message, reason):
    with pytest.raises(BadPacket) as refused:
        decode(message, SOURCE, GROUP4)
    assert refused.value.reason is reason
    assert str(refused.value)


v4 = st.ip_addresses(v=4)
v6 = st.ip_addresses(v=6)
lists4 = st.lists(v4, max_size=20).map(tuple)
lists6 = st.lists(v6, max_size=20).map(tuple)
seconds = st.integers(1, 255).map(float)
centiseconds = st.integers(1, 4095).map(lambda n: n / 100)
vrids = st.integers(1, 255)
priorities = st.integers(0, 255)
passwords = st.none() | st.binary(min_size=8, max_size=8)
adverts2 = st.builds(Advertisement, st.just(2), vrids, priorities, seconds, lists4, passwords)
adverts3 = st.builds(Advertisement, st.just(3), vrids, priorities, centiseconds, lists4)
adverts6 = st.builds(Advertisement, st.just(3), vrids, priorities, centiseconds, lists6)


@given(st.one_of(adverts2, adverts3), v4, v4, st.booleans())
def test_what_is_encoded_is_decoded(adv, source, target, pseudo):
    assert decode(encode(adv, source, target, pseudo_header=pseudo), source, target) == adv


@given(adverts6, v6, v6)
def test_what_is_encoded_is_decoded_over_ipv6(adv, source, target):
    assert decode(encode(adv, source, target), source, target) == adv


@given(st.binary(max_size=64))
def test_noise_is_rejected_and_never_crashes(noise):
    for source, target in ((SOURCE, GROUP4), (LINK_LOCAL, GROUP6)):
        try:
            adv = decode(noise, source, target)
        except BadPacket:
            continue
        assert noise[0] in (0x21, 0x31)
        assert len(adv.addresses) == noise[3]


@given(adverts3, st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_byte_is_noticed(adv, at, damage):
    message = bytearray(encode(adv, SOURCE, GROUP4))
    message[at % len(message)] ^= damage
    with pytest.raises(BadPacket):
        decode(bytes(message), SOURCE, GROUP4)
