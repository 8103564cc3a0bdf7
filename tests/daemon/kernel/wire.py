# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One wire with a director, a client and real servers on it, each in a namespace of its own.

    client  198.51.100.2  2001:db8:c::2 --+           +-- rs1    10.0.0.11  2001:db8:5::11
                                          +-- wire ---+-- rs2    10.0.0.12  2001:db8:5::12
    director (the test's own namespace) --+           +-- sorry  10.0.0.99  2001:db8:5::99
      198.51.100.1  10.0.0.1  2001:db8:c::1  2001:db8:5::1, VIP 192.0.2.10 and 2001:db8::10

NAT servers answer through the director, DR and TUN servers (which hold the VIP) straight to the client.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator

from inside import CLONE_NEWNET, checked, libc, run

SERVERS = {"rs1": 11, "rs2": 12, "sorry": 99}
VIP = {4: "192.0.2.10", 6: "2001:db8::10"}
CLIENT = {4: "198.51.100.2", 6: "2001:db8:c::2"}
LONG, PIECE = 4 << 20, 4 << 10  # bytes of a long answer, and of its pieces
OTHER_CLIENT = "198.51.100.3"


def address(server: str, version: int = 4) -> str:
    number = SERVERS[server]
    return f"10.0.0.{number}" if version == 4 else f"2001:db8:5::{number}"


DIRECTOR = """
sysctl -qw net.ipv4.tcp_orphan_retries=1 net.ipv4.tcp_fin_timeout=1
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
ip link add wire type bridge forward_delay 0 mcast_snooping 0
ip link set wire up
ip address add 198.51.100.1/24 dev wire
ip address add 10.0.0.1/24 dev wire
ip address add 192.0.2.10/32 dev wire
ip address add 2001:db8:c::1/64 dev wire nodad
ip address add 2001:db8:5::1/64 dev wire nodad
ip address add 2001:db8::10/128 dev wire nodad
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
"""

HOST = """
ip netns add {name}
ip link add to-{name} type veth peer name eth0 netns {name}
ip link set to-{name} master wire up
"""

INSIDE = """
sysctl -qw net.ipv4.tcp_orphan_retries=1 net.ipv4.tcp_fin_timeout=1
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv6.conf.eth0.accept_redirects=0
ip link set lo up
ip link set eth0 up
"""

IN_CLIENT = """
ip address add 198.51.100.2/24 dev eth0
ip address add 198.51.100.3/24 dev eth0
ip address add 2001:db8:c::2/64 dev eth0 nodad
ip route add 192.0.2.10/32 via 198.51.100.1
ip route add 2001:db8::10/128 via 2001:db8:c::1
ip route add 10.0.0.0/24 dev eth0
ip route add 2001:db8:5::/64 dev eth0
"""

IN_SERVER = """
ip address add 10.0.0.{number}/24 dev eth0
ip address add 2001:db8:5::{number}/64 dev eth0 nodad
"""

NAT = """
ip route add default via 10.0.0.1
ip route add default via 2001:db8:5::1
"""

STRAIGHT = """
sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
ip route add 198.51.100.0/24 dev eth0
ip route add 2001:db8:c::/64 dev eth0
"""

DR = """
ip address add 192.0.2.10/32 dev lo
ip address add 2001:db8::10/128 dev lo nodad
"""

TUN = """
modprobe -a ipip ip6_tunnel || "$(cat /proc/sys/kernel/modprobe)" -a ipip ip6_tunnel
ip link set tunl0 up
ip link set ip6tnl0 up
sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
ip address add 192.0.2.10/32 dev tunl0
ip address add 2001:db8::10/128 dev ip6tnl0 nodad
"""

ROUTES = {"NAT": NAT, "DR": STRAIGHT + DR, "TUN": STRAIGHT + TUN}


def shell(script: str, namespace: str | None = None) -> None:
    where = [] if namespace is None else ["ip", "netns", "exec", namespace]
    run(*where, "sh", "-ec", compact(script))


def compact(script: str) -> str:
    """The same with few processes, which are dear in here: settings by echo, the lines of `ip` in batches."""
    lines: list[str] = []
    for line in script.strip().splitlines():
        words = line.split()
        if words[:2] == ["sysctl", "-qw"]:
            settings = (word.split("=") for word in words[2:])
            lines += [f"echo {value} > /proc/sys/{name.replace('.', '/')}" for name, value in settings]
        elif words[:1] == ["ip"] and lines and lines[-1].startswith("ip -batch"):
            lines[-1] = lines[-1].removesuffix("END") + line[3:] + "\nEND"
        elif words[:1] == ["ip"]:
            lines.append(f"ip -batch - <<END\n{line[3:]}\nEND")
        else:
            lines.append(line)
    return "\n".join(lines)


def build(method: str = "NAT") -> None:
    """All of it, with real servers set up for this forwarding method."""
    hosts = ["client", *SERVERS]
    shell(DIRECTOR + "".join(HOST.format(name=name) for name in hosts))
    shell(INSIDE + IN_CLIENT, "client")
    for name, number in SERVERS.items():
        shell(INSIDE + IN_SERVER.format(number=number) + ROUTES[method], name)


@contextlib.contextmanager
def entered(namespace: str) -> Iterator[None]:
    """Sockets that are made meanwhile belong to this namespace."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        checked(libc.setns(there, CLONE_NEWNET))
        yield
    finally:
        checked(libc.setns(before, CLONE_NEWNET))
        os.close(before)
        os.close(there)


class HttpServer:
    """Answers every request with its name, on IPv4 and IPv6; `/slow` after half a second, `/long` a piece at a time
    until `last_piece` is set."""

    def __init__(self, name: str, port: int = 80) -> None:
        self.name = name
        self.status = b"200 OK"
        self.requests: Counter[bytes] = Counter()
        self.open: set[socket.socket] = set()
        self.last_piece = threading.Event()
        with entered(name):
            self.listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Refuse connections from now on; those that are open go on."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def end(self) -> None:
        """Reset all connections, too: a namespace lives as long as its sockets."""
        self.close()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RD)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """One request after the other, until the client closes."""
        connection.settimeout(60)
        self.open.add(connection)
        with connection, contextlib.suppress(OSError):
            received = b""
            while data := connection.recv(4096):
                received += data
                while b"\r\n\r\n" in received:
                    head, _, received = received.partition(b"\r\n\r\n")
                    path = head.split()[1]
                    self.requests[path] += 1
                    if path == b"/slow":
                        time.sleep(0.5)
                    if path == b"/long":
                        self._dribble(connection)
                        return
                    body = self.name.encode()
                    connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (self.status, len(body), body))
                    if b"HTTP/1.0" in head:
                        return

    def _dribble(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LONG)
        for left in range(LONG, 0, -PIECE):
            connection.sendall(b"x" * min(left, PIECE))
            self.last_piece.wait(0.05)


class Client:
    """A connection from the client's namespace, over which requests are sent."""

    def __init__(self, host: str, port: int = 80, source: str | None = None, timeout: float = 5) -> None:
        with entered("client"):
            self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.socket.settimeout(timeout)
        try:
            if source is not None:
                self.socket.bind((source, 0))
            self.socket.connect((host, port))
        except OSError:
            self.socket.close()
            raise

    def get(self, path: str = "/") -> str:
        """The body, which is the name of the server. Raises OSError."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b""
        while not (received.partition(b"\r\n\r\n")[2]):
            data = self.socket.recv(4096)
            if not data:
                raise ConnectionError("closed without an answer")
            received += data
        return received.partition(b"\r\n\r\n")[2].decode()

    def get_long(self) -> int:
        """The bytes of the long answer that arrive, its headers left out. Raises OSError."""
        self.socket.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        received = len(self.socket.recv(65536).partition(b"\r\n\r\n")[2])
        while data := self.socket.recv(1 << 20):
            received += len(data)
        return received

    def close(self) -> None:
        self.socket.close()


def get(host: str = VIP[4], port: int = 80, path: str = "/", source: str | None = None, timeout: float = 5) -> str:
    """One request on a connection of its own. Raises OSError."""
    client = Client(host, port, source, timeout)
    try:
        return client.get(path)
    finally:
        client.close()


def shares(count: int, host: str = VIP[4], port: int = 80, source: str | None = None) -> dict[str, int]:
    return dict(Counter(get(host, port, source=source) for _ in range(count)))
