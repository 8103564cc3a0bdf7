# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance means: RFC 9568 §6.1, and what keepalived makes of contradictions."""

from dataclasses import replace
from ipaddress import IPv4Address, ip_address

import pytest
from lvsd.conf.family import version_of
from lvsd.kernel.rtnl_types import AddressFlags, AddressKey, Assignment
from lvsd.model import Authentication, GlobalDefs, UnicastPeer, VirtualAddress, VirtualRouter
from lvsd.vrrp import packet
from lvsd.vrrp.parameters import (
    advertised,
    advertisement,
    identity,
    interval_of,
    parameters,
    password,
    primary_address,
    pseudo_header,
    remarks,
    transport,
)

OWN = ip_address("192.0.2.2")
PEER = UnicastPeer(ip_address("192.0.2.1"))
DEFS = GlobalDefs()
PASS = Authentication("PASS", "secret12")


def vips(*texts):
    return tuple(
        VirtualAddress(address=ip_address(text), prefix_length=ip_address(text).max_prefixlen) for text in texts
    )


VI = VirtualRouter(name="VI_1", vrid=51, interface="eth0", addresses=vips("192.0.2.100"))
VI6 = replace(VI, addresses=vips("fe80::100"))


def test_defaults():
    vr = parameters(VI, DEFS, OWN)
    assert (vr.version, vr.priority, vr.advertisement_interval, vr.preempt, vr.down_adverts) == (2, 100, 1.0, True, 3)
    assert not vr.starts_active
    assert vr.advertise_to_lower
    assert not vr.advertise_to_higher
    assert vr.primary == OWN


# case, words of the instance, globals, field, value
EFFECTIVE = [
    ("state MASTER without a priority is an owner", {"initial_state": "MASTER"}, {}, "priority", 255),
    ("with one it is not", {"initial_state": "MASTER", "priority": 150}, {}, "priority", 150),
    ("state MASTER starts early", {"initial_state": "MASTER", "priority": 150}, {}, "starts_active", True),
    ("nopreempt", {"preempt": False}, {}, "preempt", False),
    ("nopreempt beside MASTER has no effect", {"preempt": False, "initial_state": "MASTER", "priority": 9}, {},
     "preempt", True),
    ("nopreempt beside 255 has no effect", {"preempt": False, "priority": 255}, {}, "preempt", True),
    ("preempt_delay", {"preempt_delay": 7.5}, {}, "preempt_delay", 7.5),
    ("preempt_delay beside nopreempt has no effect", {"preempt_delay": 7.5, "preempt": False}, {}, "preempt_delay", 0),
    ("preempt_delay beside MASTER has no effect", {"preempt_delay": 7.5, "initial_state": "MASTER", "priority": 9}, {},
     "preempt_delay", 0),
    ("the version is global", {}, {"vrrp_version": 3}, "version", 3),
    ("the instance knows better", {"version": 2}, {"vrrp_version": 3}, "version", 2),
    ("adverts until down, global", {}, {"vrrp_down_timer_adverts": 5}, "down_adverts", 5),
    ("adverts until down", {"down_timer_adverts": 2}, {"vrrp_down_timer_adverts": 5}, "down_adverts", 2),
    ("lower_prio_no_advert, global", {}, {"vrrp_lower_prio_no_advert": True}, "advertise_to_lower", False),
    ("lower_prio_no_advert off", {"lower_prio_no_advert": False}, {"vrrp_lower_prio_no_advert": True},
     "advertise_to_lower", True),
    ("higher_prio_send_advert", {"higher_prio_send_advert": True}, {}, "advertise_to_higher", True),
]  # fmt: skip


@pytest.mark.parametrize(("case", "words", "defs", "field", "value"), EFFECTIVE)
def test_effective_values(case, words, defs, field, value):
    assert getattr(parameters(replace(VI, **words), GlobalDefs(**defs), OWN), field) == value


@pytest.mark.parametrize(("base", "adjustment", "effective"), [
    (100, 20, 120), (100, -20, 80), (100, -200, 1), (100, 200, 254), (254, 1, 254), (255, -100, 255), (None, 5, 105),
])  # fmt: skip
def test_tracking_moves_the_priority_within_its_bounds(base, adjustment, effective):
    assert parameters(replace(VI, priority=base), DEFS, OWN, adjustment).priority == effective


@pytest.mark.parametrize(("version", "asked", "used"), [
    (2, 1.0, 1.0), (2, 0.1, 1.0), (2, 1.6, 2.0), (2, 300.0, 255.0),
    (3, 1.0, 1.0), (3, 0.01, 0.01), (3, 0.001, 0.01), (3, 0.125, 0.12), (3, 100.0, 40.95),
])  # fmt: skip
def test_an_interval_is_what_the_wire_can_carry(version, asked, used):
    router = replace(VI, version=version, advertisement_interval=asked)
    assert interval_of(router, version) == pytest.approx(used)
    assert bool(remarks(router, DEFS)) == (asked != used)


def test_ipv6_is_version_3():
    assert version_of(replace(VI6, version=2), DEFS) == 3
    assert "IPv6 needs version 3" in remarks(replace(VI6, version=2), DEFS)[0]


def test_multicast_goes_to_the_group():
    assert transport(VI, DEFS).group == packet.GROUP[4]
    assert transport(VI6, DEFS).group == packet.GROUP[6]
    other = IPv4Address("224.0.0.99")
    assert transport(VI, GlobalDefs(vrrp_mcast_group4=other)).group == other
    assert transport(replace(VI, multicast_group=other), DEFS).group == other
    assert transport(replace(VI, interface=None), GlobalDefs(default_interface="eth7")).interface == "eth7"


def test_unicast_goes_to_the_peers():
    way = transport(replace(VI, unicast_peers=(PEER,), source=OWN), DEFS)
    assert (way.unicast, way.peers, way.source, way.hop_limit) == (True, (PEER,), OWN, 255)
    assert transport(replace(VI, unicast_peers=(PEER,), unicast_ttl=64), DEFS).hop_limit == 64
    peer6 = UnicastPeer(ip_address("2001:db8::1"))
    assert transport(replace(VI6, unicast_peers=(peer6,)), DEFS).hop_limit is None


@pytest.mark.parametrize(("words", "family"), [
    ({"unicast_peers": (UnicastPeer(ip_address("2001:db8::1")),)}, 6),
    ({"source": ip_address("fe80::1")}, 6),
    ({"multicast_group": ip_address("ff02::77")}, 6),
    ({"excluded_addresses": vips("fe80::1")}, 4),  # as keepalived
])  # fmt: skip
def test_what_decides_about_the_family_when_there_is_no_address(words, family):
    bare = replace(VI, addresses=(), **words)
    assert transport(bare, DEFS).family == family
    assert version_of(bare, DEFS) == (3 if family == 6 else 2)


def test_the_wire_has_the_first_eight_bytes_of_a_password():
    for written, sent in [("1234567é", b"1234567\xc3"), ("a\\\\b", b"a\\\\b\0\0\0\0"), ("pa'ss", b"pa'ss\0\0\0")]:
        assert password(replace(VI, authentication=replace(PASS, password=written)), DEFS) == sent


SAME = {"name": "other", "priority": 7, "addresses": vips("192.0.2.9"), "advertisement_interval": 3.0, "preempt": False}
OTHER = {"vrid": 52, "interface": "eth1", "source": OWN, "unicast_peers": (PEER,), "addresses": vips("fe80::1")}


@pytest.mark.parametrize("field", SAME)
def test_what_may_change_in_place(field):
    assert identity(replace(VI, **{field: SAME[field]}), DEFS) == identity(VI, DEFS)


@pytest.mark.parametrize("field", OTHER)
def test_what_makes_another_instance(field):
    assert identity(replace(VI, **{field: OTHER[field]}), DEFS) != identity(VI, DEFS)


def test_peers_may_change_in_place():
    one = replace(VI, unicast_peers=(PEER,))
    two = replace(VI, unicast_peers=(PEER, UnicastPeer(ip_address("192.0.2.7"))))
    assert identity(one, DEFS) == identity(two, DEFS)


def test_advertised_addresses_are_of_one_family_and_fit():
    mixed = replace(VI, addresses=vips("192.0.2.1", "2001:db8::1", "192.0.2.2"), excluded_addresses=vips("192.0.2.3"))
    assert advertised(mixed, 2) == (ip_address("192.0.2.1"), ip_address("192.0.2.2"))


# what keepalived 2.2.7, 2.3.3 and 2.3.4 put into an advertisement when they had 300 addresses
@pytest.mark.parametrize(("family", "version", "mtu", "most"), [
    (4, 2, 1500, 255), (4, 3, 1500, 255), (4, 2, 1280, 255), (4, 3, 1280, 255), (4, 2, 576, 131), (4, 3, 576, 133),
    (4, 3, 9000, 255), (6, 3, 1500, 89), (6, 3, 1280, 76), (6, 3, 9000, 255), (4, 2, 0, 255), (6, 3, 0, 89),
    (4, 2, 40, 0),
])  # fmt: skip
def test_as_many_addresses_fit_as_keepalived_sends(family, version, mtu, most):
    texts = [f"10.0.{n // 250}.{n % 250}" if family == 4 else f"2001:db8::{n + 1:x}" for n in range(300)]
    router = replace(VI, version=version, addresses=vips(*texts))
    assert list(map(str, advertised(router, version, mtu))) == texts[:most]
    assert len(advertisement(router, DEFS, parameters(router, DEFS, OWN), 100, mtu).addresses) == most


def test_a_password_is_for_version_2():
    assert password(replace(VI, authentication=PASS), DEFS) == b"secret12"
    assert password(replace(VI, authentication=replace(PASS, password="short")), DEFS) == b"short\0\0\0"
    assert password(replace(VI, authentication=PASS, version=3), DEFS) is None
    assert password(replace(VI, authentication=replace(PASS, kind="AH")), DEFS) is None


def test_the_advertisement():
    router = replace(VI, authentication=PASS)
    advert = advertisement(router, DEFS, parameters(router, DEFS, OWN), 0)
    assert advert == packet.Advertisement(2, 51, 0, 1.0, (ip_address("192.0.2.100"),), b"secret12")


def test_the_checksum_form():
    assert pseudo_header(VI, DEFS)
    assert not pseudo_header(VI, GlobalDefs(v3_checksum_as_v2=True))
    assert pseudo_header(replace(VI, checksum_as_v2=False), GlobalDefs(v3_checksum_as_v2=True))


def table(*rows):
    return {
        AddressKey(index, ip_address(text), 24): Assignment(state=AddressFlags[state] if state else AddressFlags(0))
        for index, text, state in rows
    }


@pytest.mark.parametrize(("family", "rows", "primary"), [
    (4, [(2, "192.0.2.1", "")], "192.0.2.1"),
    (4, [(3, "192.0.2.1", "")], None),
    (4, [(2, "192.0.2.100", ""), (2, "192.0.2.1", "SECONDARY")], "192.0.2.1"),  # the first is virtual
    (4, [(2, "192.0.2.5", "SECONDARY"), (2, "192.0.2.1", "")], "192.0.2.1"),
    (4, [(2, "fe80::1", "")], None),
    (6, [(2, "2001:db8::1", ""), (2, "fe80::1", "")], "fe80::1"),
    (6, [(2, "fe80::1", "TENTATIVE")], None),
    (6, [(2, "fe80::1", "DADFAILED"), (2, "fe80::2", "")], "fe80::2"),
    (6, [(2, "fe80::100", ""), (2, "fe80::2", "")], "fe80::2"),
])  # fmt: skip
def test_the_primary_address_of_an_interface(family, rows, primary):
    virtual = frozenset({ip_address("192.0.2.100"), ip_address("fe80::100")})
    found = primary_address(2, family, table(*rows), virtual)
    assert found == (None if primary is None else ip_address(primary))


@pytest.mark.parametrize(("words", "remark"), [
    ({"preempt": False, "priority": 255}, "nopreempt"),
    ({"preempt_delay": 1.0, "preempt": False}, "preempt_delay"),
    ({"version": 3, "authentication": PASS}, "authentication"),
    ({"addresses": ()}, "no virtual_ipaddress"),
])  # fmt: skip
def test_what_is_done_differently_is_said(words, remark):
    assert [remark in found for found in remarks(replace(VI, **words), DEFS)] == [True]
    assert remarks(VI, DEFS) == []
