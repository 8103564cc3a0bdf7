# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS answers, as Linux 6.1 gave them to what `ipvsadm` had set; and every object comes back as it was asked for."""

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel import ipvs_decode as answers
from lvsd.kernel import ipvs_encode as requests
from lvsd.kernel.ipvs_types import (
    NOT_A_PREFIX,
    Destination,
    DestinationKey,
    ForwardingMethod,
    Service,
    ServiceKey,
    TunnelFlags,
    TunnelType,
    normal,
)
from lvsd.kernel.netlink import BadMessage, attribute, attributes, generic, nested
from lvsd.kernel.uapi import DestAttr, IpvsAttr, IpvsCmd, SvcAttr

WEB = ServiceKey.at(ip_address("192.0.2.10"), 80)
DNS = ServiceKey.at(ip_address("2001:db8::1"), 53, "UDP")
MARK = ServiceKey.marked(7, 6)

# --- golden: what Linux 6.1 answered -------------------------------------------------------------------

SERVICES = [
    # ipvsadm -A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0
    (
        "01010000540001000600010002000000060002000600000014000300c000020a000000000000000000000000060004000050000008000600"
        "777272000c00070003000000ffffffff080008002c01000008000900ffffff00",
        WEB,
        Service("wrr", persistence_timeout=300, persistence_netmask=24),
    ),
    # ipvsadm -A -u [2001:db8::1]:53 -s sh -o -b sh-port
    (
        "01010000540001000600010"
        + "00a00000006000200110000001400030020010db8000000000000000000000001060004000035000007"
        "000600736800000c00070016000000ffffffff08000800000000000800090080000000",
        DNS,
        Service("sh", one_packet=True, flag_2=True),
    ),
    # ipvsadm -A -f 7 -6 -s rr -p 60 -M 64
    (
        "0101000038000100060001000a000000080005000700000007000600727200000c00070003000000ffffffff080008003c00000008000900"
        "40000000",
        MARK,
        Service("rr", persistence_timeout=60, persistence_netmask=64),
    ),
]


@pytest.mark.parametrize(("answer", "key", "service"), SERVICES, ids=["tcp", "udp6", "fwmark"])
def test_a_service_as_the_kernel_gives_it(answer, key, service):
    assert answers.decode_service(bytes.fromhex(answer)) == (key, service)


DESTINATIONS = [
    # ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11:8080 -m -w 2 -x 100 -y 50
    (
        WEB,
        "0501000078000200140001000a00000b000000000000000000000000060002001f9000000800030000000000080004000200000005000d00"
        "0000000006000e000000000006000f0000000000080005006400000008000600320000000800070003000000080008000400000008000900"
        "0500000006000b0002000000",
        (IPv4Address("10.0.0.11"), 8080),
        Destination(ForwardingMethod.MASQUERADE, 2, 100, 50),
        (3, 4, 5),
    ),
    # ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.12 -i --tun-type gue --tun-port 5555 --tun-csum
    (
        WEB,
        "0501000078000200140001000a00000c00000000000000000000000006000200005000000800030002000000080004000100000005000d00"
        "0100000006000e0015b3000006000f0001000000080005000000000008000600000000000800070000000000080008000000000008000900"
        "0000000006000b0002000000",
        (IPv4Address("10.0.0.12"), 80),
        Destination(
            ForwardingMethod.TUNNEL, 1, tunnel_type=TunnelType.GUE, tunnel_port=5555, tunnel_flags=TunnelFlags.CSUM
        ),
        (0, 0, 0),
    ),
    # ipvsadm -a -u [2001:db8::1]:53 -r [2001:db8::11]:53 -g
    (
        DNS,
        "05010000780002001400010020010db800000000000000000000001106000200003500000800030003000000080004000100000005000d00"
        "0000000006000e000000000006000f0000000000080005000000000008000600000000000800070000000000080008000000000008000900"
        "0000000006000b000a000000",
        (IPv6Address("2001:db8::11"), 53),
        Destination(ForwardingMethod.DIRECT, 1),
        (0, 0, 0),
    ),
]


@pytest.mark.parametrize(
    ("service", "answer", "where", "destination", "counts"), DESTINATIONS, ids=["masquerade", "gue", "direct6"]
)
def test_a_destination_as_the_kernel_gives_it(service, answer, where, destination, counts):
    expected = DestinationKey(service, *where), destination, counts
    payload = bytes.fromhex(answer)
    assert answers.decode_destination(service, payload) == expected
    assert answers.decode_destination(service, reordered(payload)) == expected


def reordered(payload: bytes) -> bytes:
    """The same attributes, backwards: a layout that the fast way does not know."""
    found = attributes(attributes(payload, 4)[IpvsAttr.DEST])
    backwards = b"".join(attribute(kind, value) for kind, value in reversed(found.items()))
    return payload[:4] + attribute(IpvsAttr.DEST, backwards)


@pytest.mark.parametrize(("service", "answer"), [row[:2] for row in DESTINATIONS])
def test_the_usual_layout_is_read_the_fast_way(service, answer, monkeypatch):
    monkeypatch.delattr(answers, "walk_destination")
    answers.decode_destination(service, bytes.fromhex(answer))


def test_an_answer_about_something_else_is_no_destination():
    payload = bytearray.fromhex(DESTINATIONS[0][1])
    payload[6] = IpvsAttr.DAEMON
    with pytest.raises(BadMessage, match=r"IPVS destination of 192\.0\.2\.10:80/TCP"):
        answers.decode_destination(WEB, bytes(payload))


def test_an_old_kernel_says_neither_tunnel_nor_family():
    found = attributes(attributes(bytes.fromhex(DESTINATIONS[0][1]), 4)[IpvsAttr.DEST])
    unknown = {DestAttr.TUN_TYPE, DestAttr.TUN_PORT, DestAttr.TUN_FLAGS, DestAttr.ADDR_FAMILY}
    old = generic(5, 1, nested(2, [attribute(kind, value) for kind, value in found.items() if kind not in unknown]))
    expected = DestinationKey(WEB, IPv4Address("10.0.0.11"), 8080), Destination(ForwardingMethod.MASQUERADE, 2, 100, 50)
    assert answers.decode_destination(WEB, old)[:2] == expected


# --- properties ------------------------------------------------------------------------------------------

PORTS = st.integers(0, 65535)
ADDRESSES = st.ip_addresses()
U32 = st.integers(0, 0xFFFFFFFF)
KEYS = st.one_of(
    st.builds(ServiceKey.at, ADDRESSES, PORTS, st.sampled_from(["TCP", "UDP", "SCTP"])),
    st.builds(ServiceKey.marked, st.integers(1, 0xFFFFFFFF), st.sampled_from([4, 6])),
)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=15)
DESTINATION_VALUES = st.builds(
    Destination,
    forwarding=st.sampled_from(ForwardingMethod),
    weight=st.integers(0, 65535),
    upper_threshold=U32,
    lower_threshold=U32,
    tunnel_type=st.sampled_from(TunnelType),
    tunnel_port=PORTS,
    tunnel_flags=st.sampled_from(TunnelFlags),
)


@st.composite
def services(draw):
    key = draw(KEYS)
    service = Service(
        scheduler=draw(NAMES),
        persistence_timeout=draw(st.one_of(st.just(0), st.integers(1, 2**31))),
        persistence_netmask=draw(st.one_of(st.none(), st.integers(1, 32 if key.family == 4 else 128))),
        persistence_engine=draw(st.sampled_from(["", "sip"])),
        one_packet=draw(st.booleans()),
        flag_1=draw(st.booleans()),
        flag_2=draw(st.booleans()),
        flag_3=draw(st.booleans()),
    )
    return key, normal(key, service)


@given(services())
def test_a_service_comes_back(pair):
    assert answers.decode_service(requests.service_message(IpvsCmd.NEW_SERVICE, *pair)) == pair


@given(KEYS, ADDRESSES, PORTS, DESTINATION_VALUES)
def test_a_destination_comes_back(service, address, port, destination):
    key = DestinationKey(service, address, port)
    message = requests.destination_message(requests.destination_head(IpvsCmd.NEW_DEST, service), key, destination)
    payload = generic(5, 1, nested(IpvsAttr.DEST, [attributes(message, 4)[IpvsAttr.DEST]]))
    assert answers.decode_destination(service, payload) == (key, destination, (0, 0, 0))


@given(st.binary(max_size=150), st.integers(0, 250), st.integers(0, 255))
def test_noise_is_rejected_with_the_declared_error(noise, at, byte):
    spoiled = bytearray.fromhex(DESTINATIONS[1][1])
    spoiled[at % len(spoiled)] = byte
    for payload in (noise, bytes(4) + noise, bytes(spoiled), bytes(spoiled[: at % 130])):
        for read in (answers.decode_service, lambda p: answers.decode_destination(WEB, p)):
            try:
                read(payload)
            except BadMessage:
                pass


# --- masks -------------------------------------------------------------------------------------------------


def test_what_is_left_of_a_persistence_that_is_off_does_not_count():
    key, service = answers.decode_service(bytes.fromhex(SERVICES[1][0]).replace(b"\x80\0\0\0", b"\x40\0\0\0"))
    assert (key, service) == SERVICES[1][1:]


@pytest.mark.parametrize(
    ("family", "mask", "length"),
    [
        pytest.param(4, "ffffffff", None, id="the whole address"),
        pytest.param(4, "fffffffe", 31, id="all but one bit"),
        pytest.param(4, "00000000", 0, id="all clients"),
        pytest.param(4, "00ffffff", NOT_A_PREFIX, id="the wrong way round"),
        pytest.param(4, "ff00ff00", NOT_A_PREFIX, id="with holes"),
        pytest.param(4, "7fffffff", NOT_A_PREFIX, id="without the first bit"),
        pytest.param(6, "00000080", None, id="the whole IPv6 address"),
        pytest.param(6, "00000000", 0, id="all IPv6 clients"),
    ],
)
def test_a_mask_is_read_as_its_length(family, mask, length):
    sent = bytes.fromhex(mask) if family == 4 else int(mask, 16).to_bytes(4, sys.byteorder)
    assert answers.prefix_length(family, sent) == length


@pytest.mark.parametrize("size", [0, 3, 5, 16])
def test_a_mask_of_another_size_is_rejected_with_its_size(size):
    with pytest.raises(ValueError, match=f"netmask of {size} bytes"):
        answers.prefix_length(4, bytes(size))


# --- what is left out, and what is unknown --------------------------------------------------------------------


def without(payload, outer, kind):
    """The same answer, but for one attribute."""
    found = attributes(attributes(payload, 4)[outer])
    return payload[:4] + nested(outer, [attribute(number, value) for number, value in found.items() if number != kind])


@pytest.mark.parametrize(
    "kind", [SvcAttr.AF, SvcAttr.PROTOCOL, SvcAttr.ADDR, SvcAttr.PORT, SvcAttr.SCHED_NAME, SvcAttr.FLAGS]
)
def test_a_service_that_lacks_a_part_is_rejected(kind):
    with pytest.raises(BadMessage, match=r"^IPVS service: KeyError"):
        answers.decode_service(without(bytes.fromhex(SERVICES[0][0]), IpvsAttr.SERVICE, kind))


@pytest.mark.parametrize(
    "kind", [DestAttr.ADDR, DestAttr.PORT, DestAttr.FWD_METHOD, DestAttr.WEIGHT, DestAttr.U_THRESH]
)
def test_a_destination_that_lacks_a_part_is_rejected_with_its_service(kind):
    with pytest.raises(BadMessage, match=r"^IPVS destination of 192\.0\.2\.10:80/TCP: KeyError"):
        answers.decode_destination(WEB, without(bytes.fromhex(DESTINATIONS[0][1]), IpvsAttr.DEST, kind))


@pytest.mark.parametrize("reading", ["the fast way", "in any order"])
def test_a_forwarding_method_that_is_unknown_is_rejected(reading):
    payload = bytes.fromhex(DESTINATIONS[0][1]).replace(
        bytes.fromhex("0800030000000000"), bytes.fromhex("0800030007000000")
    )
    with pytest.raises(BadMessage, match="7 is not a valid ForwardingMethod"):
        answers.decode_destination(WEB, payload if reading == "the fast way" else reordered(payload))


def test_a_protocol_without_a_name_is_its_number():
    payload = bytes.fromhex(SERVICES[0][0]).replace(bytes.fromhex("060002000600"), bytes.fromhex("060002002f00"))
    key, _ = answers.decode_service(payload)
    assert (key.protocol, str(key)) == ("47", "192.0.2.10:80/47")


def test_destinations_that_are_set_alike_are_one_object():
    first, again = (answers.decode_destination(WEB, bytes.fromhex(DESTINATIONS[0][1]))[1] for _ in range(2))
    assert first is again
