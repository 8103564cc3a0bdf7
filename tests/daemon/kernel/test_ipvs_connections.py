# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IPVS carries stays carried, whatever is changed in the table."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from inside import eventually, run
from lvsd.kernel.ipvs import Connections, Destination, Ipvs, Service, Table
from tables import WEB, make, server


@contextmanager
def connection(ipvs: Ipvs) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client's connection to WEB and the server's end of it, on 10.0.0.11:8080 of this machine."""
    run("ip", "address", "add", "192.0.2.10/32", "dev", "lo")
    run("ip", "address", "add", "10.0.0.11/32", "dev", "lo")
    make(ipvs, Table({WEB: Service("wrr")}, {server(WEB, "10.0.0.11", 8080): Destination(weight=1)}))
    with (
        socket.create_server(("10.0.0.11", 8080)) as listener,
        socket.create_connection(("192.0.2.10", 80), timeout=10) as client,
    ):
        accepted, _ = listener.accept()
        with accepted:
            accepted.settimeout(10)
            yield client, accepted


def test_an_update_in_place_keeps_connections_and_counters(ipvs: Ipvs) -> None:
    with connection(ipvs) as (client, accepted):
        key = server(WEB, "10.0.0.11", 8080)
        eventually(lambda: ipvs.connections([WEB]) == {key: Connections(active=1)}, within=5)
        make(
            ipvs, Table({WEB: Service("rr", 60)}, {key: Destination(weight=0), server(WEB, "10.0.0.12"): Destination()})
        )
        client.sendall(b"still there")
        assert accepted.recv(100) == b"still there"
        assert ipvs.connections()[key] == Connections(active=1)
        eventually(lambda: scheduled("192.0.2.10:80") == 1, within=5)


def scheduled(service: str) -> int:
    """How many connections `ipvsadm` counts since the service was added."""
    line = next(line for line in run("ipvsadm", "-Ln", "--stats", "--exact").splitlines() if service in line)
    return int(line.split()[2])


def test_a_removed_service_does_not_reset_its_connections(ipvs: Ipvs) -> None:
    with connection(ipvs) as (client, accepted):
        make(ipvs, Table())
        make(ipvs, Table({WEB: Service("rr")}, {server(WEB, "10.0.0.11", 8080): Destination()}))
        client.sendall(b"still there")
        assert accepted.recv(100) == b"still there"


def test_a_handshake_that_nobody_ends_counts_as_a_connection_for_up_to_a_minute(ipvs: Ipvs) -> None:
    """What docs/troubleshooting.md says of a drain that waits although no client is there any more."""
    run("ip", "link", "add", "lan", "type", "dummy")
    run("ip", "link", "set", "lan", "up")
    run("ip", "address", "add", "192.0.2.10/32", "dev", "lo")
    run("ip", "address", "add", "10.0.0.1/24", "dev", "lan")
    run("ip", "neigh", "add", "10.0.0.11", "lladdr", "02:00:00:00:00:11", "dev", "lan")  # it never answers
    make(ipvs, Table({WEB: Service("wrr")}, {server(WEB, "10.0.0.11", 80): Destination(weight=1)}))
    with socket.socket() as client:
        client.setblocking(False)
        client.connect_ex(("192.0.2.10", 80))
        eventually(lambda: "SYN_RECV" in run("ipvsadm", "-Lcn"), within=5)
    _unused, counts = ipvs.counted()
    assert counts[server(WEB, "10.0.0.11", 80)] == Connections(active=1)
    (entry,) = [line.split() for line in run("ipvsadm", "-Lcn").splitlines() if "SYN_RECV" in line]
    assert entry[1] <= "01:00"
