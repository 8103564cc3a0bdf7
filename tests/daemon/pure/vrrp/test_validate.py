# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which advertisements count: RFC 9568 §7.1 in keepalived's order, a reason for each refusal."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from lvsd.model import Authentication, GlobalDefs, UnicastPeer, VirtualAddress, VirtualRouter
from lvsd.vrrp.fsm import Received
from lvsd.vrrp.packet import GROUP, Advertisement, BadPacket, Reason, encode
from lvsd.vrrp.parameters import parameters
from lvsd.vrrp.validate import Datagram, difference, differs, expectation, receive

OWN, PEER, STRANGER = map(ip_address, ("192.0.2.2", "192.0.2.1", "192.0.2.9"))
VIP, OTHER = map(ip_address, ("192.0.2.100", "192.0.2.101"))
DEFS = GlobalDefs()
VI = VirtualRouter(name="VI_1", vrid=51, interface="eth0", addresses=(VirtualAddress(address=VIP, prefix_length=24),))
V3 = replace(VI, version=3)
PASS = replace(VI, authentication=Authentication("PASS", "secret12"))
UNICAST = replace(VI, unicast_peers=(UnicastPeer(PEER),))
CHECKED = replace(UNICAST, check_unicast_source=True)
BOUNDED = replace(VI, unicast_peers=(UnicastPeer(PEER, 254, 255),))
ADVERT = Advertisement(2, 51, 150, 1.0, (VIP,))
ADVERT3 = replace(ADVERT, version=3)


def wanted(router):
    return expectation(router, DEFS, parameters(router, DEFS, OWN))


def datagram(advert, *, source=PEER, ttl=255, router=VI):
    target = OWN if router.unicast_peers else GROUP[4]
    return Datagram(source, target, ttl, encode(advert, source, target))


def packed(addresses):
    return b"".join(address.packed for address in addresses)


ROWS = [
    # case, instance, advertisement, source, TTL, reason (None: accepted)
    ("as it should be", VI, ADVERT, PEER, 255, None),
    ("version 3", V3, ADVERT3, PEER, 255, None),
    ("a router on the way", VI, ADVERT, PEER, 254, Reason.TTL),
    ("unicast may come from afar", UNICAST, ADVERT, PEER, 17, None),
    ("version 3 for a version 2 instance", VI, ADVERT3, PEER, 255, Reason.VERSION),
    ("version 2 for a version 3 instance", V3, ADVERT, PEER, 255, Reason.VERSION),
    ("another interval in version 2", VI, replace(ADVERT, interval=2.0), PEER, 255, Reason.INTERVAL),
    ("another interval in version 3", V3, replace(ADVERT3, interval=2.0), PEER, 255, None),
    ("no interval at all", V3, replace(ADVERT3, interval=0.0), PEER, 255, Reason.INTERVAL),
    ("the password", PASS, replace(ADVERT, password=b"secret12"), PEER, 255, None),
    ("another password", PASS, replace(ADVERT, password=b"secret13"), PEER, 255, Reason.AUTHENTICATION_FAILED),
    ("no password", PASS, ADVERT, PEER, 255, Reason.AUTHENTICATION_MISMATCH),
    ("a password for nothing", VI, replace(ADVERT, password=b"secret12"), PEER, 255, Reason.AUTHENTICATION_MISMATCH),
    ("a stranger, unchecked", UNICAST, ADVERT, STRANGER, 255, None),
    ("a stranger, checked", CHECKED, ADVERT, STRANGER, 255, Reason.SOURCE),
    ("a peer, checked", CHECKED, ADVERT, PEER, 255, None),
    ("a peer from too far away", BOUNDED, ADVERT, PEER, 253, Reason.TTL),
    ("bounds check the source too", BOUNDED, ADVERT, STRANGER, 255, Reason.SOURCE),
    ("ourselves", VI, ADVERT, OWN, 255, Reason.OWN_ADDRESS),
    ("other addresses are no reason", VI, replace(ADVERT, addresses=(VIP, OTHER)), PEER, 255, None),
]


@pytest.mark.parametrize(("case", "router", "advert", "source", "ttl", "reason"), ROWS)
def test_rfc_9568_7_1(case, router, advert, source, ttl, reason):
    packet = datagram(advert, source=source, ttl=ttl, router=router)
    if reason is None:
        assert receive(packet, wanted(router)) == (Received(source, 150, advert.interval), packed(advert.addresses))
        return
    with pytest.raises(BadPacket) as refused:
        receive(packet, wanted(router))
    assert refused.value.reason is reason
    assert "secret" not in str(refused.value)


def test_the_ttl_is_looked_at_before_the_contents():
    with pytest.raises(BadPacket) as refused:
        receive(Datagram(PEER, GROUP[4], 1, b""), wanted(VI))
    assert refused.value.reason is Reason.TTL


@pytest.mark.parametrize(("addresses", "words"), [
    ((VIP,), None),
    ((OTHER, VIP), "they have 192.0.2.101"),
    ((), "they lack 192.0.2.100"),
    ((OTHER,), "they have 192.0.2.101; they lack 192.0.2.100"),
])  # fmt: skip
def test_other_addresses_are_described(addresses, words):
    assert differs(packed(addresses), wanted(VI)) == (words is not None)
    assert difference(packed(addresses), wanted(VI)) == (words or "")


def test_the_same_addresses_in_another_order_are_the_same():
    two = replace(VI, addresses=tuple(VirtualAddress(address=one, prefix_length=24) for one in (VIP, OTHER)))
    assert not differs(packed((OTHER, VIP)), wanted(two))


def test_a_datagram_names_its_virtual_router():
    assert datagram(ADVERT).vrid == 51
    assert Datagram(PEER, OWN, 255, b"!").vrid is None
