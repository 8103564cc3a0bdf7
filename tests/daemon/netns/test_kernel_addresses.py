# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links and addresses on the host's kernel; pyroute2 looks with its own eyes."""

from __future__ import annotations

import os
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest
from lvsd.kernel.rtnetlink import (
    FOREVER,
    AddressFlags,
    AddressKey,
    Assignment,
    NetlinkError,
    Route,
    Scope,
    normal,
    virtual,
)
from lvsd.kernel.rtnl_types import PLAIN, companions
from lvsd.reconcile import Changes, changes
from oracle import OURS, VIP, VIP6, index, inside, seen
from pyroute2 import NetNS

# --- links ------------------------------------------------------------------------------------------------


def test_links_are_those_that_pyroute2_sees(oracle: NetNS, route: Route) -> None:
    oracle.link("add", ifname="mv0", kind="macvlan", link=index(oracle), address="02:00:00:00:00:33")
    oracle.link("add", ifname="br0", kind="bridge")
    oracle.link("add", ifname="d0", kind="veth", peer="d1")
    oracle.link("set", index=index(oracle, "d0"), master=index(oracle, "br0"), mtu=1400)
    ours = route.links()
    theirs = oracle.get_links()
    assert len(ours) == len(theirs)
    for message in theirs:
        attributes = dict(message["attrs"])
        link = ours[message["index"]]
        assert link.name == attributes["IFLA_IFNAME"]
        assert link.address.hex(":") == attributes["IFLA_ADDRESS"]
        assert link.flags == message["flags"]
        assert link.mtu == attributes["IFLA_MTU"]
        assert link.operstate.name == attributes["IFLA_OPERSTATE"]
        assert link.carrier == bool(attributes["IFLA_CARRIER"])
        assert link.master == attributes.get("IFLA_MASTER", 0)
        assert link.kind == dict(attributes.get("IFLA_LINKINFO", {"attrs": []})["attrs"]).get("IFLA_INFO_KIND", "")
    assert ours[index(oracle, "mv0")].parent == index(oracle)


# --- addresses ----------------------------------------------------------------------------------------------


def test_an_ipv4_address_with_everything(oracle: NetNS, route: Route) -> None:
    key = AddressKey(index(oracle), VIP, 24)
    wanted = Assignment(
        Scope.LINK, "eth0:1", IPv4Address("192.0.2.255"), flags=AddressFlags.NOPREFIXROUTE, preferred_lifetime=0
    )
    route.apply(Changes(add={key: wanted}))
    (row,) = seen(oracle, VIP)
    assert (row["prefix"], row["scope"], row["IFA_LABEL"]) == (24, 253, "eth0:1")
    assert row["IFA_BROADCAST"] == "192.0.2.255"
    assert row["IFA_FLAGS"] & (0x200 | 0x20) == 0x220
    assert route.addresses()[key] == wanted


@pytest.mark.parametrize(("prefix_length", "lifetime"), [(128, 0), (64, FOREVER)])
def test_a_virtual_ipv6_address(oracle: NetNS, route: Route, prefix_length: int, lifetime: int) -> None:
    key, wanted = virtual(AddressKey(index(oracle), VIP6, prefix_length))
    route.apply(Changes(add={key: wanted}))
    (row,) = seen(oracle, VIP6)
    assert (row["prefix"], row["IFA_CACHEINFO"]["ifa_preferred"]) == (prefix_length, lifetime)
    flags = AddressFlags(row["IFA_FLAGS"])
    assert flags & AddressFlags.NODAD
    assert not flags & AddressFlags.TENTATIVE
    assert bool(flags & AddressFlags.DEPRECATED) == (lifetime == 0)
    assert route.addresses()[key] == wanted


@pytest.mark.parametrize(("address", "peer"), [("192.0.2.100", "192.0.2.1"), ("2001:db8::100", "2001:db8::1")])
def test_an_address_with_a_peer_comes_and_goes(oracle: NetNS, route: Route, address: str, peer: str) -> None:
    local = ip_address(address)
    key = AddressKey(index(oracle), local, local.max_prefixlen)
    wanted = normal(key, Assignment(peer=ip_address(peer), flags=AddressFlags.NODAD))
    route.apply(Changes(add={key: wanted}))
    (row,) = seen(oracle, address)
    assert (row["IFA_LOCAL"], row["IFA_ADDRESS"]) == (address, peer)
    assert route.addresses()[key] == wanted
    route.apply(Changes(remove={key: wanted}))
    assert seen(oracle, address) == []


def test_addresses_that_pyroute2_set_are_recognised(oracle: NetNS, route: Route) -> None:
    oracle.addr("add", index=index(oracle), address=str(VIP), prefixlen=24, broadcast="192.0.2.255")
    oracle.addr("add", index=index(oracle), address=str(VIP6), prefixlen=64, flags=0x02)
    found = route.addresses()
    assert found[AddressKey(index(oracle), VIP, 24)] == Assignment(broadcast=IPv4Address("192.0.2.255"))
    assert found[AddressKey(index(oracle), VIP6, 64)] == Assignment(flags=AddressFlags.NODAD)


def test_the_same_address_twice_with_two_prefixes_and_the_right_one_goes(oracle: NetNS, route: Route) -> None:
    long, short = AddressKey(index(oracle), VIP, 32), AddressKey(index(oracle), VIP, 24)
    both = {long: Assignment(), short: Assignment()}
    route.apply(Changes(add=both))
    assert both.items() <= route.addresses().items()
    route.apply(Changes(remove={short: Assignment()}))
    assert [row["prefix"] for row in seen(oracle, VIP)] == [32]


def test_what_is_so_already_is_no_error(oracle: NetNS, route: Route) -> None:
    table = dict([virtual(AddressKey(index(oracle), VIP, 32)), virtual(AddressKey(index(oracle), VIP6, 128))])
    for _ in range(2):
        route.apply(Changes(add=table))
    assert table.items() <= route.addresses().items()
    for _ in range(2):
        route.apply(Changes(remove=table))
    assert not table.keys() & route.addresses().keys()
    gone = AddressKey(4711, VIP, 32)
    route.apply(Changes(remove={gone: Assignment()}))


def test_a_setting_is_changed(oracle: NetNS, route: Route) -> None:
    four, six = AddressKey(index(oracle), VIP, 24), AddressKey(index(oracle), VIP6, 64)
    route.apply(Changes(add={four: Assignment(), six: Assignment(flags=AddressFlags.NODAD)}))
    wanted = {
        four: Assignment(label="eth0:vip", broadcast=IPv4Address("192.0.2.255")),
        six: Assignment(flags=AddressFlags.NODAD | AddressFlags.NOPREFIXROUTE, preferred_lifetime=0),
    }
    actual = {key: value for key, value in route.addresses().items() if key in wanted}
    route.apply(changes(actual, wanted))
    found = route.addresses()
    assert {key: found[key] for key in wanted} == wanted
    assert not changes({key: found[key] for key in wanted}, wanted)


@pytest.mark.parametrize("promote", ["0", "1"])
def test_the_others_of_a_network_outlive_its_primary_address(oracle: NetNS, route: Route, promote: str) -> None:
    """Without promote_secondaries the kernel removes them with it; a secondary one takes nobody along."""
    with inside(OURS):
        Path("/proc/sys/net/ipv4/conf/eth0/promote_secondaries").write_text(promote)
    first, second, third = (AddressKey(index(oracle), VIP + n, 24) for n in range(3))
    labelled = Assignment(label="eth0:2")
    table = {first: Assignment(), second: labelled, third: Assignment()}
    route.apply(Changes(add=table))
    held = {key: value for key, value in route.addresses().items() if key in table}
    route.apply(Changes(remove={first: Assignment()}), companions([first], held))
    assert {key: value for key, value in route.addresses().items() if key in table} == {second: labelled, third: PLAIN}
    assert companions([third], held) == {}
    route.apply(Changes(update={second: Assignment(label="eth0:3")}), companions([second], route.addresses()))
    assert {key for key in route.addresses() if key in table} == {second, third}


def test_a_refusal_names_the_address_and_the_rest_is_done(oracle: NetNS, route: Route) -> None:
    nowhere, here = AddressKey(4711, VIP, 32), AddressKey(index(oracle), VIP, 32)
    with pytest.raises(NetlinkError, match=r"^address 192\.0\.2\.100/32 on interface 4711: "):
        route.apply(Changes(add={here: Assignment(), nowhere: Assignment()}))
    assert seen(oracle, VIP)


def test_the_kernel_says_why_in_its_own_words(oracle: NetNS, route: Route) -> None:
    with pytest.raises(NetlinkError) as raised:
        route.apply(Changes(add={AddressKey(index(oracle), VIP6, 129): Assignment()}))
    ((_, refusal),) = raised.value.refusals
    assert refusal.reason not in ("", os.strerror(refusal.code))


def test_a_thousand_addresses_come_and_go(oracle: NetNS, route: Route) -> None:
    table = {AddressKey(index(oracle), IPv4Address(0xC6120000 + n), 32): Assignment() for n in range(1000)}
    route.apply(Changes(add=table))
    assert table.items() <= route.addresses().items()
    route.apply(Changes(remove=table))
    assert not table.keys() & route.addresses().keys()
