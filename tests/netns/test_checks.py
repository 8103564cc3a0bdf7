# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes against real servers: on loopback, and in a namespace where packets vanish."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import md5
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

RUNTIME = Path(__file__).parents[2] / "runtime"
sys.path.insert(0, str(RUNTIME))

from lvsd.check.health import Result  # noqa: E402
from lvsd.check.probe import start  # noqa: E402
from lvsd.check.prober import Prober  # noqa: E402
from lvsd.check.schedule import HttpProbe, MiscProbe, NoProbe, Page, Probe, Target, TcpProbe  # noqa: E402
from lvsd.loop import Loop  # noqa: E402
from lvsd.model import Command, SslContext  # noqa: E402

LOCALHOST = ip_address("127.0.0.1")
BODY = b"hello, world"
OK = b"HTTP/1.0 200 OK\r\n\r\n" + BODY

Behaviour = Callable[[socket.socket], None]


@contextmanager
def serving(behaviour: Behaviour, address: str = "127.0.0.1") -> Iterator[Target]:
    """A server that treats every connection so, each in a thread; gone at the end."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    threads: list[threading.Thread] = []
    with socket.create_server((address, 0), family=family) as listener:

        def one(connection: socket.socket) -> None:
            with connection:
                connection.settimeout(5)
                try:
                    behaviour(connection)
                except OSError:  # the probe has left
                    pass

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=one, args=(connection,)))
                threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield Target(address=ip_address(address), port=listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(5)
            for thread in threads:
                thread.join(10)


def answering(answer: bytes, pause: float = 0.0, piece: int = 1 << 20) -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            received = connection.recv(4096)
            if not received:  # the probe has left before it asked
                return
            request += received
        for n in range(0, len(answer), piece):
            connection.sendall(answer[n : n + piece])
            time.sleep(pause)

    return behaviour


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def outcome(probe: Probe, timeout: float = 2.0, url: int = 0, within: float = 8.0) -> Result:
    """Run one probe on a loop of its own: it must end exactly once and leave nothing registered."""
    loop = Loop()
    before = set(loop._callbacks)
    results: list[Result] = []

    def done(result: Result) -> None:
        results.append(result)
        loop.call_later(0.05, loop.stop)

    try:
        start(loop, probe, url, timeout, done)
        assert not results, "a probe never ends within start()"
        loop.call_later(within, loop.stop)
        loop.run()
        assert len(results) == 1
        assert set(loop._callbacks) == before
    finally:
        loop.close()
    return results[0]


def http(target: Target, tls: bool = False, path: str = "/", **more: Any) -> HttpProbe:
    settings = {name: more.pop(name) for name in ("ssl", "server_name") if name in more}
    request = f"GET {path} HTTP/1.0\r\n\r\n".encode()
    return HttpProbe(target=target, pages=(Page(path=path, request=request, **more),), tls=tls, **settings)


def closed_port() -> Target:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return Target(address=LOCALHOST, port=listener.getsockname()[1])


# --- TCP ---------------------------------------------------------------------------------------


def test_a_listening_server_passes_tcp() -> None:
    for address in ("127.0.0.1", "::1"):
        with serving(silent, address) as target:
            result = outcome(TcpProbe(target))
            assert (result.passed, result.detail) == (True, "connected")
            assert 0 < result.latency < 2


@pytest.mark.parametrize("kind", ["tcp", "http", "tls"])
def test_a_closed_port_is_refused(kind: str) -> None:
    target = closed_port()
    probe = TcpProbe(target) if kind == "tcp" else http(target, tls=kind == "tls")
    result = outcome(probe)
    assert (result.passed, result.detail) == (False, "connection refused")


def test_an_address_that_is_not_ours_cannot_be_bound() -> None:
    with serving(silent) as target:
        result = outcome(TcpProbe(Target(address=LOCALHOST, port=target.port, bindto=ip_address("192.0.2.1"))))
    assert (result.passed, result.detail) == (False, "cannot assign requested address")


def test_a_port_that_cannot_be_is_a_failure_not_a_crash() -> None:
    assert not outcome(TcpProbe(Target(address=LOCALHOST, port=70000))).passed
    assert not outcome(TcpProbe(Target(address=LOCALHOST, port=0))).passed


def test_a_check_is_bound_to_address_and_port() -> None:
    seen: list[Any] = []
    free = closed_port().port
    with serving(lambda connection: seen.append(connection.getpeername())) as target:
        bound = Target(address=LOCALHOST, port=target.port, bindto=ip_address("127.0.0.9"), bind_port=free)
        assert outcome(TcpProbe(bound)).passed
    assert seen == [("127.0.0.9", free)]


# --- HTTP --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "page", "passed", "detail"),
    [
        (OK, {}, True, "status 200"),
        (OK, {"digest": md5(BODY).hexdigest()}, True, "status 200"),
        (OK, {"digest": "0" * 32}, False, f"digest {md5(BODY).hexdigest()}"),
        (OK, {"regex": "wor.d"}, True, "status 200"),
        (OK, {"regex": "absent"}, False, "regex does not match"),
        (OK, {"regex": "hello", "regex_no_match": True}, False, "regex matches"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", {}, False, "status 503"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", {"status_codes": ((500, 599),)}, True, "status 503"),
        (b"\x00\xff" * 5000, {}, False, None),
        (b"", {}, False, "closed without an answer"),
        (b"HTTP/1.0 200 OK\r\nX: " + b"y" * 100_000, {}, False, "headers longer than 65536 bytes"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n" + BODY, {}, False, "closed after 12 of 99 bytes of the body"),
    ],
)
@pytest.mark.parametrize("pieces", [1 << 20, 7])
def test_answers(answer: bytes, page: dict[str, Any], passed: bool, detail: str | None, pieces: int) -> None:
    if len(answer) > 1000 and pieces == 7:
        pieces = 999
    with serving(answering(answer, piece=pieces)) as target:
        result = outcome(http(target, **page))
    assert result.passed is passed
    assert detail is None or result.detail == detail


def test_a_server_that_never_answers_fails_in_time() -> None:
    with serving(silent) as target:
        result = outcome(http(target), timeout=0.3)
    assert (result.passed, result.detail) == (False, "timeout after 0.3 s, waiting for an answer")
    assert 0.3 <= result.latency < 1


def test_a_server_that_trickles_fails_in_time() -> None:
    with serving(answering(OK, pause=0.1, piece=1)) as target:
        result = outcome(http(target), timeout=0.5)
    assert (result.passed, result.detail) == (False, "timeout after 0.5 s, waiting for an answer")


def test_of_an_endless_answer_a_megabyte_is_read() -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.recv(4096)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            sent += connection.send(b"x" * 65536)

    with serving(endless) as target:
        result = outcome(http(target), timeout=5)
    assert result.passed
    assert sent < 64 << 20


def test_a_huge_body_has_its_digest_checked() -> None:
    body = os.urandom(1 << 20) * 8
    with serving(answering(b"HTTP/1.0 200 OK\r\n\r\n" + body)) as target:
        assert outcome(http(target, digest=md5(body).hexdigest()), timeout=5).passed


def test_a_server_that_closes_its_side_early_is_judged_by_what_it_said() -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_WR)
        silent(connection)

    with serving(half) as target:
        assert outcome(http(target)).passed


def test_a_reset_is_a_failure() -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with serving(reset) as target:
        result = outcome(http(target))
    assert (result.passed, result.detail) == (False, "connection reset by peer")


def test_each_url_asks_for_its_page() -> None:
    asked: list[bytes] = []

    def note(connection: socket.socket) -> None:
        asked.append(connection.recv(4096).split()[1])
        connection.sendall(OK)

    with serving(note) as target:
        pages = tuple(Page(path=path, request=f"GET {path} HTTP/1.0\r\n\r\n".encode()) for path in ("/a", "/b"))
        for url in range(3):
            assert outcome(HttpProbe(target=target, pages=pages), url=url).passed
    assert asked == [b"/a", b"/b", b"/a"]


def test_a_cancelled_probe_says_nothing_and_leaves_nothing() -> None:
    loop = Loop()
    before = set(loop._callbacks)
    results: list[Result] = []
    with serving(silent) as target:
        probes = (TcpProbe(target), http(target), http(target, tls=True), NoProbe("x"))
        running = [start(loop, probe, 0, 0.2, results.append) for probe in probes]
        for probe in running:
            probe.cancel()
        loop.call_later(0.4, loop.stop)
        loop.run()
    assert results == []
    assert set(loop._callbacks) == before
    loop.close()


def test_equal_probes_share_one_connection_and_each_hears() -> None:
    connections: list[int] = []

    def note(connection: socket.socket) -> None:
        connections.append(1)
        answering(OK, pause=0.1)(connection)

    loop = Loop()
    heard: dict[str, Result] = {}
    with serving(note) as target:
        prober, probe = Prober(loop), http(target)
        number = prober.number(probe)
        assert prober.number(http(target)) == number
        assert prober.number(http(target, path="/other")) != number
        names = ("first", "leaves", "last")
        tickets = [prober.start(probe, number, 0, 2, partial(heard.__setitem__, name)) for name in names]
        tickets[1].cancel()
        loop.call_later(0.6, loop.stop)
        loop.run()
        assert set(heard) == {"first", "last"}
        assert len(connections) == 1
        again = prober.start(probe, number, 0, 2, partial(heard.__setitem__, "again"))  # the shared one is over
        again.cancel()  # the last to leave ends the probe
        loop.call_later(0.3, loop.stop)
        loop.run()
    assert "again" not in heard
    loop.close()


# --- TLS ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate that ended the day it began, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "certificate.pem", folder / "key.pem"
    options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=somebody.else"]
    subprocess.run(
        ["openssl", "req", "-x509", *options, "-days", "1", "-keyout", files[1], "-out", files[0]],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return files


@contextmanager
def tls_serving(
    files: tuple[Path, Path], behaviour: Behaviour, client_ca: Path | None = None, names: list[Any] | None = None
) -> Iterator[Target]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    if names is not None:
        context.sni_callback = lambda _socket, name, _context: names.append(name)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            behaviour(secured)

    with serving(wrapped) as target:
        yield target


def test_a_self_signed_certificate_of_another_name_passes(certificate: tuple[Path, Path]) -> None:
    with tls_serving(certificate, answering(OK)) as target:
        result = outcome(http(target, tls=True, digest=md5(BODY).hexdigest()))
    assert (result.passed, result.detail) == (True, "status 200")


def test_a_large_page_comes_over_tls(certificate: tuple[Path, Path]) -> None:
    body = os.urandom(3 << 20)
    with tls_serving(certificate, answering(b"HTTP/1.0 200 OK\r\n\r\n" + body, piece=100_000)) as target:
        assert outcome(http(target, tls=True, digest=md5(body).hexdigest()), timeout=5).passed


def test_a_server_name_is_sent_where_asked(certificate: tuple[Path, Path]) -> None:
    names: list[Any] = []
    with tls_serving(certificate, answering(OK), names=names) as target:
        assert outcome(http(target, tls=True)).passed
        assert outcome(http(target, tls=True, server_name="www.example.org")).passed
    assert names == [None, "www.example.org"]


def test_a_client_certificate_is_shown(certificate: tuple[Path, Path]) -> None:
    ours = SslContext(certificate=str(certificate[0]), key=str(certificate[1]))
    with tls_serving(certificate, answering(OK), client_ca=certificate[0]) as target:
        assert outcome(http(target, tls=True, ssl=ours)).passed
        assert not outcome(http(target, tls=True)).passed


def test_a_missing_client_certificate_is_named(certificate: tuple[Path, Path]) -> None:
    with tls_serving(certificate, answering(OK)) as target:
        result = outcome(http(target, tls=True, ssl=SslContext(certificate="/nowhere.pem")))
    assert not result.passed
    assert result.detail.startswith("TLS: ")


@pytest.mark.parametrize("answer", [b"HTTP/1.0 400 no TLS here\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 99, b""])
def test_what_is_no_tls_fails(answer: bytes) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    with serving(plain) as target:
        result = outcome(http(target, tls=True))
    assert not result.passed
    assert result.detail.startswith("TLS: ")


def test_a_handshake_that_stalls_fails_in_time() -> None:
    with serving(silent) as target:
        result = outcome(http(target, tls=True), timeout=0.3)
    assert (result.passed, result.detail) == (False, "timeout after 0.3 s, in the TLS handshake")


def test_a_page_cut_off_within_tls_fails(certificate: tuple[Path, Path]) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n" + BODY)

    with tls_serving(certificate, cut) as target:
        result = outcome(http(target, tls=True))
    assert (result.passed, result.detail) == (False, "closed after 12 of 99 bytes of the body")


# --- MISC --------------------------------------------------------------------------------------


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "check"
    path.write_text(text)
    path.chmod(0o755)
    tmp_path.chmod(0o755)
    return str(path)


def misc(*words: str, timeout: float = 5.0, dynamic: bool = False, user: str = "root") -> MiscProbe:
    return MiscProbe(command=Command(words, user), timeout=timeout, dynamic=dynamic)


@pytest.mark.parametrize(
    ("code", "dynamic", "passed", "weight"),
    [
        (0, False, True, None),
        (1, False, False, None),
        (2, False, False, None),
        (0, True, True, None),
        (1, True, False, None),
        (2, True, True, 0),
        (12, True, True, 10),
        (255, True, True, 253),
    ],
)
def test_exit_status(code: int, dynamic: bool, passed: bool, weight: int | None) -> None:
    result = outcome(misc("/bin/sh", "-c", f"exit {code}", dynamic=dynamic))
    assert (result.passed, result.weight) == (passed, weight)
    assert result.detail.startswith(f"exit status {code}")


def test_words_reach_the_program_as_they_are(tmp_path: Path) -> None:
    path = script(tmp_path, '#!/bin/sh\n[ $# = 2 ] && [ "$1" = "a b" ] && [ "$2" = \'$HOME;*\' ]\n')
    assert outcome(misc(path, "a b", "$HOME;*")).passed


def test_a_script_without_an_interpreter_line_runs(tmp_path: Path) -> None:
    assert outcome(misc(script(tmp_path, "exit $1\n"), "0")).passed
    assert outcome(misc(script(tmp_path, "exit $1\n"), "3")).detail == "exit status 3"


def test_what_cannot_run_fails(tmp_path: Path) -> None:
    assert outcome(misc("/nowhere/check")).detail == "cannot run: no such file or directory"
    assert outcome(misc(str(tmp_path))).detail == "cannot run: permission denied"
    assert not outcome(misc("/bin/true", user="nobody-of-that-name")).passed


def test_a_program_runs_as_its_user() -> None:
    assert outcome(misc("/bin/sh", "-c", '[ "$(id -un)" = nobody ]', user="nobody")).passed


def test_a_program_ended_by_a_signal_fails() -> None:
    assert outcome(misc("/bin/sh", "-c", "kill -9 $$")).detail == "ended by signal 9"


def group_is_gone(pid: int) -> bool:
    """No process of this group is left, or only ones that wait to be reaped."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _parent, group = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
            except OSError:
                continue
            if int(group) == pid and state != "Z":
                return False
    return True


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path, stubborn: bool) -> None:
    pid_file = tmp_path / "pid"
    ignore = "trap '' TERM\n" if stubborn else ""
    path = script(tmp_path, f"#!/bin/sh\n{ignore}echo $$ > {pid_file}\nsleep 60 &\nsleep 60\n")
    result = outcome(misc(path, timeout=0.4))
    assert (result.passed, result.detail) == (False, "timeout after 0.4 s")
    assert (1.5 < result.latency < 5) if stubborn else (result.latency < 1.5)
    assert group_is_gone(int(pid_file.read_text()))


def test_a_cancelled_program_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    path = script(tmp_path, f"#!/bin/sh\necho $$ > {pid_file}.new\nmv {pid_file}.new {pid_file}\nsleep 60\n")
    loop = Loop()
    results: list[Result] = []
    running = start(loop, misc(path), 0, 5, results.append)
    deadline = time.monotonic() + 5
    while not pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    running.cancel()
    loop.call_later(0.5, loop.stop)
    loop.run()
    loop.close()
    assert results == []
    assert group_is_gone(int(pid_file.read_text()))


# --- in a namespace ----------------------------------------------------------------------------

ONE_PROBE = """
import json, sys
from ipaddress import ip_address
from lvsd.check.probe import start
from lvsd.check.schedule import Target, TcpProbe
from lvsd.loop import Loop
options = json.loads(sys.argv[1])
timeout = options.pop("timeout")
options["address"] = ip_address(options["address"])
loop = Loop()
def done(result):
    print(json.dumps([result.passed, result.detail, result.latency]))
    loop.stop()
start(loop, TcpProbe(Target(**options)), 0, timeout, done)
loop.run()
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@pytest.fixture
def blackhole() -> Iterator[str]:
    """A namespace in which 192.0.2.9 is a neighbour that nobody is, and mark 7 leads to a route of its own."""
    name = f"lvsd-check-{os.getpid()}"
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "add", "left", "type", "veth", "peer", "name", "right")
        for device in ("left", "right"):
            ip("-n", name, "link", "set", device, "up")
        ip("-n", name, "address", "add", "192.0.2.1/24", "dev", "left")
        ip("-n", name, "neighbour", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev", "left")
        ip("-n", name, "rule", "add", "fwmark", "7", "lookup", "7")
        ip("-n", name, "route", "add", "prohibit", "default", "table", "7")
        yield name
    finally:
        ip("netns", "delete", name)


def probed(name: str, **options: Any) -> tuple[bool, str, float]:
    command = ["ip", "netns", "exec", name, sys.executable, "-c", ONE_PROBE, json.dumps(options)]
    environment = {**os.environ, "PYTHONPATH": str(RUNTIME)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20, env=environment)
    passed, detail, latency = json.loads(done.stdout)
    return passed, detail, latency


def test_packets_that_vanish_are_a_timeout(blackhole: str) -> None:
    passed, detail, latency = probed(blackhole, address="192.0.2.9", port=80, timeout=0.5)
    assert (passed, detail) == (False, "timeout after 0.5 s, connecting")
    assert 0.5 <= latency < 2


def test_without_a_route_a_check_fails_at_once(blackhole: str) -> None:
    assert probed(blackhole, address="198.51.100.1", port=80, timeout=5)[:2] == (False, "network is unreachable")


def test_a_mark_chooses_the_route_and_a_device_is_bound(blackhole: str) -> None:
    marked = probed(blackhole, address="192.0.2.9", port=80, timeout=0.5, fwmark=7)
    assert marked[:2] == (False, "permission denied")
    bound = probed(blackhole, address="127.0.0.1", port=80, timeout=0.5, bind_if="lo")
    assert bound[:2] == (False, "connection refused")
    assert probed(blackhole, address="192.0.2.1", port=80, timeout=0.5, bind_if="none")[:2] == (False, "no such device")
