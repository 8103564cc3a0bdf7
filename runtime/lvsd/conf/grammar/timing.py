# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The times that a check has, and inherits from the real server and the virtual server."""

from __future__ import annotations

from .entry import Entry, Keyword
from .number import integer, seconds
from .value import boolean

DAY = 86400


LONGEST = 31 * DAY

TIMES = (
    (
        "connect_timeout",
        seconds(0.000001, DAY),
        "Time for each step of a check: connection, TLS handshake, next piece of the answer; 5 times that for all.",
        "5",
    ),
    ("retry", integer(0, 2**31 - 1), "Failures forgiven before the server counts as down.", "1; MISC_CHECK 0"),
    (
        "delay_before_retry",
        seconds(0, DAY, limited=False),
        "Time before a failed check is tried again.",
        "1; HTTP_GET and SSL_GET 3",
    ),
    ("delay_loop", seconds(0.000001, LONGEST, limited=False), "Time between two checks.", "60"),
    ("warmup", seconds(0, LONGEST, limited=False), "Spreads the first check over this time.", "delay_loop"),
)
DEPRECATED = {"retry": ("nb_get_retry",)}


def timing(inherits: str, *, connect: bool = True, strict: bool = True) -> tuple[Entry, ...]:
    """Return the timing keywords: `inherits` says where a value comes from that is not given, "" for the defaults.

    Without `connect` the one for connections is left out; where it is not `strict`, any word behind `alpha` is on.
    """
    times = tuple(
        Keyword(name, f"timing.{name}", kind, text, inherits or default, deprecated=DEPRECATED.get(name, ()))
        for name, kind, text, default in TIMES[0 if connect else 1 :]
    )
    text = "Counts as down until a check has passed."
    return (*times, Keyword("alpha", "timing.alpha", boolean(strict=strict), text, inherits or "off"))
