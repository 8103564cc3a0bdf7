# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a link and an address are to us, and which addresses the kernel takes along with another."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lvsd.kernel.rtnl_types import (
    ASKED_IPV4,
    ASKED_IPV6,
    FOREVER,
    AddressFlags,
    AddressKey,
    Ageing,
    Assignment,
    Link,
    LinkFlags,
    Scope,
    companions,
    normal,
    virtual,
)

VIP = AddressKey(3, ip_address("192.0.2.100"), 24)
VIP6 = AddressKey(3, ip_address("2001:db8::100"), 128)

# --- links ------------------------------------------------------------------------------------------------

UP, RUNNING, NOARP, LOOPBACK = LinkFlags.UP, LinkFlags.RUNNING, LinkFlags.NOARP, LinkFlags.LOOPBACK


@pytest.mark.parametrize(
    ("flags", "running", "arp"),
    [
        pytest.param(UP | RUNNING, True, True, id="up and running"),
        pytest.param(UP, False, True, id="no carrier"),
        pytest.param(RUNNING, False, True, id="taken down by the administrator"),
        pytest.param(UP | RUNNING | NOARP, True, False, id="no neighbours to announce to"),
        pytest.param(UP | RUNNING | LOOPBACK, True, False, id="loopback"),
        pytest.param(LinkFlags(0), False, True, id="nothing"),
    ],
)
def test_a_link_runs_when_it_is_up_and_running_and_has_neighbours_unless_it_says_otherwise(flags, running, arp):
    link = Link(3, "eth0", flags)
    assert (link.running, link.arp) == (running, arp)


# --- addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "asked", "flags", "lifetime"),
    [
        (VIP6, Assignment(), AddressFlags.NODAD, 0),
        (VIP6, Assignment(preferred_lifetime=30), AddressFlags.NODAD, 30),
        (AddressKey(3, VIP6.address, 64), Assignment(), AddressFlags.NODAD, FOREVER),
        (VIP, Assignment(), AddressFlags(0), FOREVER),
        (VIP, Assignment(preferred_lifetime=0), AddressFlags(0), 0),
        (VIP, Assignment(preferred_lifetime=30), AddressFlags(0), FOREVER),
    ],
)
def test_virtual_addresses_as_keepalived_sets_them(key, asked, flags, lifetime):
    _, assignment = virtual(key, asked)
    assert (assignment.flags, assignment.preferred_lifetime) == (flags, lifetime)


def test_ipv6_knows_no_label_broadcast_or_scope():
    asked = Assignment(Scope.LINK, "eth0:1", IPv4Address("192.0.2.255"), flags=AddressFlags.NOPREFIXROUTE)
    assert normal(VIP6, asked) == Assignment(flags=AddressFlags.NOPREFIXROUTE)


def test_a_running_lifetime_is_equal_whatever_is_left_of_it():
    assert Assignment(preferred_lifetime=30) == Assignment(preferred_lifetime=7)
    assert len({Assignment(preferred_lifetime=life) for life in (0, 1, 30, FOREVER)}) == 3
    assert Assignment(preferred_lifetime=0).ageing is Ageing.DEPRECATED


def test_a_key_is_the_address_on_one_interface_with_one_length():
    assert AddressKey(3, ip_address("192.0.2.100"), 24) == VIP
    others = {AddressKey(4, VIP.address, 24), AddressKey(3, VIP.address, 25), AddressKey(3, VIP6.address, 24)}
    assert VIP not in others
    assert str(VIP6) == "2001:db8::100/128 on interface 3"


@st.composite
def assignments(draw):
    """Any address, set in any way that can be asked for."""
    version = draw(st.sampled_from([4, 6]))
    key = AddressKey(1, draw(st.ip_addresses(v=version)), draw(st.integers(0, 32 if version == 4 else 128)))
    return key, Assignment(
        scope=draw(st.sampled_from(Scope)),
        label=draw(st.sampled_from(["", "eth0:1"])),
        broadcast=draw(st.none() | st.ip_addresses(v=4)),
        flags=AddressFlags(draw(st.integers(0, 0xFFF))),
        preferred_lifetime=draw(st.sampled_from([0, 30, FOREVER])),
    )


@given(assignments())
def test_the_normal_form_is_reached_at_once_and_asks_for_what_can_be_asked_for(pair):
    key, assignment = pair
    form = normal(key, assignment)
    assert normal(key, form) == form
    assert not form.flags & ~(ASKED_IPV4 if key.address.version == 4 else ASKED_IPV6)
    assert key.address.version == 4 or (form.label, form.broadcast, form.scope) == ("", None, Scope.GLOBAL)


@given(assignments())
def test_a_virtual_address_is_in_its_normal_form_and_stays_what_it_is(pair):
    key, form = virtual(*pair)
    assert (key, normal(key, form), virtual(key, form)[1]) == (pair[0], form, form)
    assert bool(form.flags & AddressFlags.NODAD) is (key.address.version == 6)


# --- companions -------------------------------------------------------------------------------------------


def at(last, length=24, index=3):
    return AddressKey(index, IPv4Address(f"192.0.2.{last}"), length)


def held(*keys):
    """What an interface holds, in the kernel's order: the first of a network is its primary address."""
    return {key: Assignment() for key in keys}


@pytest.mark.parametrize(
    ("removed", "there", "taken"),
    [
        pytest.param([at(1)], [at(1), at(2), at(3)], [at(2), at(3)], id="the primary takes the others along"),
        pytest.param([at(2)], [at(1), at(2), at(3)], [], id="a secondary goes alone"),
        pytest.param([at(1), at(2)], [at(1), at(2), at(3)], [at(3)], id="what is removed itself is not set again"),
        pytest.param([at(1)], [at(1), at(2, 25)], [], id="another prefix length is another network"),
        pytest.param([at(1, 25)], [at(1, 25), at(129, 25), at(2, 25)], [at(2, 25)], id="the other half of a network"),
        pytest.param([at(1)], [at(1), at(2, index=4)], [], id="another interface"),
        pytest.param([at(1)], [at(2), at(1)], [], id="the order of the kernel says which is primary"),
        pytest.param([at(9)], [at(1), at(2)], [], id="what is not there takes nothing along"),
        pytest.param([at(1, 32)], [at(1, 32), at(2, 32)], [], id="a host is a network of its own"),
        pytest.param([at(1, 0)], [at(1, 0), at(2, 0)], [at(2, 0)], id="a network of everything"),
        pytest.param([VIP6], [VIP6, AddressKey(3, ip_address("2001:db8::101"), 128)], [], id="IPv6 knows no primary"),
        pytest.param([], [at(1), at(2)], [], id="nothing is removed"),
    ],
)
def test_with_the_primary_address_of_a_network_the_others_go(removed, there, taken):
    assert list(companions(removed, held(*there))) == taken


def test_companions_come_with_the_settings_that_they_had():
    there = held(at(1)) | {at(2): Assignment(label="eth0:2")}
    assert companions([at(1)], there) == {at(2): Assignment(label="eth0:2")}
