# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel and firewall of the role `director` on a host that is a network and a mount namespace, without IPVS."""

from __future__ import annotations

from typing import Any

import pytest
from network import Network
from prepared import Prepared

pytestmark = pytest.mark.beside

# Those of IPVS need its module.
NEEDED = {"net.ipv4.ip_forward": 1, "net.ipv4.conf.all.send_redirects": 0, "net.ipv4.conf.default.send_redirects": 0}
LOADED = ("nft", "list", "table", "inet", "lvs_director")
RULES = "/etc/lvs-director-firewall.nft"


def director(network: Network) -> tuple[Prepared, dict[str, Any]]:
    """The host, and the variables of both directors."""
    shared: dict[str, Any] = {"director_sync_interface": "eth0", "director_vrrp_instances": [router(4, "192.0.2.1/24")]}
    own = {"eth0": ["192.0.2.2/24", "2001:db8::2/64"], "eth0.7": "203.0.113.2/24", "eth9": "198.51.100.2/24"}
    other = {"eth0": ["192.0.2.3/24", "2001:db8::3/64"]}
    host = Prepared(network, "a", directors={"a": {"director_addresses": own}, "b": {"director_addresses": other}})
    host.host.ip("link add eth0.7 type veth peer name elsewhere", "link set eth0.7 up")
    host.shared = shared
    return host, shared


def router(number: int, address: str) -> dict[str, Any]:
    where = {"interface": "eth0", "virtual_router_id": number}
    return {"name": f"v{number}", **where, "virtual_ipaddress": [{"address": address}]}


def kernel(host: Prepared, *words: str) -> int:
    return host.changed("director", *words, only="look.yml kernel.yml", director_sysctls_needed=NEEDED)


def test_no_interface_redirects_and_ipv6_is_forwarded_where_it_is_served(network: Network) -> None:
    host, variables = director(network)
    routes = ("route add default via fe80::1 dev eth0 proto ra", "route add default via fe80::1 dev eth0.7 metric 2000")
    host.host.ip("link set elsewhere up", *routes)
    assert kernel(host, "--check") > 0
    assert host.sysctl("net.ipv4.conf.eth0.send_redirects") == "1"
    assert kernel(host) > 0
    for name in ("all", "default", "eth0", "eth0.7"):
        assert host.sysctl(f"net/ipv4/conf/{name}/send_redirects") == "0", name
    assert host.sysctl("net.ipv6.conf.all.forwarding") == "0"

    host.say("sysctl", "-w", "net.ipv4.conf.eth0.send_redirects=1")
    assert (kernel(host, "--check"), kernel(host)) == (1, 1)
    assert host.sysctl("net.ipv4.conf.eth0.send_redirects") == "0"

    variables["director_vrrp_instances"].append(router(6, "2001:db8::1/64"))
    servers = [{"address": "2001:db8::11", "port": 80}]
    variables["director_services"] = [{"address": "2001:db8::1", "port": 80, "lb_algo": "rr", "real_servers": servers}]
    assert kernel(host) > 0
    assert host.sysctl("net.ipv6.conf.all.forwarding") == "1"
    assert [host.sysctl(f"net/ipv6/conf/{name}/accept_ra") for name in ("eth0", "eth0.7")] == ["2", "1"]
    host.host.ip("route del default via fe80::1 dev eth0")  # its router is away, for a while
    assert kernel(host) == 0
    assert "net.ipv6.conf.eth0.accept_ra = 2" in host.say("cat", "/etc/sysctl.d/90-lvs-director.conf")


def firewall(host: Prepared, *words: str) -> int:
    return host.changed("director", *words, only="firewall.yml", director_firewall="present")


def test_rules_that_are_not_loaded_are_loaded_by_the_next_run(network: Network) -> None:
    host, _unused = director(network)
    assert firewall(host, "--check") > 0
    assert firewall(host) > 0
    before = host.say("cat", RULES)
    assert "192.0.2.3" in host.say(*LOADED)

    host.say("nft", "flush", "ruleset")  # as a reload of nftables.service
    assert (firewall(host, "--check"), firewall(host)) == (1, 1)
    assert "192.0.2.3" in host.say(*LOADED)

    # Written, and then the run ended: what is loaded is of another inventory.
    host.groups["directors"]["b"]["director_addresses"]["eth0"] = "192.0.2.4/24"
    assert firewall(host) == 2
    host.write("/etc/before.nft", before)
    host.say("nft", "-f", "/etc/before.nft")
    assert "192.0.2.3" in host.say(*LOADED)
    assert firewall(host) == 1
    assert "192.0.2.4" in host.say(*LOADED)
    assert host.changed("director", only="firewall.yml", director_firewall="absent") > 0
    assert "lvs_director" not in host.say("nft", "list", "ruleset")


def test_packages_that_are_there_are_not_asked_of_a_mirror(network: Network) -> None:
    """The mirror is away, and what it said before is too old."""
    host, _unused = director(network)
    host.write("/etc/apt/sources.list", "deb http://127.0.0.1:1/debian bookworm main\n")
    host.say("sh", "-c", "rm -rf /etc/apt/sources.list.d && mount -t tmpfs tmpfs /var/lib/apt")
    assert host.changed("director", only="packages.yml", facts=True, director_packages_wanted=["kmod", "procps"]) == 0
    wanted = ["kmod", "lvs-no-such-package"]
    done = host.play("director", "--check", only="packages.yml", facts=True, director_packages_wanted=wanted)
    assert done.returncode != 0
    said = done.stdout[done.stdout.index("with apt]") :]
    assert "kmod" not in said, said
