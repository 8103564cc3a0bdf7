# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unicast as the collection configures it, and a stranger behind a router who sends what would win the election."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from network import Host, Network, always, eventually
from routers import RUNTIME, Lvsd, counters
from scenes import DOWN, SLACK

ROOT = Path(__file__).parents[3]
VIP = "10.0.0.100/24"
PLANNED = """
import json, sys
from ansible_collections.lvs.director.plugins.module_utils._configuration import files
from ansible_collections.lvs.director.plugins.plugin_utils._plan import plan
found = plan(json.load(sys.stdin), {})
assert not found.errors, found.errors
texts = {name: "\\n".join(files(part["configuration"]).values()) for name, part in found.directors.items()}
json.dump(texts, sys.stdout)
"""
STRANGER = """
import socket, sys, time
from ipaddress import ip_address
from lvsd.vrrp.packet import Advertisement, encode
source, target = map(ip_address, sys.argv[1:3])
advert = Advertisement(3, 51, 254, 40.95, (ip_address("10.0.0.100"),))
with socket.socket(socket.AF_INET, socket.SOCK_RAW, 112) as raw:
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 3)
    for _ in range(20):
        raw.sendto(encode(advert, source, target), (str(target), 0))
        time.sleep(0.05)
"""


def planned(folder: Path, **instance: Any) -> dict[str, str]:
    """What the directors a and b get from an inventory, by their names."""
    router = {"name": "VI_1", "interface": "eth0", "virtual_router_id": 51, "version": 3, **instance}
    router["virtual_ipaddress"] = [{"address": VIP}]
    shared = {"director_sync_interface": "eth0", "director_vrrp_instances": [router]}
    hosts = {
        name: {**shared, "director_priority": 150 - 50 * k, "director_addresses": {"eth0": f"10.0.0.{k + 1}/24"}}
        for k, name in enumerate("ab")
    }
    lvs = folder / "collections" / "ansible_collections" / "lvs"
    lvs.mkdir(parents=True)
    (lvs / "director").symlink_to(ROOT)
    command = [sys.executable, "-c", PLANNED]
    environment = {**os.environ, "PYTHONPATH": str(folder / "collections")}
    done = subprocess.run(
        command, env=environment, check=False, input=json.dumps(hosts), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def director(network: Network, name: str, number: int) -> Host:
    host = network.host(name, eth0="lan")
    host.ip(f"addr add 10.0.0.{number}/24 dev eth0", "route add default via 10.0.0.254")
    return host


def stranger(network: Network) -> Host:
    """Beyond a router."""
    between = network.host("router", eth0="lan", eth1="far")
    between.ip("addr add 10.0.0.254/24 dev eth0", "addr add 203.0.113.1/24 dev eth1")
    between.start("sysctl", "-w", "net.ipv4.ip_forward=1", log=between.folder / "sysctl.log").wait(5)
    host = network.host("stranger", eth0="far")
    host.ip("addr add 203.0.113.9/24 dev eth0", "route add default via 203.0.113.1")
    return host


@pytest.mark.beside
@pytest.mark.parametrize("asked", [{}, {"check_unicast_src": False}], ids=["derived", "as the inventory says"])
def test_a_routed_stranger(network: Network, asked: dict[str, bool]) -> None:
    """Derived, both hear each other and nobody else; an inventory may say otherwise, and then anyone wins."""
    texts = planned(network.folder, **asked)
    ours = Lvsd(director(network, "a", 1), texts["a"])
    ours.reaches("Active", within=DOWN + SLACK)
    theirs = Lvsd(director(network, "b", 2), texts["b"])
    eventually(lambda: theirs.show()["active_router"] == "10.0.0.1", within=SLACK + 1)
    sender = stranger(network)
    words = ("-c", STRANGER, "203.0.113.9", "10.0.0.1")
    running = sender.start(sys.executable, *words, log=sender.folder / "sent.log", PYTHONPATH=str(RUNTIME))
    assert running.wait(20) == 0, (sender.folder / "sent.log").read_text()
    if asked:
        eventually(lambda: counters(ours.show()).get("release_master") == 1, within=SLACK)
        assert VIP not in ours.host.addresses()
        return
    eventually(lambda: counters(ours.show()).get("unicast_src_err") == 20, within=SLACK)
    always(lambda: (ours.state(), theirs.state()) == ("Active", "Backup"), during=1)
    assert VIP in ours.host.addresses()
    assert ours.logged("VI_1: discarded packet from 203.0.113.9: it is not one of unicast_peer") == 1
