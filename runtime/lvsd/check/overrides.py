# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator has said about servers at run time: drained, or another weight.

Kept in STATE_DIR/servers.json, so that it survives restarts:

    {"version": 1, "services": {"192.0.2.10:80/TCP": {"10.0.0.11:80": {"drained": true, "weight": null, "since": 2e9}}}}

Pure: text in, text out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lvsd.kernel.ipvs_types import DestinationKey

from .pool import LARGEST_WEIGHT

VERSION = 1


@dataclass(frozen=True, slots=True)
class Order:
    """`weight` replaces the configured one; None leaves it.

    `since` is when it was given, in seconds of the wall clock; None where that is not known.
    """

    drained: bool = False
    weight: int | None = None
    since: float | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return self.drained or self.weight is not None


NONE = Order()

Orders = dict[tuple[str, str], Order]
"""(service, server), both as texts -> order."""


def name(key: DestinationKey) -> tuple[str, str]:
    """Return the name by which an order is stored: service and server."""
    return str(key.service), key.endpoint


def parse(text: str) -> Orders:
    """Raises ValueError for what is no such file."""
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']!r}")
        return {
            (service, server): order(fields)
            for service, servers in document["services"].items()
            for server, fields in servers.items()
        }
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not the operator's orders: {error!r}") from error


def order(fields: Mapping[str, Any]) -> Order:
    """Return one stored order. Raises ValueError."""
    said = Order(drained=fields.get("drained") is True, weight=checked_weight(fields.get("weight")))
    return replace(said, since=moment(fields.get("since")))


def moment(value: object) -> float | None:
    """Seconds of the wall clock; None for what is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]
    except OverflowError:
        return None


def checked_weight(value: object) -> int | None:
    """An integer of 0..65535, or None. Raises ValueError."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_WEIGHT:
        raise ValueError(f"a weight is an integer from 0 to {LARGEST_WEIGHT}, not {value!r}")
    return value


def render(orders: Orders) -> str:
    """Return the orders as the text of their file."""
    services: dict[str, dict[str, Any]] = {}
    for (service, server), said in sorted(orders.items()):
        if said:
            since = {} if said.since is None else {"since": said.since}
            services.setdefault(service, {})[server] = {"drained": said.drained, "weight": said.weight, **since}
    return json.dumps({"version": VERSION, "services": services}, indent=2) + "\n"


def kept(orders: Orders, configured: Iterable[DestinationKey]) -> Orders:
    """Without those for servers that are not configured any more: if they come back, they come back enabled."""
    if not orders:
        return {}
    known = set(map(name, configured))
    return {key: said for key, said in orders.items() if key in known and said}
