# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The family and the version of an instance follow from what it names first, that of a service from its servers."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from lvsd import conf
from lvsd.check.pool import pools
from lvsd.conf.family import family_of, fits_family, service_family, version_of
from lvsd.model import (
    Forwarding,
    GlobalDefs,
    Method,
    RealServer,
    SorryServer,
    UnicastPeer,
    VirtualAddress,
    VirtualRouter,
    VirtualServer,
)

FOUR, SIX = ip_address("192.0.2.1"), ip_address("2001:db8::1")
GROUP4, GROUP6 = ip_address("224.0.0.18"), ip_address("ff02::12")


def address(value: Any) -> VirtualAddress:
    return VirtualAddress(address=value, prefix_length=value.max_prefixlen)


def router(**fields: Any) -> VirtualRouter:
    return VirtualRouter(name="V", vrid=1, **fields)


@pytest.mark.parametrize(
    ("fields", "family"),
    [
        ({}, 4),
        ({"addresses": (address(SIX),)}, 6),
        ({"addresses": (address(FOUR), address(SIX))}, 4),
        ({"addresses": (address(SIX), address(FOUR))}, 6),
        ({"addresses": (address(FOUR),), "unicast_peers": (UnicastPeer(SIX),)}, 4),
        ({"unicast_peers": (UnicastPeer(SIX), UnicastPeer(FOUR))}, 6),
        ({"unicast_peers": (UnicastPeer(FOUR),), "source": SIX}, 4),
        ({"source": SIX, "multicast_group": GROUP4}, 6),
        ({"multicast_group": GROUP6}, 6),
        ({"excluded_addresses": (address(SIX),)}, 4),
        ({"version": 3}, 4),
    ],
    ids=[
        "nothing",
        "an address",
        "the first address, IPv4",
        "the first address, IPv6",
        "an address before a peer",
        "the first peer",
        "a peer before the source",
        "the source before the group",
        "the group",
        "no excluded address",
        "no version",
    ],
)
def test_the_family_is_that_of_the_first_that_is_named(fields: dict[str, Any], family: int) -> None:
    assert family_of(router(**fields)) == family


@pytest.mark.parametrize(
    ("own", "globally", "family", "version"),
    [
        (None, None, 4, 2),
        (3, None, 4, 3),
        (None, 3, 4, 3),
        (2, 3, 4, 2),
        (3, 2, 4, 3),
        (None, None, 6, 3),
        (2, None, 6, 3),
        (None, 2, 6, 3),
    ],
)
def test_the_version_is_the_instance_s_then_the_global_one_then_2_and_3_for_ipv6(
    own: int | None, globally: int | None, family: int, version: int
) -> None:
    fields = {"addresses": (address(FOUR if family == 4 else SIX),), "version": own}
    assert version_of(router(**fields), GlobalDefs(vrrp_version=globally)) == version


SERVER6, OTHER6, SERVER4 = (f"real_server {text} {{\n}}" for text in ("2001:db8::9", "2001:db8::8", "192.0.2.9"))
FAMILIES = [  # as keepalived 2.2.7 takes them
    (["lb_kind NAT"], [SERVER6], 6),
    (["lb_kind TUN"], [SERVER6, OTHER6], 6),
    (["lb_kind TUN"], [SERVER6, SERVER4], 4),
    (["lb_kind TUN", "sorry_server 192.0.2.99"], [SERVER6, OTHER6], 4),
    (["lb_kind TUN", "sorry_server 2001:db8::99", "sorry_server_lvs_method NAT"], [SERVER4], 6),
    (["lb_kind TUN"], [SERVER4, SERVER6.replace("{", "{\nlvs_method NAT")], 6),
    (["lb_kind DR"], [SERVER4.replace("{", "{\nlvs_method TUN"), SERVER6], 6),
    (["lb_kind TUN", "ip_family inet6"], [SERVER4], 6),
]


@pytest.mark.parametrize(("words", "servers", "family"), FAMILIES)
def test_a_mark_is_the_same_to_the_check_of_the_configuration_and_to_the_checker(
    words: list[str], servers: list[str], family: int
) -> None:
    loaded = conf.parse("\n".join(["virtual_server fwmark 7 {", *words, *servers, "}"]))
    assert not loaded.errors
    (one,) = loaded.configuration.virtual_servers
    assert len(one.real_servers) == len(servers)
    assert (service_family(one), list(map(str, pools(loaded.configuration)))) == (family, [f"fwmark 7/IPv{family}"])


def test_a_service_with_an_address_has_its_family() -> None:
    server = RealServer(address=FOUR)
    assert service_family(VirtualServer(address=SIX, ip_family="inet", real_servers=(server,))) == 6
    assert service_family(VirtualServer(fwmark=1, ip_family="inet", real_servers=(RealServer(address=SIX),))) == 4
    assert service_family(VirtualServer(fwmark=1)) == 4


def test_only_a_tunnel_reaches_a_server_of_the_other_family() -> None:
    service, tunnel = VirtualServer(address=FOUR), Method(forwarding=Forwarding.TUN)
    assert fits_family(service, RealServer(address=FOUR))
    assert not fits_family(service, RealServer(address=SIX))
    assert not fits_family(service, SorryServer(address=SIX))
    assert fits_family(service, RealServer(address=SIX, method=tunnel))
    assert fits_family(VirtualServer(address=FOUR, method=tunnel), SorryServer(address=SIX))
    assert not fits_family(VirtualServer(address=FOUR, method=tunnel), RealServer(address=SIX, method=Method()))
