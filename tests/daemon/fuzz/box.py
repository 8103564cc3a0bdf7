# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A time box: inputs that a seed makes, into one target, for its share of the budget and never fewer than `least`.

`LVS_FUZZ_SECONDS` is the budget of all boxes together (20), `LVS_FUZZ_SEED` another beginning (the same inputs every
time without it).
"""

from __future__ import annotations

import os
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

SECONDS = float(os.environ.get("LVS_FUZZ_SECONDS", "20"))
SEED = int(os.environ.get("LVS_FUZZ_SEED", "112"))
SLOWEST = 1.0  # seconds of processor time for one input
MOST_MEMORY = 256 << 20  # bytes that this process may have grown by after a box
SHOWN = 2000  # characters of a bad input


PATIENCE = 10.0  # times its share that a box may take to run the least of its inputs


@dataclass(frozen=True)
class Box:
    """`share` of the budget; at least `least` inputs run, whatever the machine."""

    name: str
    share: float
    least: int


BOXES = {
    box.name: box
    for box in (
        Box("advertisement IPv4", 0.06, 2000),
        Box("advertisement IPv6", 0.06, 2000),
        Box("datagram", 0.05, 2000),
        Box("inlet", 0.05, 1000),
        Box("events", 0.06, 2000),
        Box("netlink", 0.05, 2000),
        Box("IPVS", 0.06, 2000),
        Box("configuration text", 0.15, 150),
        Box("lvsd -t", 0.12, 80),
        Box("control socket", 0.16, 150),
        Box("vrrp.state", 0.06, 1000),
        Box("checker.state", 0.05, 1000),
        Box("servers.json", 0.05, 1000),
        Box("services.json", 0.02, 500),
    )
}
assert abs(sum(box.share for box in BOXES.values()) - 1) < 1e-9


def fuzz(
    name: str, make: Callable[[Random], T], target: Callable[[T], object], declared: tuple[type[Exception], ...] = ()
) -> int:
    """How many inputs the box `name` has run.

    AssertionError names the first that raised anything but `declared`, or was slow.
    """
    box = BOXES[name]
    draw = Random(f"{SEED} {name}")
    began, before = time.monotonic(), grown()
    ends, gives_up = began + box.share * SECONDS, began + max(PATIENCE * box.share * SECONDS, 10.0)
    count = 0
    while (now := time.monotonic()) < ends or count < box.least:
        assert now < gives_up, f"{box.name}: only {count} of {box.least} inputs in {now - began:.1f} s"
        one(box, count, make(draw), target, declared)
        count += 1
    assert grown() - before < MOST_MEMORY, f"{box.name}: {(grown() - before) >> 20} MiB more after {count} inputs"
    return count


def one(
    box: Box, number: int, given: Any, target: Callable[[Any], object], declared: tuple[type[Exception], ...]
) -> None:
    began = time.thread_time()
    try:
        target(given)
    except declared:
        pass
    except Exception:
        raise AssertionError(f"{described(box, number, given)}\n{traceback.format_exc(limit=-6)}") from None
    took = time.thread_time() - began
    assert took < SLOWEST, f"{described(box, number, given)}\ntook {took:.1f} s"


def described(box: Box, number: int, given: Any) -> str:
    return f"{box.name}, input {number} of seed {SEED}: {given!r:.{SHOWN}}"


def grown() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
