# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `decommission` on directors that are namespaces."""

from __future__ import annotations

from typing import Any

import pytest
from managed import UNREACHABLE, VIP, Cluster, Managed
from network import Network, eventually
from test_role_real_server import OPTIONS, PARAMETERS, RealServer, service

pytestmark = pytest.mark.beside

LEFT = """
ls -d /etc/systemd/system/lvsd*.service /etc/systemd/system/lvsd*.socket /usr/local/sbin/lvsd \
    /usr/local/sbin/lvsctl /opt/lvsd /var/lib/lvsd /etc/modules-load.d/lvs-director.conf \
    /etc/sysctl.d/90-lvs-director.conf /etc/lvsd /etc/lvs-director-firewall.nft \
    /etc/systemd/system/lvs-director-firewall.service 2>/dev/null; true
"""


def left(host: Managed) -> list[str]:
    """What the role has set and is still there."""
    return host.say("sh", "-c", LEFT).split()


def configured(host: Managed) -> str:
    return host.say("sh", "-c", "cat /etc/lvsd/lvsd.conf /etc/lvsd/conf.d/*")


def test_a_director_hands_over_and_leaves_nothing_and_the_others_forget_it(network: Network) -> None:
    cluster = Cluster(network, "a", "b", "c")
    cluster.shared["director_firewall"] = "present"
    cluster.done("site")
    cluster.settled("a")
    a, b, c = (cluster[name] for name in "abc")
    assert len(left(a)) == 11  # no order was given, so there is no state
    assert a.say("sysctl", "-n", "net.ipv4.conf.eth0.send_redirects") == "0\n"

    said = cluster.failed("decommission", host="a", gone="true")
    assert "a is not gone: it runs lvsd, or is heard as the active director" in said, said
    assert a.holds(VIP)

    cluster.done("decommission", host="a")
    assert b.holds(VIP)
    assert not a.holds(VIP)
    assert left(a) == []
    assert a.say("sysctl", "-n", "net.ipv4.conf.eth0.send_redirects", "net.ipv4.ip_forward") == "1\n0\n"
    assert "lvs_director" not in a.say("nft", "list", "ruleset")
    for other in (b, c):
        assert "192.0.2.11" not in configured(other) + other.say("nft", "list", "ruleset")
    assert "unicast_peer" in configured(b)
    assert b.states() == {"one": "Active"}
    again = cluster.done("decommission", host="a")
    assert [row for row in again.splitlines() if "changed=" in row and "changed=0" not in row] == [], again


def test_a_director_that_is_gone_is_forgotten_and_the_last_one_needs_a_word(network: Network) -> None:
    """The one that is left keeps the peer that has gone: without peers it would be multicast."""
    cluster = Cluster(network, "a", "b")
    cluster.done("site")
    cluster.settled("a")
    a, b = cluster["a"], cluster["b"]
    b.end()
    b.variables = {**UNREACHABLE, "director_addresses": {"eth0": "192.0.2.12/24"}}
    said = cluster.failed("decommission", host="b")
    assert "b: cannot be reached; nothing has changed. If it is gone for good, say -e gone=true" in said, said
    shown = a.host.address_details()
    cluster.done("decommission", host="b", gone="true")
    assert "192.0.2.12" in configured(a)
    assert a.host.address_details() == shown

    del cluster.directors["b"]
    cluster.shared["director_alone"] = True
    said = cluster.failed("decommission", host="a")
    assert "a is the last director" in said, said
    assert a.holds(VIP)
    a.say("sh", "-c", "echo '# mine' > /etc/lvsd/mine.conf")
    cluster.done("decommission", host="a", last="true")
    assert not a.holds(VIP)
    assert left(a) == ["/etc/lvsd"]
    assert a.say("ls", "/etc/lvsd") == "mine.conf\n"


def test_a_run_that_was_interrupted_goes_on(network: Network) -> None:
    """It ended when the daemon had stopped; a run that only checks changes nothing."""
    cluster = Cluster(network, "a", "b", "c")
    cluster.done("site")
    cluster.settled("a")
    cluster["a"].systemctl("stop", "lvsd.service")
    eventually(lambda: cluster["b"].holds(VIP), within=10)
    cluster.done("decommission", "--check", host="a")
    assert "192.0.2.11" in configured(cluster["b"])
    cluster.done("decommission", host="a")
    assert left(cluster["a"]) == []
    assert "192.0.2.11" not in configured(cluster["b"])


def test_a_real_server_gives_all_back(network: Network) -> None:
    host = RealServer(network)
    host.write("/etc/sysctl.d/50-own.conf", "net.ipv4.conf.all.arp_ignore = 8\n")
    host.host.ip("addr add 10.9.9.9/32 dev tunl0")  # somebody else's
    host.serve(service("203.0.113.1", "NAT"), service("203.0.113.2", "TUN"), service("203.0.113.3", "DR"))
    more: dict[str, Any] = {"real_server_sysctls": {"net.ipv4.conf.all.log_martians": 1}}
    assert host.changed("real_server", **more) > 0
    assert host.changed("real_server", "--check", only="decommission.yml", **more) > 0
    assert host.route("9.9.9.9") == "192.0.2.1"
    assert host.changed("real_server", only="decommission.yml", **more) > 0
    assert (host.route("198.51.100.1"), host.route("9.9.9.9")) == ("192.0.2.254", "192.0.2.254")
    assert (host.tunnel(), host.addresses("lo")) == ({"10.9.9.9/32"}, set())
    assert [host.sysctl(name) for name in PARAMETERS] == ["8", "0", "0"]
    assert host.say("sh", "-c", f"ls {OPTIONS} /etc/systemd/system/lvs-real-server.service 2>/dev/null; true") == ""
    assert host.changed("real_server", only="decommission.yml", **more) == 0
