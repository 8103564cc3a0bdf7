# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS requests, byte by byte as linux/ip_vs.h has them: what `ipvsadm` sends for the same."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel import ipvs_encode as requests
from lvsd.kernel.ipvs_types import Destination, DestinationKey, Service, ServiceKey, TunnelType
from lvsd.kernel.netlink import attributes
from lvsd.kernel.uapi import DestAttr, IpvsAttr, IpvsCmd, SvcAttr

WEB = ServiceKey.at(ip_address("192.0.2.10"), 80)
DNS = ServiceKey.at(ip_address("2001:db8::1"), 53, "UDP")
MARK = ServiceKey.marked(7, 6)


def test_a_service_request_holds_every_setting():
    assert requests.service_message(IpvsCmd.NEW_SERVICE, WEB, Service("wrr", 300, 24)).hex() == (
        "01010000540001800600010002000000060002000600000014000300c000020a0000000000000000000000000600040000500000"
        "08000600777272000c00070001000000ffffffff080008002c01000008000900ffffff00"
    )


def test_a_destination_request_holds_every_setting():
    key = DestinationKey(WEB, ip_address("10.0.0.11"), 8080)
    message = requests.destination_message(requests.destination_head(IpvsCmd.NEW_DEST, WEB), key, Destination(weight=2))
    assert message.hex() == (
        "05010000300001800600010002000000060002000600000014000300c000020a0000000000000000000000000600040000500000"
        "60000280140001000a00000b000000000000000000000000060002001f90000006000b000200000008000300000000000800040002000000"
        "0800050000000000080006000000000005000d000000000006000e000000000006000f0000000000"
    )


def test_to_remove_it_is_enough_to_say_which():
    asked = attributes(requests.service_message(IpvsCmd.DEL_SERVICE, MARK), 4)[IpvsAttr.SERVICE]
    assert asked == requests.identity(MARK) == bytes.fromhex("060001000a0000000800050007000000")
    key = DestinationKey(WEB, ip_address("10.0.0.11"), 8080)
    request = requests.destination_message(requests.destination_head(IpvsCmd.DEL_DEST, WEB), key)
    assert set(attributes(attributes(request, 4)[IpvsAttr.DEST])) == {
        DestAttr.ADDR,
        DestAttr.PORT,
        DestAttr.ADDR_FAMILY,
    }


def said(key, service):
    """The attributes of a service in a request."""
    return attributes(attributes(requests.service_message(IpvsCmd.SET_SERVICE, key, service), 4)[IpvsAttr.SERVICE])


@pytest.mark.parametrize(
    ("family", "length", "mask"),
    [
        pytest.param(4, None, bytes.fromhex("ffffffff"), id="the whole address"),
        pytest.param(4, 32, bytes.fromhex("ffffffff"), id="32 bits are the whole address, too"),
        pytest.param(4, 24, bytes.fromhex("ffffff00"), id="network order"),
        pytest.param(4, 31, bytes.fromhex("fffffffe"), id="the last bit"),
        pytest.param(4, 1, bytes.fromhex("80000000"), id="the first bit"),
        pytest.param(4, 0, bytes.fromhex("00000000"), id="all clients are one"),
        pytest.param(6, None, struct.pack("=I", 128), id="IPv6 is a length, in the order of the host"),
        pytest.param(6, 64, struct.pack("=I", 64), id="a length of IPv6"),
        pytest.param(6, 0, struct.pack("=I", 0), id="all clients of IPv6"),
    ],
)
def test_a_mask_is_bits_for_ipv4_and_a_length_for_ipv6(family, length, mask):
    assert requests.netmask(family, length) == mask


@pytest.mark.parametrize(("family", "length"), [(4, 33), (4, -1), (4, 64), (6, 129), (6, -1)])
def test_a_mask_that_the_family_does_not_have_is_refused_with_its_length(family, length):
    with pytest.raises(ValueError, match=f"^a mask of {length} bits for IPv{family} clients$"):
        requests.netmask(family, length)


@pytest.mark.parametrize(
    ("service", "bits"),
    [
        pytest.param(Service(), 0x00, id="none"),
        pytest.param(Service(persistence_timeout=1), 0x01, id="persistent"),
        pytest.param(Service(one_packet=True), 0x04, id="one packet"),
        pytest.param(Service(flag_1=True), 0x08, id="flag 1 of the scheduler"),
        pytest.param(Service(flag_2=True), 0x10, id="flag 2 of the scheduler"),
        pytest.param(Service(flag_3=True), 0x20, id="flag 3 of the scheduler"),
        pytest.param(Service("sh", 300, None, "", True, True, True, True), 0x3D, id="all of them"),
    ],
)
def test_each_setting_has_its_bit_and_all_bits_are_set_or_cleared(service, bits):
    assert said(WEB, service)[SvcAttr.FLAGS] == struct.pack("=II", bits, 0xFFFFFFFF)


def test_a_persistence_engine_is_named_only_where_there_is_one():
    assert SvcAttr.PE_NAME not in said(WEB, Service("rr", 60))
    assert said(WEB, Service("rr", 60, persistence_engine="sip"))[SvcAttr.PE_NAME] == b"sip\0"


@pytest.mark.parametrize(("name", "number"), [("TCP", 6), ("UDP", 17), ("SCTP", 132), ("47", 47), (None, 0), ("", 0)])
def test_a_protocol_is_a_name_or_a_number(name, number):
    assert requests.protocol_number(name) == number


def test_a_protocol_without_a_number_is_an_error():
    with pytest.raises(ValueError, match="DCCP"):
        requests.protocol_number("DCCP")


def test_ports_are_in_the_order_of_the_network_and_addresses_take_16_bytes():
    key = DestinationKey(DNS, ip_address("10.0.0.11"), 0x1F90)
    head = requests.destination_head(IpvsCmd.SET_DEST, DNS)
    tunnel = Destination(tunnel_type=TunnelType.GUE, tunnel_port=0x15B3)
    found = attributes(attributes(requests.destination_message(head, key, tunnel), 4)[IpvsAttr.DEST])
    assert found[DestAttr.PORT] == b"\x1f\x90"
    assert found[DestAttr.TUN_PORT] == b"\x15\xb3"
    assert found[DestAttr.ADDR] == bytes([10, 0, 0, 11]) + bytes(12)
    assert found[DestAttr.ADDR_FAMILY] == struct.pack("=H", 2)  # its own, not that of the service


@given(st.integers().filter(lambda n: not -(2**31) <= n < 2**32))
def test_a_number_that_does_not_fit_is_an_error_and_not_another_number(number):
    key = DestinationKey(WEB, ip_address("10.0.0.11"), 80)
    head = requests.destination_head(IpvsCmd.NEW_DEST, WEB)
    for how in (Destination(weight=number), Destination(upper_threshold=number), Destination(lower_threshold=number)):
        with pytest.raises(struct.error):
            requests.destination_message(head, key, how)
    with pytest.raises(struct.error):
        requests.settings(4, Service("rr", number))
    with pytest.raises(OverflowError):
        requests.identity(ServiceKey.at(ip_address("192.0.2.10"), number))
