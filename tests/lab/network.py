# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's wires: one namespace with a bridge per network and a tap per machine's interface; client namespaces.

The only way in from the host is the management link, a veth into the management bridge; the host's end does not
forward, so the lab has no way out whatever routes a machine sets. Everything here but the host's end of that link
lives in the lab's own namespaces and goes with them. Uses pyroute2, in a thread that has entered the namespace.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import TypeVar

from pyroute2 import IPRoute, netns

from .paths import LabError, Paths
from .topology import MANAGEMENT, ClientSpec, Topology, interfaces, management_host

NAMESPACES = Path("/run/netns")
T = TypeVar("T")


def inside(namespace: str, function: Callable[[], T]) -> T:
    """Call `function` in a thread of its own that has entered `namespace`; its value or exception comes back."""
    values: list[T] = []
    problems: list[BaseException] = []

    def enter() -> None:
        try:
            netns.setns(namespace, flags=0, fork=False)
            values.append(function())
        except BaseException as problem:  # raised again in the caller
            problems.append(problem)

    thread = Thread(target=enter)
    thread.start()
    thread.join()
    for problem in problems:
        raise problem
    return values[0]


def enter_command(namespace: str) -> list[str]:
    """Put before a command line, it runs it in `namespace` as the same process."""
    return ["nsenter", f"--net={NAMESPACES / namespace}", "--"]


# --- building --------------------------------------------------------------------------------------------------------


def build(where: Paths, topology: Topology) -> None:
    """All namespaces, bridges, taps and the management link. What of it exists must have been removed before."""
    subprocess.run(["ip", "netns", "add", where.namespace], check=True)
    inside(where.namespace, lambda: build_bridges(where, topology))
    for client in topology.clients:
        subprocess.run(["ip", "netns", "add", where.client_namespace(client.name)], check=True)
        build_client(where, client)
    build_management(where, topology)


def build_bridges(where: Paths, topology: Topology) -> None:
    """In the lab's namespace: a bridge per network and a tap per interface. No IPv6 or netfilter of their own."""
    sysctl("net/ipv6/conf/default/disable_ipv6", 1)
    with IPRoute() as ip:
        up(ip, "lo")
        for network in [MANAGEMENT, *(network.name for network in topology.networks)]:
            ip.link("add", ifname=network, kind="bridge", br_stp_state=0, br_forward_delay=0, br_mcast_snooping=0)
            up(ip, network)
        for hook in ("iptables", "ip6tables", "arptables"):
            sysctl(f"net/bridge/bridge-nf-call-{hook}", 0)
        for machine in topology.machines:
            for interface in interfaces(topology, machine.name, where.name):
                ip.link("add", ifname=interface.tap, kind="tuntap", mode="tap")
                join(ip, interface.tap, interface.network)


def build_client(where: Paths, client: ClientSpec) -> None:
    """A namespace's interfaces: veths whose other ends are ports of the bridges."""
    namespace = where.client_namespace(client.name)

    def pairs() -> None:
        with IPRoute() as ip:
            for position, link in enumerate(client.links):
                peer = {"ifname": f"eth{position}", "net_ns_fd": namespace}
                ip.link("add", ifname=f"{client.name}-{position}", kind="veth", peer=peer)
                join(ip, f"{client.name}-{position}", link.network)

    def addresses() -> None:
        with IPRoute() as ip:
            up(ip, "lo")
            for position, link in enumerate(client.links):
                for address in link.addresses:
                    host, _, prefix = address.partition("/")
                    ip.addr("add", index=index(ip, f"eth{position}"), address=host, prefixlen=int(prefix))
                up(ip, f"eth{position}")

    inside(where.namespace, pairs)
    inside(namespace, addresses)


def build_management(where: Paths, topology: Topology) -> None:
    """The veth from the host, with fixed neighbours so that a booting machine is asked at once.

    The host's end neither forwards nor speaks IPv6: both are settings of that interface and go with it.
    """
    address = management_host(where.name)
    with IPRoute() as ip:
        for taken in ip.get_addr(address=str(address.ip)):
            raise LabError(
                f"{address.ip} is already on interface {taken['index']} of this host: "
                "set LVS_LAB_NAME to another name, which gives another network"
            )
        peer = {"ifname": "host", "net_ns_fd": where.namespace}
        ip.link("add", ifname=where.host_link, kind="veth", peer=peer)
        sysctl(f"net/ipv6/conf/{where.host_link}/disable_ipv6", 1)
        sysctl(f"net/ipv4/conf/{where.host_link}/forwarding", 0)
        ip.addr("add", index=index(ip, where.host_link), address=str(address.ip), prefixlen=address.network.prefixlen)
        up(ip, where.host_link)
        for machine in topology.machines:
            last = interfaces(topology, machine.name, where.name)[-1]
            neighbour = {"dst": last.addresses[0].partition("/")[0], "lladdr": last.mac, "state": "permanent"}
            ip.neigh("replace", ifindex=index(ip, where.host_link), **neighbour)

    def attach() -> None:
        with IPRoute() as ip:
            join(ip, "host", MANAGEMENT)

    inside(where.namespace, attach)


def index(ip: IPRoute, name: str) -> int:
    found = ip.link_lookup(ifname=name)
    if not found:
        raise LabError(f"no interface {name}: is the lab up? (python3 -m tests.lab status)")
    return int(found[0])


def up(ip: IPRoute, name: str) -> None:
    ip.link("set", index=index(ip, name), state="up")


def join(ip: IPRoute, name: str, bridge: str) -> None:
    ip.link("set", index=index(ip, name), master=index(ip, bridge), state="up")


def sysctl(name: str, value: int) -> None:
    """Of the calling thread's namespace; a setting that this kernel has not is left alone."""
    path = Path("/proc/sys") / name
    if path.exists():
        path.write_text(f"{value}\n")


# --- faults ----------------------------------------------------------------------------------------------------------


def unplug(where: Paths, tap: str) -> None:
    """Take a tap off its bridge: frames vanish both ways and the machine sees nothing (its carrier stays)."""
    set_master(where, tap, None)


def plug(where: Paths, tap: str, network: str) -> None:
    """Put a tap back on its bridge."""
    set_master(where, tap, network)


def set_master(where: Paths, tap: str, network: str | None) -> None:
    def change() -> None:
        with IPRoute() as ip:
            ip.link("set", index=index(ip, tap), master=index(ip, network) if network else 0)

    inside(where.namespace, change)


def drop(where: Paths, tap: str, *, sent: bool) -> None:
    """One-way loss: from now on the bridge drops what the tap's machine sends (or, not `sent`, what it would get)."""
    side = "iifname" if sent else "oifname"
    nft(
        where,
        f"""
        add table bridge lab
        add chain bridge lab loss {{ type filter hook forward priority 0; }}
        add rule bridge lab loss {side} "{tap}" counter drop comment "{tap}"
    """,
    )


def undrop(where: Paths, taps: Iterable[str]) -> None:
    """End one-way loss of these taps."""
    if "table bridge lab" not in nft(where, "list tables"):
        return
    listed = nft(where, "list chain bridge lab loss", "--handle")
    for row in listed.splitlines():
        if "# handle " in row and any(f'comment "{tap}"' in row for tap in taps):
            nft(where, f"delete rule bridge lab loss handle {row.rsplit(' ', 1)[1]}")


def nft(where: Paths, script: str, *options: str) -> str:
    command = [*enter_command(where.namespace), "nft", *options, "-f", "-"]
    return subprocess.run(command, input=script, text=True, stdout=subprocess.PIPE, check=True).stdout


# --- removing --------------------------------------------------------------------------------------------------------


def namespaces(where: Paths) -> list[str]:
    """The lab's namespaces that exist: its own and its clients', whatever the topology was."""
    try:
        names = sorted(os.listdir(NAMESPACES))
    except FileNotFoundError:
        return []
    return [name for name in names if name == where.namespace or name.startswith(f"{where.namespace}-")]


def members(where: Paths) -> list[int]:
    """Processes inside the lab's namespaces."""
    own = {os.stat(NAMESPACES / name).st_ino for name in namespaces(where)}
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.stat(f"/proc/{entry}/ns/net").st_ino in own:
                found.append(int(entry))
        except OSError:  # gone meanwhile, or a zombie: neither is inside
            continue
    return found


def host_link_exists(where: Paths) -> bool:
    return Path("/sys/class/net", where.host_link).exists()


def remove(where: Paths) -> None:
    """Everything that `build` made and that is still there. Processes inside must have ended before."""
    if host_link_exists(where):
        subprocess.run(["ip", "link", "del", where.host_link], check=True)
    for name in namespaces(where):
        subprocess.run(["ip", "netns", "del", name], check=True)
