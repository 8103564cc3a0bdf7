# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words of any block can be made of: an address, a command, a line that is only kept."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from lvsd.record import record

Address = IPv4Address | IPv6Address


@record(frozen=True, slots=True)
class Statement:
    """A line of configuration kept as words: `words { body }`; `body` is None where there was no block."""

    words: tuple[str, ...]
    body: tuple[Statement, ...] | None = None


Kept = tuple[Statement, ...]


@record(frozen=True, slots=True)
class Command:
    """A script with its arguments and, where given, the identity it runs as (`script`, `notify_*`, `misc_path`)."""

    words: tuple[str, ...]
    user: str | None = None
    group: str | None = None
