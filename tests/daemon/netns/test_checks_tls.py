# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSL_GET against real servers on loopback."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
from base64 import encodebytes
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from ipaddress import ip_address
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any

import pytest
from lvsd.check.probe.tls import context
from lvsd.check.probe_spec import Target
from lvsd.conf.load import parse
from lvsd.model import SslContext
from probes import BODY, OK, Behaviour, answering, http, outcome, serving, silent


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate that ended the day it began, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    return made((folder / "certificate.pem", folder / "key.pem"))


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def made(files: tuple[Path, Path], subject: str = "/CN=somebody.else", key: tuple[str, ...] = EC) -> tuple[Path, Path]:
    options = [*key, "-nodes", "-subj", subject]
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


def test_an_encrypted_key_and_the_chain_of_a_client_certificate(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    """The server trusts the root alone: `ca` gives it the certificate between, `password` opens the key."""
    root, between, ours = (tmp_path / name for name in ("root", "between", "ours"))
    made((root, Path(f"{root}.key")), "/CN=root")
    issued(between, root, "/CN=between", "basicConstraints=critical,CA:TRUE")
    issued(ours, between, "/CN=ours", "basicConstraints=CA:FALSE", "open sesame")
    text = f'certificate {ours}\n key {ours}.key\n password "open sesame"'
    settings = parse(f"SSL {{\n {text}\n ca {between}\n}}").configuration.ssl
    incomplete = parse(f"SSL {{\n {text}\n}}").configuration.ssl
    wrong = parse(f"SSL {{\n {text.replace('sesame', 'barley')}\n ca {between}\n}}").configuration.ssl
    with tls_serving(certificate, answering(OK), client_ca=root) as target:
        assert outcome(http(target, tls=True, ssl=settings)).passed
        assert not outcome(http(target, tls=True, ssl=incomplete)).passed
        assert not outcome(http(target, tls=True, ssl=wrong)).looked


def issued(certificate: Path, issuer: Path, subject: str, extension: str, password: str = "") -> None:
    """A certificate of `issuer`, and its key, encrypted where there is a password, in a file beside it."""
    key, request, extensions = (f"{certificate}.{end}" for end in ("key", "csr", "ext"))
    Path(extensions).write_text(extension + "\n")
    out = ["-aes256", "-pass", f"pass:{password}"] if password else []
    curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    given = ["-CA", issuer, "-CAkey", f"{issuer}.key", "-CAcreateserial", "-days", "1", "-extfile", extensions]
    for command in (
        ["genpkey", *curve, "-out", key, *out],
        ["req", "-new", "-key", key, "-passin", f"pass:{password}", "-subj", subject, "-out", request],
        ["x509", "-req", "-in", request, *given, "-out", certificate],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=30)


def test_a_client_certificate_that_was_renewed_is_shown(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    ours = SslContext(certificate=str(files[0]), key=str(files[1]))
    with tls_serving(certificate, answering(OK), client_ca=certificate[0]) as target:
        made(files)
        assert not outcome(http(target, tls=True, ssl=ours)).passed  # one that this server does not know
        before = context(ours)
        assert context(ours) is before
        copyfile(certificate[0], files[0])
        half = outcome(http(target, tls=True, ssl=ours))  # the key does not belong to it yet
        assert (half.looked, half.detail) == (False, "TLS: key values mismatch")
        copyfile(certificate[1], files[1])
        assert outcome(http(target, tls=True, ssl=ours)).passed


def test_a_missing_client_certificate_is_named(certificate: tuple[Path, Path]) -> None:
    with tls_serving(certificate, answering(OK)) as target:
        result = outcome(http(target, tls=True, ssl=SslContext(certificate="/nowhere.pem")))
    assert not result.looked
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


def test_a_page_cut_off_within_tls_is_judged_by_what_came(certificate: tuple[Path, Path]) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n" + BODY)

    with tls_serving(certificate, cut) as target:
        result = outcome(http(target, tls=True))
    assert (result.passed, result.detail) == (True, "status 200, closed after 12 of 99 bytes of the body")


# --- what a server makes us compute ---------------------------------------------------------------------------


def parameters(bits: int) -> str:
    """A Diffie-Hellman group as PEM: an odd number of so many bits, which is all that a hostile server needs."""

    def number(value: int) -> bytes:
        return tagged(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    def tagged(tag: int, body: bytes) -> bytes:
        size = len(body).to_bytes(2, "big")
        return bytes([tag, 0x82]) + size + body if len(body) > 127 else bytes([tag, len(body)]) + body

    modulus = 1 << (bits - 1) | Random(bits).getrandbits(bits - 1) | 1
    encoded = encodebytes(tagged(0x30, number(modulus) + number(2))).decode()
    return f"-----BEGIN DH PARAMETERS-----\n{encoded}-----END DH PARAMETERS-----\n"


@contextmanager
def s_server(files: tuple[Path, Path], *words: str) -> Iterator[Target]:
    """OpenSSL's own server, which answers every request with status 200."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = ["-accept", f"127.0.0.1:{port}", "-cert", str(files[0]), "-key", str(files[1])]
    server = subprocess.Popen(["openssl", "s_server", "-www", *where, *words], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        while b"ACCEPT" not in server.stdout.readline():
            assert server.poll() is None
        yield Target(address=ip_address("127.0.0.1"), port=port)
    finally:
        server.kill()
        server.communicate(timeout=60)


@pytest.fixture(scope="module")
def rsa(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("rsa")
    return made((folder / "certificate.pem", folder / "key.pem"), key=("-newkey", "rsa:2048"))


@pytest.mark.parametrize("bits", [2048, 4096])
def test_a_server_that_knows_diffie_hellman_alone_passes(rsa: tuple[Path, Path], tmp_path: Path, bits: int) -> None:
    (tmp_path / "dh.pem").write_text(parameters(bits))
    old = ("-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", str(tmp_path / "dh.pem"))
    with s_server(rsa, *old) as target:
        assert outcome(http(target, tls=True), timeout=60).passed


@pytest.mark.parametrize("bits", [4104, 8192, 10_000])
def test_a_server_that_wants_more_is_refused_with_what_it_wants(
    rsa: tuple[Path, Path], tmp_path: Path, bits: int
) -> None:
    """OpenSSL takes up to 10,000 bits, and computes for a second meanwhile."""
    (tmp_path / "dh.pem").write_text(parameters(bits))
    old = ("-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", str(tmp_path / "dh.pem"))
    with s_server(rsa, *old) as target:
        result = outcome(http(target, tls=True), timeout=60)
    assert (result.passed, result.looked) == (False, True)
    limit = "a check computes with 4096 at most"
    assert result.detail == f"TLS: the server wants a dh group of {bits} bits; {limit}"


@pytest.mark.parametrize(("group", "passed"), [("ffdhe4096", True), ("ffdhe6144", False), ("ffdhe8192", False)])
def test_a_large_group_with_a_name_is_refused_too(certificate: tuple[Path, Path], group: str, passed: bool) -> None:
    with s_server(certificate, "-tls1_3", "-groups", group) as target:
        result = outcome(http(target, tls=True), timeout=60)
    assert result.passed == passed
    assert passed or f"wants a dh group of {group[5:]} bits" in result.detail


@pytest.mark.parametrize("words", [("-tls1_2", "-cipher", "kRSA"), ("-tls1_2", "-cipher", "ECDHE"), ("-tls1_3",)])
def test_a_server_that_wants_none_is_not_concerned(rsa: tuple[Path, Path], words: tuple[str, ...]) -> None:
    with s_server(rsa, *words) as target:
        assert outcome(http(target, tls=True), timeout=60).passed


def test_a_server_that_sends_its_handshake_byte_by_byte_is_refused_as_well(
    rsa: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "dh.pem").write_text(parameters(8192))
    old = ("-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", str(tmp_path / "dh.pem"))
    with s_server(rsa, *old) as target:

        def relayed(connection: socket.socket) -> None:
            with socket.create_connection((str(target.address), target.port)) as server:
                server.sendall(connection.recv(1 << 16))
                while data := server.recv(1 << 16):
                    for at in range(len(data)):
                        connection.sendall(data[at : at + 1])

        with serving(relayed) as between:
            result = outcome(http(between, tls=True), timeout=5)
    assert "wants a dh group of 8192 bits" in result.detail


def test_a_server_cannot_begin_another_handshake_later() -> None:
    """It would be encrypted, and nothing could be known of its group."""
    assert context(None).options & ssl.OP_NO_RENEGOTIATION
