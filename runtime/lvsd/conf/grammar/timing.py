# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The times that a check has, and inherits from the real server and the virtual server."""

from __future__ import annotations

from .entry import Entry, Keyword
from .number import integer, seconds
from .value import boolean

DAY = 86400


def timing(inherits: str, *, connect: bool = True, strict: bool = True) -> tuple[Entry, ...]:
    """The timing keywords, with where they are inherited from."""
    first: tuple[Entry, ...] = (
        Keyword(
            "connect_timeout",
            "timing.connect_timeout",
            seconds(0.000001, DAY),
            "Time for each step of a check: connection, TLS handshake, next piece of the answer; 5 times that for all.",
            inherits or "5",
        ),
    )
    return (
        *(first if connect else ()),
        Keyword(
            "retry",
            "timing.retry",
            integer(0, 2**31 - 1),
            "Failures forgiven before the server counts as down.",
            inherits or "1; MISC_CHECK 0",
            deprecated=("nb_get_retry",),
        ),
        Keyword(
            "delay_before_retry",
            "timing.delay_before_retry",
            seconds(0, DAY, limited=False),
            "Time before a failed check is tried again.",
            inherits or "1; HTTP_GET and SSL_GET 3",
        ),
        Keyword(
            "delay_loop",
            "timing.delay_loop",
            seconds(0.000001, 31 * DAY, limited=False),
            "Time between two checks.",
            inherits or "60",
        ),
        Keyword(
            "warmup",
            "timing.warmup",
            seconds(0, 31 * DAY, limited=False),
            "Spreads the first check over this time.",
            inherits or "delay_loop",
        ),
        Keyword(
            "alpha",
            "timing.alpha",
            boolean(strict=strict),
            "Counts as down until a check has passed.",
            inherits or "off",
        ),
    )
