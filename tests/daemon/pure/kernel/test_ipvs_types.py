# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys and values of an IPVS table: equal where the kernel means the same, and named as operators name them."""

import copy
import pickle
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel.ipvs_types import (
    Destination,
    DestinationKey,
    ForwardingMethod,
    Service,
    ServiceKey,
    Table,
    TunnelFlags,
    TunnelType,
    endpoint,
    normal,
)

WEB = ServiceKey.at(ip_address("192.0.2.10"), 80)
DNS = ServiceKey.at(ip_address("2001:db8::1"), 53, "UDP")
MARK = ServiceKey.marked(7, 6)


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


def test_keys_are_named_as_operators_name_them():
    assert [str(key) for key in (WEB, DNS, MARK)] == ["192.0.2.10:80/TCP", "[2001:db8::1]:53/UDP", "fwmark 7/IPv6"]
    key = DestinationKey(WEB, ip_address("2001:db8::11"), 8080)
    assert (key.endpoint, str(key)) == ("[2001:db8::11]:8080", "[2001:db8::11]:8080 of 192.0.2.10:80/TCP")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(ServiceKey.at(ip_address("192.0.2.10"), 81), id="port"),
        pytest.param(ServiceKey.at(ip_address("192.0.2.10"), 80, "UDP"), id="protocol"),
        pytest.param(ServiceKey.at(ip_address("192.0.2.11"), 80), id="address"),
        pytest.param(ServiceKey.at(IPv6Address(int(IPv4Address("192.0.2.10"))), 80), id="family of the same number"),
        pytest.param(ServiceKey.marked(80), id="mark"),
        pytest.param(("TCP", "192.0.2.10", 80), id="no key at all"),
    ],
)
def test_services_differ_by_each_part_of_their_key(other):
    assert other != WEB
    assert other not in {WEB: None}


def test_the_mark_of_one_family_is_not_that_of_the_other():
    assert ServiceKey.marked(7, 4) != ServiceKey.marked(7, 6)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(DestinationKey(WEB, ip_address("10.0.0.11"), 81), id="port"),
        pytest.param(DestinationKey(WEB, ip_address("10.0.0.12"), 80), id="address"),
        pytest.param(DestinationKey(WEB, IPv6Address(int(IPv4Address("10.0.0.11"))), 80), id="family"),
        pytest.param(DestinationKey(DNS, ip_address("10.0.0.11"), 80), id="service"),
        pytest.param(WEB, id="no destination at all"),
    ],
)
def test_destinations_differ_by_each_part_of_their_key(other):
    key = DestinationKey(WEB, ip_address("10.0.0.11"), 80)
    assert other != key
    assert other not in {key: None}


ADDRESSES = st.ip_addresses()
PORTS = st.integers(0, 65535)
KEYS = st.one_of(
    st.builds(ServiceKey.at, ADDRESSES, PORTS, st.sampled_from(["TCP", "UDP", "SCTP"])),
    st.builds(ServiceKey.marked, st.integers(1, 0xFFFFFFFF), st.sampled_from([4, 6])),
)


@given(KEYS, ADDRESSES, PORTS)
def test_equal_keys_are_one_key_however_they_were_made(service, address, port):
    again = ServiceKey(service.family, service.protocol, service.address, service.port, service.fwmark)
    key, same = DestinationKey(service, address, port), DestinationKey(again, ip_address(str(address)), port)
    assert (again, hash(again), str(again)) == (service, hash(service), str(service))
    assert (same, hash(same), str(same)) == (key, hash(key), str(key))
    for copied in (copy.deepcopy(key), pickle.loads(pickle.dumps(key)), replace(key, port=port)):
        assert {key: "held"}[copied] == "held"


@given(KEYS, KEYS)
def test_keys_are_equal_exactly_where_their_names_are(one, other):
    assert (one == other) is (str(one) == str(other))


@given(
    KEYS, st.builds(Service, persistence_timeout=st.integers(0, 9), persistence_netmask=st.none() | st.integers(0, 128))
)
def test_the_normal_form_of_a_normal_form_is_itself_and_only_the_mask_may_differ(key, service):
    form = normal(key, service)
    assert normal(key, form) == form
    assert replace(form, persistence_netmask=None) == replace(service, persistence_netmask=None)
    assert form.persistent or form.persistence_netmask is None


def test_a_service_is_persistent_from_the_first_second():
    assert [Service(persistence_timeout=seconds).persistent for seconds in (0, 1, 2**31)] == [False, True, True]


@pytest.mark.parametrize(
    ("address", "text"), [("10.0.0.11", "10.0.0.11:0"), ("::", "[::]:0"), ("::ffff:10.0.0.11", "[::ffff:a00:b]:0")]
)
def test_an_endpoint_has_brackets_where_a_colon_would_mislead(address, text):
    assert endpoint(ip_address(address), 0) == text


def test_the_numbers_are_those_of_the_kernel():
    """linux/ip_vs.h: IP_VS_CONN_F_*, IP_VS_CONN_F_TUNNEL_TYPE_*, IP_VS_TUNNEL_ENCAP_FLAG_*."""
    assert {method.name: int(method) for method in ForwardingMethod} == {
        "MASQUERADE": 0,
        "LOCAL": 1,
        "TUNNEL": 2,
        "DIRECT": 3,
        "BYPASS": 4,
    }
    assert [TunnelType.IPIP, TunnelType.GUE, TunnelType.GRE] == [0, 1, 2]
    assert [TunnelFlags.NOCSUM, TunnelFlags.CSUM, TunnelFlags.REMCSUM] == [0, 1, 2]


def test_no_two_tables_share_what_they_hold():
    one, other = Table(), Table()
    one.services[WEB] = Service()
    one.destinations[DestinationKey(WEB, ip_address("10.0.0.11"), 80)] = Destination()
    assert other == Table({}, {})
