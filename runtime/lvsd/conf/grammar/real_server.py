# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`real_server`: its key, its weight and its block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lvsd.model import CheckTiming, RealServer

from .checks import CHECKS
from .entry import Block, Ignored, Keyword, Words, kept
from .method import METHOD
from .notify import NO_MAIL
from .number import integer, whole
from .timing import timing
from .value import address_of, boolean, command, port_of, remark_on_length, string, without_length


def service_port(word: str) -> int:
    """Return the port of a service or a server. Raises `Ignored`, as a bad one is left out."""
    try:
        return port_of(word)
    except ValueError as error:
        raise Ignored(str(error)) from None


def read_server_key(words: Words) -> Mapping[str, Any]:
    """Return the address and the port behind `real_server`. Raises ValueError."""
    if not 1 <= len(words) <= 2:
        raise ValueError("needs ADDRESS [PORT]")
    return {
        "address": address_of(without_length(words[0])),
        "port": service_port(words[1]) if len(words) == 2 else None,
    }


def write_server_key(server: RealServer) -> Words:
    """Return the words behind `real_server`."""
    return (str(server.address),) if server.port is None else (str(server.address), str(server.port))


LARGE = 65535  # above it, newer versions of keepalived refuse a weight


def remark_on_weight(words: Words) -> str | None:
    """Return a warning about a weight that only older versions of keepalived take."""
    return f"'{words[0]}' is outside 0 to {LARGE}, the range of newer versions" if int(words[0]) > LARGE else None


def read_weight(words: Words) -> int:
    """Return a weight, also a large one of older versions. Raises `Ignored` or ValueError."""
    try:
        return whole(words[0], 0, LARGE)
    except ValueError:
        if words[0].isdigit() and words[0].isascii() and LARGE < int(words[0][:12]) < 2**31:
            return int(words[0])
        raise


WEIGHT = replace(integer(0, LARGE), read=read_weight, remark=remark_on_weight)
REAL_SERVER = Block(
    "real_server",
    "real_servers",
    RealServer,
    (
        Keyword(
            "weight", "weight", WEIGHT, "Share of the connections; 0 takes no new ones.", "the virtual server's, else 1"
        ),
        Keyword("lvs_method", "method", METHOD, "How packets reach the real server.", "the virtual server's"),
        Keyword(
            "uthreshold",
            "upper_threshold",
            integer(0, 2**32 - 1),
            "Takes no new connections above this many.",
            "0, no limit",
        ),
        Keyword(
            "lthreshold", "lower_threshold", integer(0, 2**32 - 1), "Takes new connections again below this many.", "0"
        ),
        Keyword(
            "inhibit_on_failure",
            "inhibit_on_failure",
            boolean(),
            "A server that is down stays in the table with weight 0 and keeps its connections.",
            "the virtual server's",
        ),
        Keyword(
            "virtualhost", "virtualhost", string("NAME"), "Host name in HTTP checks.", "the virtual server's", bare=True
        ),
        *timing("the virtual server's"),
        Keyword("notify_up", "notify_up", command(), "Command that runs when the real server comes up."),
        Keyword("notify_down", "notify_down", command(), "Command that runs when the real server goes down."),
        *CHECKS,
        kept("smtp_alert", "Sends a mail on every change.", NO_MAIL, "[on|off]"),
        kept("snmp_name", "Name over SNMP.", "there is no SNMP agent", "NAME"),
    ),
    "A server that answers for the virtual server. It is up while no check of it has failed.",
    "ADDRESS [PORT]",
    read_server_key,
    write_server_key,
    groups={"timing": CheckTiming},
    most=2,
    remark=remark_on_length,
)
