# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role `real_server` on a host that is a network and a mount namespace: what it sets, keeps and gives back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from network import Network
from prepared import Prepared

pytestmark = pytest.mark.beside

OWN_WAY_OUT = "default via 192.0.2.254 dev eth0"
OWN_WAY_OUT6 = "default via 2001:db8::fe dev eth0"
PARAMETERS = ("net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce", "net.ipv4.conf.all.rp_filter")
OPTIONS = "/etc/sysctl.d/90-lvs-real-server.conf"


def service(address: str, kind: str, server: str = "192.0.2.11") -> dict[str, Any]:
    more = {} if kind == "NAT" else {"lb_kind": kind}
    return {"address": address, "port": 80, "lb_algo": "rr", "real_servers": [{"address": server, "port": 80}], **more}


class RealServer(Prepared):
    """It has a way out of its own, on a segment with a director that nobody asks."""

    def __init__(self, network: Network, address: str = "192.0.2.11") -> None:
        self.director: dict[str, Any] = {"director_routed_vips": True}
        self.director["director_addresses"] = {"eth0": ["192.0.2.2/24", "2001:db8::2/64"]}
        super().__init__(
            network, "a", directors={"d": self.director}, real_servers={"a": {"real_server_address": address}}
        )
        self.host.ip(
            "addr add 192.0.2.11/24 dev eth0",
            "addr add 2001:db8::11/64 dev eth0 nodad",
            "route add default via 192.0.2.254",
            "route add default via 2001:db8::fe",
            "link add tunl0 type veth peer name elsewhere",
        )

    def serve(self, *services: dict[str, Any]) -> None:
        addresses = [f"{one['address']}/{128 if ':' in one['address'] else 32}" for one in services]
        gateways = {4: "192.0.2.1/24", 6: "2001:db8::1/64"}
        self.director["director_services"] = list(services)
        self.director["director_vrrp_instances"] = [
            {
                "name": f"v{family}",
                "interface": "eth0",
                "virtual_router_id": family,
                "virtual_ipaddress": [{"address": gateway}]
                + [{"address": address} for address in addresses if (":" in address) == (family == 6)],
            }
            for family, gateway in gateways.items()
        ]

    def route(self, address: str) -> str:
        return str(json.loads(self.say("ip", "-json", "route", "get", address))[0]["gateway"])

    def addresses(self, interface: str) -> set[str]:
        return self.host.addresses(interface) - {"127.0.0.1/8", "::1/128"}

    def tunnel(self) -> set[str]:
        return {address for address in self.addresses("tunl0") if not address.startswith("fe80:")}


def test_what_a_service_needs_is_set_and_what_got_lost_is_set_again(network: Network) -> None:
    host = RealServer(network)
    host.serve(service("203.0.113.1", "NAT"), service("203.0.113.2", "TUN"), service("203.0.113.3", "TUN"))
    assert host.changed("real_server", "--check") > 0
    assert (host.route("198.51.100.1"), host.sysctl(PARAMETERS[1])) == ("192.0.2.254", "0")
    assert host.changed("real_server") > 0
    assert (host.route("198.51.100.1"), host.route("9.9.9.9")) == ("192.0.2.1", "192.0.2.1")
    assert OWN_WAY_OUT in host.say("ip", "route")  # untouched, whatever becomes of the other ones
    assert host.tunnel() == {"203.0.113.2/32", "203.0.113.3/32"}
    assert [host.sysctl(name) for name in PARAMETERS] == ["1", "2", "2"]

    # Something got lost: one change sets addresses and routes again, one the parameters, and nothing else is to do.
    host.host.ip("route del 128.0.0.0/1")
    host.say("sysctl", "-w", f"{PARAMETERS[1]}=0")
    assert (host.changed("real_server", "--check"), host.changed("real_server")) == (2, 2)
    assert (host.route("198.51.100.1"), host.sysctl(PARAMETERS[1])) == ("192.0.2.1", "2")
    host.host.ip("addr del 203.0.113.3/32 dev tunl0")
    assert host.changed("real_server") == 1
    assert "203.0.113.3/32" in host.tunnel()


def test_what_no_service_needs_any_more_is_given_back(network: Network) -> None:
    host = RealServer(network)
    host.write("/etc/sysctl.d/50-own.conf", "net.ipv4.conf.all.arp_ignore = 8\n")
    host.host.ip("addr add 10.9.9.9/32 dev tunl0")  # somebody else's
    host.serve(service("203.0.113.1", "NAT"), service("203.0.113.2", "TUN"), service("203.0.113.3", "TUN"))
    assert host.changed("real_server") > 0

    host.groups["real_servers"]["a"]["real_server_gateway"] = "192.0.2.3"
    host.serve(service("203.0.113.2", "TUN"), service("203.0.113.3", "DR"))
    assert host.changed("real_server") > 0
    assert (host.route("198.51.100.1"), host.route("9.9.9.9")) == ("192.0.2.3", "192.0.2.3")
    assert (host.tunnel(), host.addresses("lo")) == ({"10.9.9.9/32", "203.0.113.2/32"}, {"203.0.113.3/32"})

    del host.groups["real_servers"]["a"]["real_server_gateway"]
    host.serve()
    assert host.changed("real_server", "--check") > 0
    assert (host.route("9.9.9.9"), host.sysctl(PARAMETERS[1])) == ("192.0.2.3", "2")
    assert host.changed("real_server") > 0
    assert (host.route("198.51.100.1"), host.route("9.9.9.9")) == ("192.0.2.254", "192.0.2.254")
    assert (host.tunnel(), host.addresses("lo")) == ({"10.9.9.9/32"}, set())
    assert [host.sysctl(name) for name in PARAMETERS] == ["8", "0", "0"]
    assert "net." not in host.say("cat", OPTIONS)
    assert host.changed("real_server") == 0


def test_dr_over_ipv6_answers_by_the_hosts_own_way_out_after_nat(network: Network) -> None:
    host = RealServer(network, "2001:db8::11")
    host.serve(service("2001:db8:7::1", "NAT", "2001:db8::11"))
    assert host.changed("real_server") > 0
    assert host.changed("real_server") == 0
    assert host.route("2001:db8:ffff::1") == host.route("ac::1") == "2001:db8::1"
    assert OWN_WAY_OUT6 in host.say("ip", "-6", "route")
    host.serve(service("2001:db8:7::1", "DR", "2001:db8::11"))
    assert host.changed("real_server") > 0
    assert host.route("2001:db8:ffff::1") == "2001:db8::fe"
    assert host.addresses("lo") == {"2001:db8:7::1/128"}


def test_tags_keep_to_a_part_of_the_role(network: Network) -> None:
    host = RealServer(network)
    host.serve(service("203.0.113.2", "TUN"))
    assert host.changed("real_server", "--tags", "real_server_kernel") > 0
    assert (host.sysctl(PARAMETERS[1]), host.tunnel()) == ("2", set())
    assert host.changed("real_server", "--tags", "real_server_network") > 0
    assert host.tunnel() == {"203.0.113.2/32"}
    host.serve()
    assert host.changed("real_server", "--tags", "real_server_network") > 0
    assert (host.sysctl(PARAMETERS[1]), host.tunnel()) == ("0", set())
