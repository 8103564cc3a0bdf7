# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS client between bytes and bytes: it asks once it is secured, takes any certificate, and bounds the server."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from lvsd.check.probe import tls
from lvsd.check.probe.tls import Session, context, file, suites
from lvsd.model import SslContext

from tests.support.tls_peer import TlsPeer, certified, server_context

REQUEST = b"GET / HTTP/1.0\r\n\r\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Each test makes its contexts itself."""
    tls.made.cache_clear()
    yield
    tls.made.cache_clear()


class Pair:
    """A session and its server."""

    def __init__(
        self, server: ssl.SSLContext, name: str | None = None, client: SslContext | None = None, piece: int = 1 << 20
    ) -> None:
        self.peer = TlsPeer(server)
        self.session = Session(context(client), name, REQUEST)
        self.plain = b""
        self.piece = piece
        self.to_server(self.session.receive(b"")[1])

    def to_server(self, data: bytes) -> None:
        while data:
            data = self.to_client(self.peer.receive(data))

    def to_client(self, data: bytes) -> bytes:
        """What the client says to this, given in pieces."""
        answer = b""
        for at in range(0, len(data), self.piece):
            plain, outgoing = self.session.receive(data[at : at + self.piece])
            self.plain += plain
            answer += outgoing
        return answer


# --- a session ----------------------------------------------------------------------------------


def test_the_request_is_sent_once_the_session_is_secured_and_once_only(files: tuple[Path, Path]) -> None:
    pair = Pair(server_context(files))
    assert pair.session.established
    assert pair.peer.heard == REQUEST
    pair.to_server(pair.to_client(pair.peer.say(b"hello")))
    assert (pair.peer.heard, pair.plain, pair.session.closed) == (REQUEST, b"hello", False)


def test_bytes_that_come_one_by_one_make_the_same(files: tuple[Path, Path]) -> None:
    pair = Pair(server_context(files), piece=1)
    pair.to_client(pair.peer.say(b"hello"))
    assert (pair.peer.heard, pair.plain) == (REQUEST, b"hello")


def test_a_large_answer_comes_whole(files: tuple[Path, Path]) -> None:
    pair = Pair(server_context(files), piece=70_001)
    answer = os.urandom(1 << 20)
    pair.to_client(pair.peer.say(answer))
    assert pair.plain == answer


def test_an_orderly_end_is_known_together_with_what_came_before_it(files: tuple[Path, Path]) -> None:
    pair = Pair(server_context(files))
    pair.to_client(pair.peer.say(b"last words") + pair.peer.close())
    assert (pair.plain, pair.session.closed) == (b"last words", True)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_each_version_is_spoken(files: tuple[Path, Path], version: ssl.TLSVersion) -> None:
    server = server_context(files)
    server.minimum_version = server.maximum_version = version
    pair = Pair(server)
    assert pair.peer.heard == REQUEST
    assert pair.peer.session.version() == version.name.replace("_", ".")


@pytest.mark.parametrize("name", [None, "www.example.org"])
def test_the_server_name_is_sent_where_there_is_one(files: tuple[Path, Path], name: str | None) -> None:
    assert Pair(server_context(files), name).peer.name == name


def test_a_name_that_cannot_be_is_refused(files: tuple[Path, Path]) -> None:
    with pytest.raises(ValueError, match="server_hostname"):
        Session(context(None), "", REQUEST)


# --- hostile servers ----------------------------------------------------------------------------


@pytest.mark.parametrize("said", [b"HTTP/1.0 400 Bad\r\n\r\n", b"\0" * 100, b"\x15\x03\x01\0\x02\x02\x28"])
def test_what_is_no_tls_is_an_error(said: bytes) -> None:
    session = Session(context(None), None, REQUEST)
    session.receive(b"")
    with pytest.raises(ssl.SSLError):
        session.receive(said)


def test_half_a_record_is_waited_for() -> None:
    session = Session(context(None), None, REQUEST)
    session.receive(b"")
    assert session.receive(b"\x16\x03\x03\x01\x00" + b"\x02" * 50) == (b"", b"")
    assert not session.established


def test_noise_in_a_session_is_an_error(files: tuple[Path, Path]) -> None:
    pair = Pair(server_context(files))
    with pytest.raises(ssl.SSLError):
        pair.to_client(b"\x17\x03\x03\x00\x20" + b"x" * 32)


def test_the_handshake_is_read_before_openssl_acts_on_it() -> None:
    """A share of ffdhe8192 is refused, though nothing of it has been reckoned."""
    session = Session(context(None), None, REQUEST)
    session.receive(b"")
    share = b"\x00\x33\x00\x02\x01\x04"
    body = b"\x03\x03" + b"r" * 32 + b"\x00" + b"\x13\x01" + b"\x00" + len(share).to_bytes(2, "big") + share
    hello = b"\x02" + len(body).to_bytes(3, "big") + body
    with pytest.raises(OSError, match="dh group of 8192 bits"):
        session.receive(b"\x16\x03\x03" + len(hello).to_bytes(2, "big") + hello)


def test_a_server_cannot_begin_another_handshake() -> None:
    assert context(None).options & ssl.OP_NO_RENEGOTIATION


# --- the context --------------------------------------------------------------------------------


def test_no_certificate_is_verified_and_old_servers_are_spoken_to() -> None:
    client = context(None)
    assert (client.verify_mode, client.check_hostname) == (ssl.CERT_NONE, False)
    assert client.minimum_version == ssl.TLSVersion.MINIMUM_SUPPORTED
    assert suites(client)
    assert all(0 < number <= 0xFFFF for number in suites(client))


def test_all_checks_share_one_context(files: tuple[Path, Path]) -> None:
    settings = SslContext(certificate=str(files[0]), key=str(files[1]))
    assert context(None) is context(None)
    assert context(settings) is context(SslContext(certificate=str(files[0]), key=str(files[1])))
    assert context(settings) is not context(None)


def test_a_certificate_that_was_renewed_makes_another_context(tmp_path: Path) -> None:
    files = certified(tmp_path)
    settings = SslContext(certificate=str(files[0]), key=str(files[1]))
    before = context(settings)
    assert context(settings) is before
    (tmp_path / "new").mkdir()
    for old, new in zip(files, certified(tmp_path / "new"), strict=True):
        new.replace(old)
    assert context(settings) is not before


def test_the_certificate_of_the_client_is_shown(files: tuple[Path, Path]) -> None:
    server = server_context(files)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(files[0])
    settings = SslContext(ca=str(files[0]), certificate=str(files[0]), key=str(files[1]))
    pair = Pair(server, client=settings)
    assert pair.peer.heard == REQUEST
    assert pair.peer.session.getpeercert()


@pytest.mark.parametrize("missing", ["ca", "certificate", "key"])
def test_a_file_that_is_missing_is_named(files: tuple[Path, Path], tmp_path: Path, missing: str) -> None:
    paths = {"ca": str(files[0]), "certificate": str(files[0]), "key": str(files[1]), missing: str(tmp_path / missing)}
    with pytest.raises(FileNotFoundError, match=missing):
        context(SslContext(**paths))


def test_a_file_that_is_no_certificate_is_an_error_of_ours(files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "half.pem").write_bytes(files[0].read_bytes()[:200])
    with pytest.raises(OSError, match=r"PEM|SSL"):
        context(SslContext(certificate=str(tmp_path / "half.pem"), key=str(files[1])))


def test_the_state_of_a_file_is_another_after_each_change(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    before = file(str(path))
    assert file(str(path)) == before
    path.write_text("three")
    assert file(str(path)) != before
