# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other side of a TLS session, between bytes and bytes: no socket, no thread."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def certified(folder: Path, subject: str = "/CN=another.name") -> tuple[Path, Path]:
    """A self-signed certificate and its key, as files in `folder`."""
    files = folder / "certificate.pem", folder / "key.pem"
    options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", subject]
    command: list[str | Path] = ["openssl", "req", "-x509", *options, "-keyout", files[1], "-out", files[0]]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return files


def server_context(files: tuple[Path, Path]) -> ssl.SSLContext:
    """The context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


class TlsPeer:
    """A server: `heard` is what the client has said, `name` what it asked for; `receive` gives what goes back."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.heard = b""
        self.name: str | None = None
        self.established = False
        context.sni_callback = self._named
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._in, self._out, server_side=True)

    def receive(self, data: bytes) -> bytes:
        """Take what the client sends."""
        self._in.write(data)
        try:
            if not self.established:
                self.session.do_handshake()
                self.established = True
            while piece := self.session.read(1 << 16):
                self.heard += piece
        except ssl.SSLWantReadError:
            pass
        return self._out.read()

    def say(self, plain: bytes) -> bytes:
        """What goes to the client for this."""
        self.session.write(plain)
        return self._out.read()

    def close(self) -> bytes:
        """What ends the session in order: close_notify."""
        try:
            self.session.unwrap()
        except ssl.SSLError:  # the client has not closed its side yet
            pass
        return self._out.read()

    def _named(self, _socket: object, name: str | None, _context: object) -> None:
        self.name = name
