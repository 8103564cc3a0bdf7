# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plan computes with addresses is what netaddr computes, for networks of both families and any length.

netaddr is only here: the controller needs nothing but ansible-core (docs/decisions/no-dependency.md).  A draw is
a network, an address of a host in it, and addresses at its edges, beyond them, or of the other family.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from ipaddress import ip_interface

import netaddr
import pytest
from ansible_collections.lvs.director.plugins.filter import new_uses, server_options
from ansible_collections.lvs.director.plugins.module_utils import _agreement, _forms
from ansible_collections.lvs.director.plugins.plugin_utils import (
    _contradictions,
    _differences,
    _gateways,
    _instances,
    _links,
)
from ansible_collections.lvs.director.plugins.plugin_utils._model import Director, Findings, RealServer

DRAWS = 1500
WIDTH = {4: 32, 6: 128}
BASES = {
    4: [netaddr.IPAddress(text) for text in ("10.0.0.0", "127.0.0.0", "169.254.0.0", "192.0.2.0", "198.51.100.128")],
    6: [netaddr.IPAddress(text) for text in ("2001:db8::", "fd00:1::", "fe80::", "::ffff:0:0", "2001:db8:0:1::")],
}


@dataclass(frozen=True)
class Draw:
    """`host` with its network's length, as it would be written, and another address, `other`."""

    host: netaddr.IPNetwork
    written: str
    other: netaddr.IPAddress
    other_written: str

    @property
    def inside(self) -> bool:
        """What netaddr says of the other address and the network of the host."""
        return self.other in self.host.cidr


def spelled(chance: random.Random, address: netaddr.IPAddress) -> str:
    """One of the ways in which people write it."""
    if address.version == 4:
        return str(address)
    forms = (netaddr.ipv6_compact, netaddr.ipv6_full, netaddr.ipv6_verbose)
    text = address.format(chance.choice(forms))
    return text.upper() if chance.random() < 0.3 else text


def near(chance: random.Random, network: netaddr.IPNetwork, version: int) -> netaddr.IPAddress:
    """An address of the network, at or beyond one of its edges, or anywhere near the base of another family."""
    if version != network.version:
        return netaddr.IPAddress(int(chance.choice(BASES[version])) + chance.randrange(1 << 16), version)
    value = chance.choice(
        [network.first, network.last, network.first - 1, network.last + 1, chance.randint(network.first, network.last)]
    )
    return netaddr.IPAddress(min(max(value, 1), (1 << WIDTH[version]) - 1), version)


def draw(seed: int) -> Draw:
    """One network and two addresses."""
    chance = random.Random(seed)
    version, other = chance.choice((4, 6)), chance.choice((4, 6, 0))
    length = chance.choice([chance.randint(1, WIDTH[version]), WIDTH[version] - chance.randint(0, 9)])
    base = int(chance.choice(BASES[version])) + chance.randrange(1 << 16)
    host = netaddr.IPNetwork((base, length), version=version)
    beside = near(chance, host, other or version)
    return Draw(host, f"{spelled(chance, host.ip)}/{length}", beside, spelled(chance, beside))


ALL = [draw(seed) for seed in range(DRAWS)]


def value(text: str) -> tuple[int, int]:
    """Address text as netaddr's family and number, which no spelling hides."""
    found = netaddr.IPAddress(text.partition("/")[0])
    return found.version, int(found)


def number(address: netaddr.IPAddress) -> tuple[int, int]:
    """The same of an address of a draw."""
    return address.version, int(address)


def instance(text: str, **more: object) -> dict[str, object]:
    """An instance with one virtual address."""
    return {"name": "web", "virtual_ipaddress": [{"address": text}], **more}


def test_the_draws_reach_both_verdicts_of_both_families() -> None:
    seen = {(one.host.version, one.other.version, one.inside) for one in ALL}
    assert seen == {(4, 4, True), (4, 4, False), (6, 6, True), (6, 6, False), (4, 6, False), (6, 4, False)}


def test_an_interface_holds_the_addresses_of_its_networks() -> None:
    for one in ALL:
        director = Director("d", {"eth0": [ip_interface(one.written)]}, 100, "", False, {}, [], [], [])
        assert (director.holds(one.other_written) == "eth0") == one.inside, one


def test_a_gateway_is_a_virtual_address_whose_network_holds_the_server() -> None:
    for one in ALL:
        found = _gateways.gateways(one.other_written, [instance(one.written)])
        wanted = one.inside and one.host.size > 1 and one.other != one.host.ip
        assert [value(gateway.address) for gateway in found] == [number(one.host.ip)] * wanted, one


def test_the_holder_of_an_address_is_found_by_its_value() -> None:
    for one in ALL:
        same = _gateways.holder_of([instance(one.written)], one.other_written)
        assert (same == "web") == (one.other == one.host.ip), one
        assert _gateways.holder_of([instance(one.written)], one.written.partition("/")[0]) == "web"


def test_a_virtual_address_is_in_the_network_of_its_interface_and_not_its_edge() -> None:
    for one in ALL:
        director = Director("d", {"eth0": [ip_interface(one.written)]}, 100, "", False, {}, [], [], [])
        findings = Findings()
        _contradictions._in_its_network(director, "eth0", one.other_written, "it", findings)
        edges = (one.host.network, one.host.broadcast)
        edge = one.host.version == 4 and one.host.prefixlen < 31 and one.other in edges
        beyond = not one.inside and not one.other.is_link_local()
        assert len(findings.errors) == edge + beyond, (one, findings.errors)


@pytest.mark.parametrize("family", [_instances.family_of, _agreement._family])
def test_the_family_is_that_of_the_first_address(family: object) -> None:
    for one in ALL:
        peer = {"unicast_peer": [{"address": one.other_written}]}
        without = dict.fromkeys(("unicast_src_ip", "mcast_src_ip", "mcast_dst_ip"))
        assert family(instance(one.written, **peer, **without)) == one.host.version  # type: ignore[operator]
        assert family({"virtual_ipaddress": [], **peer, **without}) == one.other.version  # type: ignore[operator]


def test_peers_and_addresses_are_compared_by_value() -> None:
    for one in ALL:
        (peer,) = _instances.peers_of({"unicast_peer": [{"address": one.other_written}] * 2})
        (listed,) = _differences._listed(instance(one.written), "virtual_ipaddress")
        assert (value(peer), value(listed)) == (number(one.other), number(one.host.ip))
        assert (peer == listed) == (one.other == one.host.ip), one


def test_a_real_server_has_one_address_for_each_family() -> None:
    for one in ALL:
        server = RealServer("s", (one.written.partition("/")[0], one.other_written), "")
        for version in (4, 6):
            first = one.host.ip if one.host.version == version or one.other.version != version else one.other
            assert value(server.address_for(version)) == number(first), one


def test_the_addresses_of_a_host_are_those_that_iproute2_prints() -> None:
    for one in ALL:
        local, _slash, length = one.written.partition("/")
        found = _links.links_of([{"ifname": "eth0", "addr_info": [{"local": local, "prefixlen": int(length)}]}])
        (text,) = found.addresses["eth0"]
        assert (value(text), int(text.partition("/")[2])) == (number(one.host.ip), one.host.prefixlen)


def test_an_address_is_written_with_its_length() -> None:
    for one in ALL:
        if not int(one.host.ip):
            continue
        text = _forms.address_with_prefix(one.written)
        assert (value(text), int(text.partition("/")[2])) == (number(one.host.ip), one.host.prefixlen)
        alone = _forms.address_with_prefix(one.written.partition("/")[0])
        assert int(alone.partition("/")[2]) == WIDTH[one.host.version]


def test_a_server_is_found_by_the_value_of_its_address() -> None:
    for one in ALL:
        bracketed = f"[{one.written.partition('/')[0]}]" if one.host.version == 6 else str(one.host.ip)
        services = [{"key": "192.0.2.10:80/TCP", "servers": [{"key": f"{bracketed}:80"}]}]
        assert bool(server_options.server_options(services, one.other_written)) == (one.other == one.host.ip), one
        held = new_uses.held({"vrrp": {"instances": [{"addresses": [f"{one.written} dev eth0"]}]}})
        assert [(address.version, int(address)) for address in held] == [number(one.host.ip)]
