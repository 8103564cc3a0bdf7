# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`unicast_peer`: the routers that an instance sends to instead of to a group."""

from __future__ import annotations

from typing import Any, cast

from lvsd.model import UnicastPeer

from .entry import Keyword, Words
from .line import options, readers, remaining
from .number import integer
from .value import host, host_of, without_length

PEER = (
    Keyword("address", "address", host(lambda _: True), "Address of the peer."),
    Keyword("min_ttl", "min_ttl", integer(0, 255), "Lowest TTL or hop limit of an advertisement from this peer."),
    Keyword("max_ttl", "max_ttl", integer(0, 255), "Highest TTL or hop limit of an advertisement from this peer."),
)
PEER_OPTIONS = readers(PEER[1:])


def read_peer(words: Words) -> UnicastPeer:
    """Return one line of `unicast_peer`. Raises ValueError, or `Ignored` with what could be read."""
    said: list[str] = []
    found = options(words[1:], PEER_OPTIONS, frozenset({"min_ttl", "max_ttl"}), said)
    peer = UnicastPeer(host_of(without_length(words[0])), found.get("min_ttl"), found.get("max_ttl"))
    if peer.min_ttl is not None and peer.max_ttl is not None and peer.min_ttl > peer.max_ttl:
        raise ValueError(f"min_ttl {peer.min_ttl} is above max_ttl {peer.max_ttl}")
    return cast(UnicastPeer, remaining(peer, said))


def write_peer(peer: UnicastPeer) -> Words:
    """Return the words of one line of `unicast_peer`."""
    least = () if peer.min_ttl is None else ("min_ttl", str(peer.min_ttl))
    most = () if peer.max_ttl is None else ("max_ttl", str(peer.max_ttl))
    return (str(peer.address), *least, *most)


def unicast(router: Any) -> bool:
    """Whether an instance sends to peers, and not to a group."""
    return bool(router.unicast_peers)
