# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are network namespaces, joined by bridges in one more namespace; no route leads out of any of them.

with Network(tmp_path) as network:
    a = network.host("a", eth0="lan")             # interface eth0 on the segment "lan"
    a.ip("addr add 192.0.2.1/24 dev eth0")
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_numbers = itertools.count(1)


def eventually(condition: Callable[..., object], within: float) -> None:
    """Poll until `condition` holds; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.03)


def always(condition: Callable[[], object], during: float) -> None:
    """Poll for `during` seconds; fails as soon as `condition` does not hold."""
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        assert condition(), f"not for {during} s"
        time.sleep(0.03)


def ip(namespace: str, *commands: str) -> None:
    subprocess.run(["ip", "-n", namespace, "-batch", "-"], input="\n".join(commands), text=True, check=True, timeout=20)


class Network:
    """A context: the namespaces exist within it, and everything that was started in them ends with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = f"lvsd-{os.getpid()}-{next(_numbers)}"
        self.switch = f"{self.prefix}-switch"
        self.segments: set[str] = set()
        self.hosts: list[Host] = []
        self.running: list[Callable[[], object]] = []

    def __enter__(self) -> Network:
        self._namespace(self.switch)
        return self

    def __exit__(self, *_: object) -> None:
        for end in reversed(self.running):
            end()
        for name in (*(host.namespace for host in self.hosts), self.switch):
            subprocess.run(["ip", "netns", "del", name], check=False, timeout=20)

    def _namespace(self, name: str) -> None:
        subprocess.run(["ip", "netns", "add", name], check=True, timeout=20)
        no_dad = "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad"  # link-local addresses are usable at once
        subprocess.run(["ip", "netns", "exec", name, "sh", "-c", no_dad], check=True, timeout=20)
        ip(name, "link set lo up")

    def host(self, name: str, **interfaces: str) -> Host:
        """A host with these interfaces, each on the segment it names."""
        host = Host(self, name)
        self.hosts.append(host)
        self._namespace(host.namespace)
        for interface, segment in interfaces.items():
            self.plug(host, interface, segment)
        return host

    def plug(self, host: Host, interface: str, segment: str) -> None:
        if segment not in self.segments:
            self.segments.add(segment)
            ip(self.switch, f"link add {segment} type bridge mcast_snooping 0", f"link set {segment} up")
        port = f"{host.name}.{interface}"
        ip(
            self.switch,
            f"link add {port} type veth peer name {interface} netns {host.namespace}",
            f"link set {port} master {segment} up",
        )
        ip(host.namespace, f"link set {interface} up")

    def part(self, host: Host, interface: str, *, apart: bool) -> None:
        """Keep frames between this port and other ports kept `apart` from passing, with the carrier on."""
        ip(self.switch, f"link set {host.name}.{interface} type bridge_slave isolated {'on' if apart else 'off'}")


class Host:
    """A namespace; `folder` holds what its daemons read and write."""

    def __init__(self, network: Network, name: str) -> None:
        self.network = network
        self.name = name
        self.namespace = f"{network.prefix}-{name}"
        self.folder = network.folder / name
        self.folder.mkdir()

    def ip(self, *commands: str) -> None:
        """`ip` commands without the word ip."""
        ip(self.namespace, *commands)

    def addresses(self, interface: str = "eth0") -> set[str]:
        """With prefix length: {"192.0.2.1/24", ...}."""
        return {f"{a['local']}/{a['prefixlen']}" for a in self.address_details(interface)}

    def address_details(self, interface: str = "eth0") -> list[dict[str, object]]:
        command = ["ip", "-n", self.namespace, "-j", "addr", "show", "dev", interface]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
        return [address for link in json.loads(shown) for address in link.get("addr_info", [])]

    def start(self, *words: str, log: Path, **environment: str) -> subprocess.Popen[bytes]:
        """A program in the namespace; it is killed at the end of the network if nothing ends it before."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self.network.running.append(lambda: end(process))
        return process


def end(process: subprocess.Popen[bytes], within: float = 5.0) -> int:
    """SIGTERM, and SIGKILL for a process that does not end; its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait(within)


def lines(path: Path) -> Iterator[str]:
    if path.exists():
        yield from path.read_text(errors="replace").splitlines()
