# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No value of an instance reaches the kernel or the wire that they cannot take: there is a finding, with its place.

What keepalived 2.2.7 says of the same words is in tests/daemon/netns/test_keepalived_accepts.py.
"""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lvsd import conf
from lvsd.conf.findings import Severity
from lvsd.kernel.rtnl_messages import address_message
from lvsd.kernel.rtnl_types import AddressFlags, Link, LinkFlags
from lvsd.model import Configuration
from lvsd.vrrp.desired import table_of
from lvsd.vrrp.packet import decode, encode
from lvsd.vrrp.parameters import advertisement, parameters, transport

V = "vrrp_instance VI_1: virtual_ipaddress: "


def instance(*words: str, address: str = "192.0.2.1/24") -> str:
    """`words` begin on line 4; the address is on the line after the next one."""
    body = "\n".join(words)
    head = f"vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 51\n{body}\n"
    return f"{head}virtual_ipaddress {{\n{address}\n}}\n}}\n"


def carry_out(configuration: Configuration) -> None:
    """What a worker does with it: what it needs of the kernel, and what it sends."""
    defs = configuration.global_defs
    names = {router.interface for router in configuration.routers} | {"eth1"}
    links = {name: Link(n, name, LinkFlags.UP) for n, name in enumerate(sorted(filter(None, names)), 1)}
    for router in configuration.routers:
        for key, assignment in table_of(router, defs, links).items():
            address_message(key, assignment)
            assert AddressFlags.NODAD in assignment.flags or key.address.version == 4
        way = transport(router, defs)
        source = way.source or ip_address("192.0.2.9" if way.family == 4 else "fe80::9")
        advert = advertisement(router, defs, parameters(router, defs, source), 100)
        for target in [peer.address for peer in way.peers] + ([way.group] if way.group else []):
            assert decode(encode(advert, source, target), source, target) == advert


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("192.0.2.1/24 brd ::1", "'192.0.2.1/24': brd '::1' is not an IPv4 broadcast address"),
        ("192.0.2.1/24 brd 0.0.0.0", "'192.0.2.1/24': brd '0.0.0.0' is not an IPv4 broadcast address"),
        ("fe80::5/64 brd 192.0.2.1", "'fe80::5/64': brd 192.0.2.1: an IPv6 address has no broadcast address"),
        ("fe80::5/64 brd +", "'fe80::5/64': brd +: an IPv6 address has no broadcast address"),
        ("192.0.2.1/24 peer fe80::1", "'192.0.2.1/24': peer fe80::1 is not IPv4 as the address"),
        ("fe80::5/64 peer 192.0.2.1", "'fe80::5/64': peer 192.0.2.1 is not IPv6 as the address"),
        ("192.0.2.1/24 peer 0.0.0.0", "'192.0.2.1/24': peer '0.0.0.0' is not the address of a host"),
        ("192.0.2.1/24 peer 192.0.2.2/33", "'192.0.2.1/24': peer '33' is outside 0 to 32"),
        ("192.0.2.1/33", "'192.0.2.1/33': '33' is outside 0 to 32"),
        ("fe80::5/129", "'fe80::5/129': '129' is outside 0 to 128"),
        ("0.0.0.0/24", "'0.0.0.0/24': no interface can have this address"),
        ("::/64", "'::/64': no interface can have this address"),
        ("ff02::5/64", "'ff02::5/64': no interface can have this address without 'autojoin'"),
        ("192.0.2.1 scope 256", "'192.0.2.1': scope '256' is none of site, link, host, nowhere, global, and no number"),
        ("192.0.2.1 scope host1", "'192.0.2.1': scope 'host1' is none of site, link, host, nowhere, global, and no"),
        ("192.0.2.1 preferred_lft 4294967296", "'192.0.2.1': preferred_lft '4294967296' is outside 0 to 4294967295"),
        ("192.0.2.1 label eth0:0123456789a", "'192.0.2.1': label 'eth0:0123456789a' is longer than 15 bytes"),
        ("192.0.2.1 label éééééééé", "'192.0.2.1': label 'éééééééé' is longer than 15 bytes"),
        ('192.0.2.1 label "a\\000"', "'192.0.2.1': label holds a zero byte"),
        ("192.0.2.1 dev averyveryverylong", "'192.0.2.1': dev 'averyveryverylong' is longer than 15 bytes"),
        ("192.0.2.1 dev eth0:1", "'192.0.2.1': dev 'eth0:1' is no name of an interface"),
        ("192.0.2.1 dev eth/0", "'192.0.2.1': dev 'eth/0' is no name of an interface"),
        ('192.0.2.1 dev "eth 0"', "'192.0.2.1': dev 'eth 0' is no name of an interface"),
    ],
)
def test_an_address_that_cannot_be_set_is_an_error(line: str, message: str) -> None:
    loaded = conf.parse(instance("priority 100", address=line))
    assert next(f"{f.line}: {f.message}" for f in loaded.errors).startswith(f"6: {V}{message}")
    assert loaded.errors
    excluded = conf.parse(instance(f"virtual_ipaddress_excluded {{\n{line}\n}}", address="192.0.2.77"))
    assert excluded.errors[0].line == 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("fe80::5/64 label eth0:1", "fe80::5: label 'eth0:1' is ignored: only IPv4 addresses have one"),
        ("192.0.2.1/31 brd +", "192.0.2.1: 'brd +' is ignored: a /31 has no broadcast address"),
        ("192.0.2.1 brd +", "192.0.2.1: 'brd +' is ignored: a /32 has no broadcast address"),
        ("192.0.2.1 scope nowhere", "192.0.2.1: scope nowhere: current kernels refuse it, and the address is not set"),
        ("192.0.2.1 scope 255", "192.0.2.1: scope 255: current kernels refuse it, and the address is not set"),
        ("192.0.2.1 use_vmac", "192.0.2.1: 'use_vmac' is known but not implemented yet"),
    ],
)
def test_a_word_without_effect_is_named(line: str, message: str) -> None:
    loaded = conf.parse(instance("priority 100", address=line))
    assert [(f.severity, f"{f.line}: {f.message}") for f in loaded.findings] == [(Severity.WARNING, f"6: {V}{message}")]
    carry_out(loaded.configuration)


@pytest.mark.parametrize(
    "line",
    [
        "192.0.2.1/24 brd 192.0.2.255 label eth1:1 dev eth1 scope link",
        "192.0.2.1/24 label anything",  # the kernel does not compare it with the interface's name
        "192.0.2.1/24 brd -",
        "192.0.2.1/0",
        "192.0.2.1 peer 192.0.2.2",
        "224.0.0.5/24",
        "ff02::5/64 autojoin",
        "2001:db8::1/64 peer 2001:db8::2 home -nodad mngtmpaddr noprefixroute preferred_lft 4294967295",
    ],
)
def test_an_address_that_can_be_set_is_taken(line: str) -> None:
    loaded = conf.parse(instance("priority 100", address=line))
    assert not loaded.findings
    carry_out(loaded.configuration)


# --- the transport -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (instance("mcast_src_ip ::1"), "4: vrrp_instance VI_1: mcast_src_ip ::1 is not IPv4 as the instance"),
        (instance("mcast_src_ip 224.0.0.5"), "4: vrrp_instance VI_1: mcast_src_ip '224.0.0.5' is not the address of a"),
        (instance("unicast_src_ip 0.0.0.0"), "4: vrrp_instance VI_1: unicast_src_ip '0.0.0.0' is not the address of a"),
        (
            instance("unicast_peer {\n224.0.0.18\n}"),
            "5: vrrp_instance VI_1: unicast_peer: '224.0.0.18': '224.0.0.18' is not the address of a host",
        ),
        (
            instance("unicast_peer {\n255.255.255.255\n}"),
            "5: vrrp_instance VI_1: unicast_peer: '255.255.255.255': '255.255.255.255' is not the address of a host",
        ),
        (instance("mcast_dst_ip ff02::77"), "4: vrrp_instance VI_1: mcast_dst_ip ff02::77 is not an IPv4 multicast"),
        (instance("mcast_dst_ip 192.0.2.5"), "4: vrrp_instance VI_1: mcast_dst_ip 192.0.2.5 is not an IPv4 multicast"),
        (instance("advert_int 0.004"), "4: vrrp_instance VI_1: advert_int '0.004' is outside 0.01 to 255 seconds"),
        (instance("advert_int 255.4"), "4: vrrp_instance VI_1: advert_int '255.4' is outside 0.01 to 255 seconds"),
        (instance("interface eth/0"), "4: vrrp_instance VI_1: interface 'eth/0' is no name of an interface"),
        (
            instance("track_interface {\neth0:1\n}"),
            "5: vrrp_instance VI_1: track_interface: 'eth0:1': 'eth0:1' is no name of an interface",
        ),
        (
            "global_defs {\ndefault_interface averyveryverylong\n}\n",
            "2: global_defs: default_interface 'averyveryverylong' is longer than 15 bytes",
        ),
        (
            "global_defs {\nvrrp_mcast_group4 ff02::12\n}\n",
            "2: global_defs: vrrp_mcast_group4 'ff02::12' is not an IPv4",
        ),
        (
            "global_defs {\nvrrp_mcast_group6 fe80::12\n}\n",
            "2: global_defs: vrrp_mcast_group6 fe80::12 is not a multicast",
        ),
    ],
)
def test_what_cannot_be_sent_from_or_to_is_an_error(text: str, message: str) -> None:
    loaded = conf.parse(text)
    assert next(f"{f.line}: {f.message}" for f in loaded.errors).startswith(message), loaded.errors
    assert loaded.errors


def test_a_bad_interface_is_said_once() -> None:
    loaded = conf.parse(instance().replace("eth0", "eth/0"))
    assert [finding.line for finding in loaded.errors] == [2]


# --- anything ------------------------------------------------------------------------------------

HOSTS = ["192.0.2.9", "fe80::9", "::", "0.0.0.0", "255.255.255.255", "224.0.0.18", "ff02::12", "::ffff:192.0.2.9", "x"]
NAMES = ["eth0", "eth1", "eth0:1", "averyveryverylong", "éééééééé", '""', '"a\\000"', "."]
OPTIONS = [
    *(f"brd {value}" for value in ("+", "-", *HOSTS)),
    *(f"peer {value}" for value in (*HOSTS, "192.0.2.9/24", "fe80::9/129")),
    *(f"scope {value}" for value in ("link", "nowhere", "256", "-1", "7")),
    *(f"label {value}" for value in NAMES),
    *(f"dev {value}" for value in NAMES),
    *(f"preferred_lft {value}" for value in ("0", "forever", "4294967295", "4294967296")),
    *("home", "-nodad", "mngtmpaddr", "noprefixroute", "autojoin"),
]
WORDS = [
    *(f"mcast_src_ip {value}" for value in HOSTS),
    *(f"mcast_dst_ip {value}" for value in HOSTS),
    *(f"unicast_peer {{\n{value}\n}}" for value in HOSTS),
    *(f"advert_int {value}" for value in ("0.004", "0.01", "0.5", "40.956", "41", "255", "255.4", "inf")),
    *("version 2", "version 3", "priority 255", "unicast_ttl 0", "no_virtual_ipaddress", "interface eth1"),
    *(f"authentication {{\nauth_type PASS\nauth_pass {value}\n}}" for value in ("a", "éééééé", '"\\xff"', "'a b'")),
]
LINES = st.builds(
    lambda host, length, options: " ".join([host + length, *options]),
    st.sampled_from(HOSTS),
    st.sampled_from(["", "/0", "/24", "/32", "/33", "/64", "/128", "/129"]),
    st.lists(st.sampled_from(OPTIONS), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=3), st.lists(LINES, min_size=1, max_size=2))
def test_whatever_is_taken_can_be_carried_out(words: list[str], addresses: list[str]) -> None:
    loaded = conf.parse(instance(*words, address="\n".join(addresses)))
    if not loaded.refused:
        assert conf.parse(conf.render(loaded.configuration)).configuration == loaded.configuration
        carry_out(loaded.configuration)
