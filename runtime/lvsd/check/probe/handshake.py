# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server makes a TLS client compute, read from its handshake before OpenSSL acts on it.

Up to TLS 1.2 a server may choose a Diffie-Hellman group of its own (RFC 5246 §7.4.3): one of 10,000 bits, which OpenSSL
accepts, costs the client a second of CPU.  TLS 1.3 has named groups, of which the largest cost a tenth of that (RFC
7919).  The messages that tell the group come before anything is encrypted:

    record      type (1)  version (2)  length (2)  fragment
    handshake   type (1)  length (3)   body

Pure: bytes in, an exception out.
"""

from __future__ import annotations

from collections.abc import Set

LARGEST_GROUP = 4096  # bits

HANDSHAKE, CHANGE_CIPHER_SPEC = 22, 20  # content types (RFC 8446 §5.1)
SERVER_HELLO, SERVER_KEY_EXCHANGE = 2, 12  # handshake types
KEY_SHARE = 51  # extension
RECORD, MESSAGE = 5, 4  # bytes of the two headers
SESSION_AT = 34  # in a ServerHello: behind its version and random number
NAMED = {0x0100: 2048, 0x0101: 3072, 0x0102: 4096, 0x0103: 6144, 0x0104: 8192}  # ffdhe groups (RFC 7919), in bits


class GroupTooLarge(OSError):
    """The server wants to compute in a group of so many bits."""

    def __init__(self, bits: int) -> None:
        super().__init__(f"the server wants a dh group of {bits} bits; a check computes with {LARGEST_GROUP} at most")


class Handshake:
    """What a server has said of its handshake so far; `dhe` are the numbers of the cipher suites with DHE."""

    def __init__(self, dhe: Set[int]) -> None:
        self._dhe = dhe
        self._raw = bytearray()
        self._messages = bytearray()
        self._hello = False  # it was seen
        self._chosen = False  # one of `dhe`
        self.over = False  # what follows is encrypted

    def feed(self, data: bytes) -> None:
        """More of what the server sends; to be called before OpenSSL gets it.  Raises GroupTooLarge."""
        if self.over:
            return
        self._raw += data
        while not self.over and len(self._raw) >= RECORD + (length := int.from_bytes(self._raw[3:5], "big")):
            kind, fragment = self._raw[0], self._raw[RECORD : RECORD + length]
            del self._raw[: RECORD + length]
            if kind == HANDSHAKE:
                self._messages += fragment
                self._read()
            self.over = self.over or (kind == CHANGE_CIPHER_SPEC and self._hello)

    def _read(self) -> None:
        """The messages that are complete."""
        at = 0
        while len(self._messages) >= (start := at + MESSAGE):
            end = start + int.from_bytes(self._messages[at + 1 : start], "big")
            if len(self._messages) < end:
                break
            self._message(self._messages[at], bytes(self._messages[start:end]))
            at = end
        del self._messages[:at]

    def _message(self, kind: int, body: bytes) -> None:
        if kind == SERVER_HELLO:
            self._hello = True
            suite_at = SESSION_AT + 1 + body[SESSION_AT] if len(body) > SESSION_AT else len(body)
            self._chosen = int.from_bytes(body[suite_at : suite_at + 2], "big") in self._dhe
            refuse_beyond(NAMED.get(named_group(body[suite_at + 5 :]), 0))
        elif kind == SERVER_KEY_EXCHANGE and self._chosen:
            refuse_beyond(8 * int.from_bytes(body[:2], "big"))  # the length of the prime comes first


def named_group(extensions: bytes) -> int:
    """The group of a key share, also of one that is only asked for; 0 without one."""
    at = 0
    while at + 4 <= len(extensions):
        kind, length = (
            int.from_bytes(extensions[at : at + 2], "big"),
            int.from_bytes(extensions[at + 2 : at + 4], "big"),
        )
        if kind == KEY_SHARE:
            return int.from_bytes(extensions[at + 4 : at + 6], "big")
        at += 4 + length
    return 0


def refuse_beyond(bits: int) -> None:
    """Raises GroupTooLarge."""
    if bits > LARGEST_GROUP:
        raise GroupTooLarge(bits)
