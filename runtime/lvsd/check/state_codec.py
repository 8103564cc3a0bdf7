# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks have found so far, as the lines of RUNTIME_DIR/checker.state, for the process that comes next:

    {"version": 1, "boot": "4f0c…"}
    {"check": "10.0.0.11:80 of 192.0.2.10:80/TCP HTTP_GET 9b5ad71c 0", "up": false, "failures": 2, …}
    {"quorum": "192.0.2.10:80/TCP", "up": true}

A check has a line once it has a verdict of its own, a service once it is known whether it has quorum.  Of several
lines about one thing the last counts, and a last line without an end is what a killed process left of it.

Pure: text in, text out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .health import Health
from .pool import LARGEST_WEIGHT

VERSION = 1
LONGEST_DETAIL = 200  # characters
MOST_FAILURES = 1 << 31


@dataclass(frozen=True, slots=True)
class Results:
    """`checks`: name -> health (its `probe_at` means nothing); `quorums`: service as text -> whether it has quorum."""

    checks: dict[str, Health] = field(default_factory=dict)
    quorums: dict[str, bool] = field(default_factory=dict)


NO_RESULTS = Results()


def header(boot: str) -> str:
    """Return the first line of the file."""
    return line({"version": VERSION, "boot": boot})


def check(name: str, health: Health) -> str:
    """Return the line of one check."""
    return line(
        {
            "check": name,
            "up": health.up,
            "failures": health.failures,
            "weight": health.weight,
            "detail": health.detail[:LONGEST_DETAIL],
        }
    )


def quorum(service: str, up: bool) -> str:
    """Return the line of one service."""
    return line({"quorum": service, "up": up})


def line(document: dict[str, Any]) -> str:
    """Return a document as one line of the file."""
    return json.dumps(document) + "\n"


def parse(text: str, boot: str) -> Results:
    """Of the boot `boot`. Raises ValueError for what is no such file, or of another boot or version."""
    try:
        first, *rest = text.split("\n")[:-1]  # behind the last line end is nothing, or a piece
        _head(json.loads(first), boot)
        found = Results()
        for document in json.loads(f"[{','.join(rest)}]"):
            _take(found, document)
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no results of checks: {error!r}") from error
    return found


def _head(document: Any, boot: str) -> None:
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']!r}")
    if document["boot"] != boot:
        raise ValueError("of another boot")


def _take(found: Results, document: Any) -> None:
    if "quorum" in document:
        found.quorums[_typed(document["quorum"], str)] = _typed(document["up"], bool)
        return
    failures, weight = _typed(document["failures"], int), document["weight"]
    if not 0 <= failures <= MOST_FAILURES:
        raise ValueError(f"{failures} failures")
    if weight is not None and not 0 <= _typed(weight, int) <= LARGEST_WEIGHT:
        raise ValueError(f"weight {weight}")
    found.checks[_typed(document["check"], str)] = Health(
        up=_typed(document["up"], bool),
        probe_at=0.0,
        observed=True,
        failures=failures,
        weight=weight,
        detail=_typed(document["detail"], str)[:LONGEST_DETAIL],
    )


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):  # a bool is no number here
        raise ValueError(f"{value!r:.40} where a {kind.__name__} belongs")
    return value
