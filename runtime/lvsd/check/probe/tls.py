# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS for SSL_GET: a session between bytes and bytes, so that the HTTP probe keeps its one way of waking.

As keepalived: the certificate of the server is not verified (nor its date), any version and cipher that the library
still has is spoken; `SSL { }` gives the client a certificate.  But what a server can make the checker compute is
bounded, as every other check waits meanwhile: see handshake.py for groups; a server begins no second handshake.
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

from lvsd.model import SslContext

from .handshake import Handshake

READ_AT_ONCE = 64 << 10

File = tuple[int, int, int]
_kept: dict[SslContext, ssl.SSLContext] = {}  # made before the process gave root up


def context(settings: SslContext | None) -> ssl.SSLContext:
    """The client context of all SSL_GET checks, made anew when a file of it is another one.

    Where the files, or changed ones, are for root alone, it stays the one of `keep`; a reload starts another worker
    then.  Raises OSError for files that cannot be read or used.
    """
    if settings is None:
        return made(None, ())
    try:
        return made(settings, tuple(file(path) for path in (settings.ca, settings.certificate, settings.key) if path))
    except PermissionError:
        if settings in _kept:
            return _kept[settings]
        raise


def keep(settings: SslContext) -> None:
    """Make the context of these settings while this process is root, as the key may be for root alone."""
    try:
        _kept[settings] = context(settings)
    except OSError:
        pass  # each check says so


def file(path: str) -> File:
    """Which file this is now, and in which state. Raises OSError."""
    found = os.stat(path)
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)  # those of a configuration before and of files before are not asked for again
def made(settings: SslContext | None, _files: tuple[File, ...]) -> ssl.SSLContext:
    """Return the TLS client of these settings; the state of their files is part of the key. Raises OSError."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    client.set_ciphers("DEFAULT:@SECLEVEL=0")
    client.options |= ssl.OP_NO_RENEGOTIATION
    if settings is not None and settings.ca is not None:
        client.load_verify_locations(settings.ca)
    if settings is not None and settings.certificate is not None:
        client.load_cert_chain(settings.certificate, settings.key, settings.password)
    return client


@lru_cache(maxsize=4)
def suites(context: ssl.SSLContext) -> frozenset[int]:
    """The numbers of the cipher suites that it offers with Diffie-Hellman in a group of the server's choice."""
    return frozenset(int(cipher["id"]) & 0xFFFF for cipher in context.get_ciphers() if "kx-dhe" in str(cipher["kea"]))


class Session:
    """One TLS client session that sends `request` once it is established."""

    def __init__(self, context: ssl.SSLContext, server_name: str | None, request: bytes) -> None:
        self.established = False
        self.closed = False
        self._request = request
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._handshake = Handshake(suites(context))
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        """Take what came from the server, give (what it said, what to send). Raises ssl.SSLError, GroupTooLarge."""
        if not self.established:
            self._handshake.feed(data)
        self._incoming.write(data)
        plain = b""
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
                self._object.write(self._request)
            plain = self._plain()
        except ssl.SSLWantReadError:
            pass
        return plain, self._outgoing.read()

    def _plain(self) -> bytes:
        pieces = []
        try:
            while piece := self._object.read(READ_AT_ONCE):
                pieces.append(piece)
            self.closed = True
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self.closed = True
        return b"".join(pieces)
