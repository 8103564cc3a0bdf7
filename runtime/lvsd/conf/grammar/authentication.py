# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`authentication`, and `auth_hmac`, which is only kept."""

from __future__ import annotations

from lvsd.model import Authentication

from .entry import Block, Keyword, kept
from .value import choice, secret


def ah_warning(kind: str) -> str | None:
    """Return what `lvsd -t` says of an authentication that is not carried out; None for the other."""
    if kind != "AH":
        return None
    return "'auth_type AH' is known but not implemented yet: a peer that uses AH is neither heard nor hears us"


AUTHENTICATION = Block(
    "authentication",
    "authentication",
    Authentication,
    (
        Keyword(
            "auth_type",
            "kind",
            choice("PASS", "AH"),
            "A password in every advertisement (PASS), or IPsec AH, which is not implemented yet.",
            warning=ah_warning,
        ),
        Keyword(
            "auth_pass",
            "password",
            secret("PASSWORD"),
            "The password, the same on every router; its first eight bytes count.",
        ),
    ),
    "Authentication as in RFC 2338, in clear text: against accidents, not against attackers. VRRP version 2 only.",
    many=False,
    required={"kind": "auth_type PASS", "password": "auth_pass PASSWORD"},
)


AUTH_HMAC = kept(
    "auth_hmac",
    "Advertisements signed with HMAC (keepalived 2.4).",
    "advertisements are not signed, and a peer that enforces it drops them",
    body=(
        kept("key", "A key by number: text, hex: or file:.", syntax="ID VALUE"),
        kept("active_key", "The key that signs.", syntax="ID"),
        kept("anti_replay", "How replays are recognised.", syntax="time|monotonic"),
        kept("time_window", "Tolerated difference of the clocks.", syntax="SECONDS"),
        kept("mode", "How strict the receiver is.", syntax="enforce|permissive|receive-only"),
    ),
)
