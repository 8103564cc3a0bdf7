# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker programs IPVS, a client fetches pages through it; the table is read back with `ipvsadm -Ln`."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from checkers import Checker, table
from inside import eventually
from wire import (
    OTHER_CLIENT,
    SERVERS,
    VIP,
    Client,
    HttpServer,
    address,
    build,
    entered,
    get,
    shares,
    shell,
)

SPELLED = {"NAT": "Masq", "DR": "Route", "TUN": "Tunnel"}

HTTP = (
    "HTTP_GET {\n url {\n path /check\n status_code 200\n }\n connect_timeout 3\n retry 1\n delay_before_retry 0.2\n }"
)


def real(name: str, weight: int = 1, version: int = 4, check: str = HTTP, port: int = 80) -> str:
    return f" real_server {address(name, version)} {port} {{\n weight {weight}\n {check}\n }}\n"


def service(
    *servers: str, method: str = "NAT", version: int = 4, more: str = "", head: str | None = None, algo: str = "wrr"
) -> str:
    head = head or f"virtual_server {VIP[version]} 80"
    base = f" protocol TCP\n delay_loop 0.3\n lb_algo {algo}\n lb_kind {method}\n"
    return f"{head} {{\n{base}{more}\n{''.join(servers)}}}\n"


def sorry(version: int = 4) -> str:
    return f" sorry_server {address('sorry', version)} 80\n"


@pytest.fixture
def servers() -> Iterator[Callable[[], dict[str, HttpServer]]]:
    """Call it once the wire is built: a web server in each real server's namespace."""
    running: dict[str, HttpServer] = {}

    def start() -> dict[str, HttpServer]:
        running.update({name: HttpServer(name) for name in SERVERS})
        return running

    yield start
    for server in running.values():
        server.end()


Servers = Callable[[], dict[str, HttpServer]]


@pytest.mark.parametrize("version", [4, 6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("method", ["NAT", "DR", "TUN"])
def test_shares_failure_recovery_and_sorry_server(
    checker: Checker, servers: Servers, method: str, version: int
) -> None:
    build(method)
    web = servers()
    bracket = (lambda text: f"[{text}]") if version == 6 else (lambda text: text)
    vip = VIP[version]
    rs1, rs2, apology = (f"-> {bracket(address(name, version))}:80 {SPELLED[method]}" for name in SERVERS)
    head = f"TCP {bracket(vip)}:80 wrr"
    checker.start(
        service(real("rs1", 2, version), real("rs2", 1, version), method=method, version=version, more=sorry(version))
    )

    # shares by weight, exactly
    assert table() == f"{head}\n{rs1} 2\n{rs2} 1"
    assert shares(30, vip) == {"rs1": 20, "rs2": 10}

    # a dead server goes, nobody notices
    web["rs1"].close()
    eventually(lambda: table() == f"{head}\n{rs2} 1", within=8)
    assert shares(6, vip) == {"rs2": 6}

    # without any, the sorry server answers
    web["rs2"].close()
    eventually(lambda: table() == f"{head}\n{apology} 1", within=8)
    assert shares(3, vip) == {"sorry": 3}

    # one comes back: the sorry server goes
    web["rs1"] = HttpServer("rs1")
    eventually(lambda: table() == f"{head}\n{rs1} 2", within=8)
    assert shares(3, vip) == {"rs1": 3}
    web["rs2"] = HttpServer("rs2")
    eventually(lambda: f"{rs2} 1" in table(), within=8)
    assert shares(30, vip) == {"rs1": 20, "rs2": 10}

    # and it leaves nothing behind
    assert checker.end(signal.SIGTERM) == 0
    assert table() == ""
    name = f"{bracket(address('rs1', version))}:80 of {bracket(vip)}:80/TCP"
    assert f"{name}: up -> down (HTTP_GET: connection refused)" in checker.log
    assert f"{name}: down -> up (HTTP_GET: status 200)" in checker.log
    assert f"{bracket(vip)}:80/TCP: quorum lost (weight 0 of 1): sorry server" in checker.log


def test_a_wrong_status_takes_a_server_out(checker: Checker, servers: Servers) -> None:
    build()
    web = servers()
    checker.start(service(real("rs1"), real("rs2")))
    web["rs2"].status = b"503 Maintenance"
    eventually(lambda: "10.0.0.12" not in table(), within=8)
    assert shares(4) == {"rs1": 4}
    assert "(HTTP_GET: status 503)" in checker.log


def test_inhibit_on_failure_keeps_a_dead_server_at_weight_0(checker: Checker, servers: Servers) -> None:
    build()
    web = servers()
    checker.start(service(real("rs1"), real("rs2"), more=" inhibit_on_failure\n"))
    web["rs2"].close()
    eventually(lambda: "-> 10.0.0.12:80 Masq 0" in table(), within=8)
    assert shares(4) == {"rs1": 4}


def test_a_firewall_mark_is_balanced(checker: Checker, servers: Servers) -> None:
    build()
    servers()
    # only what comes from the client: the mark would make a service's traffic of the answers to checks, too
    shell("tc qdisc add dev to-client clsact; tc filter add dev to-client ingress matchall action skbedit mark 7")
    checker.start(service(real("rs1", 2), real("rs2"), head="virtual_server fwmark 7"))
    assert table() == "FWM 7 wrr\n-> 10.0.0.11:80 Masq 2\n-> 10.0.0.12:80 Masq 1"
    assert shares(9, port=8080) == {"rs1": 6, "rs2": 3}


def test_a_persistent_client_stays_with_its_server(checker: Checker, servers: Servers) -> None:
    build()
    servers()
    checker.start(service(real("rs1"), real("rs2"), algo="rr", more=" persistence_timeout 60\n"))
    assert table().splitlines()[0] == "TCP 192.0.2.10:80 rr persistent 60"
    (first,) = shares(6)
    (second,) = shares(6, source=OTHER_CLIENT)
    assert {first, second} == {"rs1", "rs2"}


def test_udp_is_balanced_and_sctp_is_there(checker: Checker) -> None:
    build()
    echoes = []
    for name in ("rs1", "rs2"):
        with entered(name):
            echoes.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        echoes[-1].bind(("0.0.0.0", 53))

    def echo(server: socket.socket, name: bytes) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, peer = server.recvfrom(512)
                server.sendto(name + b" " + data, peer)

    for server, answer in zip(echoes, (b"rs1", b"rs2"), strict=True):
        threading.Thread(target=echo, args=(server, answer), daemon=True).start()
    dns = "virtual_server 192.0.2.10 53 {{\n protocol UDP\n lb_algo rr\n lb_kind NAT\n ops\n{}}}\n"
    sctp = "virtual_server 192.0.2.10 3868 {{\n protocol SCTP\n lb_algo rr\n lb_kind NAT\n{}}}\n"
    checker.start(
        dns.format(real("rs1", check="", port=53) + real("rs2", check="", port=53))
        + sctp.format(real("rs1", check="", port=3868))
    )
    with entered("client"):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(5)
    answers: Counter[bytes] = Counter()
    for _ in range(6):
        client.sendto(b"hello", (VIP[4], 53))
        answers[client.recv(512)] += 1
    for used in (client, *echoes):
        with contextlib.suppress(OSError):
            used.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
        used.close()
    assert answers == {b"rs1 hello": 3, b"rs2 hello": 3}
    assert sorted(table().splitlines()) == [
        "-> 10.0.0.11:3868 Masq 1",
        "-> 10.0.0.11:53 Masq 1",
        "-> 10.0.0.12:53 Masq 1",
        "SCTP 192.0.2.10:3868 rr",
        "UDP 192.0.2.10:53 rr ops",
    ]


def test_a_drain_under_requests_fails_none(checker: Checker, servers: Servers) -> None:
    build()
    web = servers()
    checker.start(service(real("rs1"), real("rs2"), algo="rr"))
    connections = [Client(VIP[4]) for _ in range(4)]
    assert Counter(client.get() for client in connections) == {"rs1": 2, "rs2": 2}
    failures: list[OSError] = []
    answered: list[str] = []
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            try:
                answered.append(get(path="/slow"))
            except OSError as error:
                failures.append(error)

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answered) > 3, within=10)
    answer = checker.ask("drain", service="192.0.2.10:80/TCP", server="10.0.0.11:80")
    assert answer["ok"], answer
    assert (answer["server"]["admin"], answer["server"]["effective_weight"]) == ("drained", 0)
    assert "-> 10.0.0.11:80 Masq 0" in table()
    asked = web["rs1"].requests[b"/slow"]
    done = len(answered)
    eventually(lambda: len(answered) > done + 8, within=20)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert failures == []
    assert web["rs1"].requests[b"/slow"] <= asked + 3  # those whose connection was there already
    assert Counter(client.get() for client in connections) == {"rs1": 2, "rs2": 2}  # open ones still are
    for client in connections:
        client.close()
    assert checker.ask("enable", service="192.0.2.10:80", server="10.0.0.11")["server"]["effective_weight"] == 1
    assert shares(4) == {"rs1": 2, "rs2": 2}


def test_a_reload_with_another_weight_keeps_connections(checker: Checker, servers: Servers) -> None:
    build()
    servers()
    checker.start(service(real("rs1"), real("rs2")))
    connections = [Client(VIP[4]) for _ in range(4)]
    before = [client.get() for client in connections]
    checker.config.write_text(service(real("rs1", 5), real("rs2")))
    assert checker.process is not None
    checker.process.send_signal(signal.SIGHUP)
    eventually(lambda: "-> 10.0.0.11:80 Masq 5" in table(), within=5)
    assert [client.get() for client in connections] == before
    assert shares(12) == {"rs1": 10, "rs2": 2}
    for client in connections:
        client.close()
