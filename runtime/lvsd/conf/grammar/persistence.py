# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`persistence_timeout`, `persistence_granularity` and `persistence_engine`: clients that stay with their server."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address

from lvsd.model import VirtualServer

from .entry import Ignored, Kind, Words
from .number import none_of, whole
from .value import text

LENGTHS = (1, 128)  # bits of a prefix
MASK = re.compile(r"[0-9]+(\.[0-9]+){3}")


def read_granularity(word: str) -> int:
    """Return the length of the mask for persistence, from a length or an IPv4 mask. Raises `Ignored` or ValueError."""
    if "." not in word:
        try:
            return whole(word, *LENGTHS)
        except ValueError as error:
            raise Ignored(str(error)) from None
    try:
        return IPv4Network(f"0.0.0.0/{IPv4Address(word)}").prefixlen
    except ValueError:
        raise (ValueError if MASK.fullmatch(word) else Ignored)(f"'{word}' is not a netmask") from None


def write_granularity(length: int, server: VirtualServer) -> Words:
    """Return the mask as keepalived wants it: a length for IPv6, a mask for IPv4."""
    six = server.ip_family == "inet6" or isinstance(server.address, IPv6Address)
    return (str(length) if six or length > 32 else str(IPv4Network(f"0.0.0.0/{length}").netmask),)


GRANULARITY = replace(
    text("NETMASK|LENGTH", "netmask", read_granularity, low=LENGTHS[0], high=LENGTHS[1]), write=write_granularity
)


def engine() -> Kind:
    """The kernel has one; what it refuses, keepalived asks for all the same."""

    def read(words: Words) -> str:
        if words[0] != "sip":
            raise ValueError(none_of(words[0], ["sip"]))
        return "sip"

    return Kind("sip", read, lambda value, _: (value,), choices=("sip",))


LONGEST = 31 * 86400  # seconds


def remark_on_persistence(words: Words) -> str | None:
    """Return a warning about the timeout 0, which keepalived reads as no persistence."""
    return f"'0' is outside 1 to {LONGEST}: there is no persistence" if words and words[0] == "0" else None


PERSISTENCE = Kind(
    "[SECONDS] (360)",
    lambda words: (0 if words[0] == "0" else whole(words[0], 1, LONGEST)) if words else 360,
    lambda value, _: (str(value),),
    0,
    1,
    remark=remark_on_persistence,
    type="int",
    low=1,
    high=LONGEST,
    unit="seconds",
)
