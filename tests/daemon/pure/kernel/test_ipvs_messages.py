# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPVS objects <-> the attributes of linux/ip_vs.h. The answers were given by Linux 6.1 to what `ipvsadm` had set."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel import ipvs_decode as answers
from lvsd.kernel import ipvs_encode as requests
from lvsd.kernel.ipvs import (
    Destination,
    DestinationKey,
    ForwardingMethod,
    Ipvs,
    Service,
    ServiceKey,
    Timeouts,
    TunnelFlags,
    TunnelType,
    normal,
)
from lvsd.kernel.ipvs_types import NOT_A_PREFIX
from lvsd.kernel.netlink import BadMessage, NetlinkError, attribute, attributes, generic, nested
from lvsd.kernel.uapi import DestAttr, IpvsAttr, IpvsCmd
from lvsd.reconcile import changes

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


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_timeouts_come_back(tcp, fin, udp):
    wanted = Timeouts(tcp, fin, udp)
    assert answers.decode_timeouts(requests.timeouts_message(wanted)) == wanted


@given(st.binary(max_size=150), st.integers(0, 250), st.integers(0, 255))
def test_noise_is_rejected_with_the_declared_error(noise, at, byte):
    spoiled = bytearray.fromhex(DESTINATIONS[1][1])
    spoiled[at % len(spoiled)] = byte
    for payload in (noise, bytes(4) + noise, bytes(spoiled), bytes(spoiled[: at % 130])):
        for read in (answers.decode_service, answers.decode_timeouts, lambda p: answers.decode_destination(WEB, p)):
            try:
                read(payload)
            except BadMessage:
                pass


# --- the normal form and the names -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "wanted", "form"),
    [
        (WEB, Service("rr", 60, 32), Service("rr", 60)),
        (WEB, Service("rr", 60, 24), Service("rr", 60, 24)),
        (DNS, Service("rr", 60, 128), Service("rr", 60)),
        (DNS, Service("rr", 60, 32), Service("rr", 60, 32)),
        (WEB, Service("rr", 0, 24), Service("rr")),
    ],
)
def test_a_mask_that_changes_nothing_is_no_mask(key, wanted, form):
    assert normal(key, wanted) == form


def test_a_mask_with_holes_is_equal_to_no_prefix():
    assert answers.prefix_length(4, bytes([255, 0, 255, 0])) == NOT_A_PREFIX


def test_what_is_left_of_a_persistence_that_is_off_does_not_count():
    key, service = answers.decode_service(bytes.fromhex(SERVICES[1][0]).replace(b"\x80\0\0\0", b"\x40\0\0\0"))
    assert (key, service) == SERVICES[1][1:]


def test_keys_are_named_as_operators_name_them():
    assert [str(key) for key in (WEB, DNS, MARK)] == ["192.0.2.10:80/TCP", "[2001:db8::1]:53/UDP", "fwmark 7/IPv6"]
    key = DestinationKey(WEB, ip_address("2001:db8::11"), 8080)
    assert (key.endpoint, str(key)) == ("[2001:db8::11]:8080", "[2001:db8::11]:8080 of 192.0.2.10:80/TCP")


# --- what cannot be said ---------------------------------------------------------------------------------


class Obliging:
    """A kernel that takes everything; it keeps what it was asked."""

    def __init__(self) -> None:
        self.requests = []

    def batch(self, requests):
        self.requests += requests
        return []

    def ask(self, request):
        return generic(1, 1, attribute(1, b"\x1a\0"))  # the number of the family

    def dump(self, request):
        return []


def test_what_has_no_place_in_a_message_is_refused_and_the_rest_is_done():
    kernel = Obliging()
    bad, good = ServiceKey.marked(7), ServiceKey.marked(8)
    there, heavy = (DestinationKey(good, ip_address(f"10.0.0.{n}"), 80) for n in (11, 12))
    services = {bad: Service("rr", 60, 64), good: Service("rr")}
    destinations = {DestinationKey(bad, ip_address("10.0.0.11"), 80): Destination(), there: Destination()}
    with pytest.raises(NetlinkError) as raised:
        Ipvs(kernel).apply(changes({}, services), changes({}, {**destinations, heavy: Destination(weight=1 << 40)}))
    assert [subject for subject, _ in raised.value.refusals] == [
        "service fwmark 7/IPv4",
        "destination 10.0.0.12:80 of fwmark 8/IPv4",
    ]
    assert "a mask of 64 bits for IPv4 clients" in str(raised.value)
    assert len(kernel.requests) == 3
