# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lvs_method`, `lb_kind`: how packets reach a server."""

from __future__ import annotations

from typing import Any

from lvsd.model import Forwarding, Method

from .entry import Ignored, Keyword, Kind, Words
from .line import options, readers
from .number import integer, none_of
from .value import choice, text

CHECKSUMS = ("nocsum", "csum", "remcsum")
METHODS = ("NAT", "DR", "TUN")
TUNNELS = ("ipip", "gue", "gre")


def tunnel_type(word: str) -> str:
    """Return the kind of a tunnel. Raises ValueError for one that IPVS does not have."""
    if word not in TUNNELS:
        raise ValueError(none_of(word, TUNNELS))
    return word


TUNNEL = (
    Keyword(
        "type", "tunnel_type", text("ipip|gue|gre", "", tunnel_type, choices=TUNNELS), "The encapsulation.", "ipip"
    ),
    Keyword("port", "tunnel_port", integer(0, 65535), "The UDP port of gue."),
    Keyword("checksum", "tunnel_flags", choice(*CHECKSUMS), "How the outer header is summed."),
)
TUNNEL_OPTIONS = readers(TUNNEL[:2])  # a word of `checksum` stands by itself


def read_method(words: Words) -> Method:
    """Return a forwarding method, with the options of a tunnel. Raises `Ignored` or ValueError."""
    kind = str(words[0])
    if kind not in METHODS:
        raise Ignored(none_of(kind, METHODS))
    forwarding = Forwarding[kind]
    if len(words) == 1 or forwarding is not Forwarding.TUN:
        return Method(forwarding=forwarding)
    try:
        return tunnel(words)
    except ValueError as error:  # what keepalived makes of it is another tunnel
        raise ValueError(str(error)) from None


def remark_on_method(words: Words) -> str | None:
    """Return a warning about options behind NAT or DR, which have none."""
    if len(words) == 1 or words[0] not in ("NAT", "DR"):
        return None
    return f"{words[0]} takes no options, they belong to TUN: '{' '.join(words[1:])}' is ignored"


def tunnel(words: Words) -> Method:
    """Return the method TUN with its options. Raises ValueError where type and port do not belong together."""
    flags = [word for word in words[1:] if word in CHECKSUMS]
    found = options(tuple(word for word in words[1:] if word not in CHECKSUMS), TUNNEL_OPTIONS)
    method = Method(
        forwarding=Forwarding.TUN,
        tunnel_type=found.get("type"),
        tunnel_port=found.get("port"),
        tunnel_flags=flags[-1] if flags else None,
    )
    if (method.tunnel_type == "gue") != (method.tunnel_port is not None):
        raise ValueError("TUN type gue and port N need each other")
    return method


def write_method(method: Method, _unused: Any) -> Words:
    """Return a forwarding method as words."""
    kind = ("type", method.tunnel_type) if method.tunnel_type else ()
    port = ("port", str(method.tunnel_port)) if method.tunnel_port is not None else ()
    return (method.forwarding.name, *kind, *port, *filter(None, (method.tunnel_flags,)))


METHOD = Kind(
    "NAT|DR|TUN [type ipip|gue|gre] [port N] [nocsum|csum|remcsum]",
    read_method,
    write_method,
    1,
    6,
    remark=remark_on_method,
    choices=METHODS,
    words=TUNNEL,
)
