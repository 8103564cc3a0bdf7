# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a block follows: `track_interface`, and the trackers that are not implemented yet."""

from __future__ import annotations

from typing import cast

from lvsd.model import TrackedInterface

from .entry import Kept, Keyword, Lines, Words, kept
from .line import options, readers, remaining
from .number import integer
from .value import flag, interface, link_name

NAME = Keyword("name", "name", interface(), "The interface.")
WEIGHT = Keyword("weight", "weight", integer(-253, 253), "Added to the priority; 0 makes a loss a fault.", "0")
WEIGHT_OPTION = readers([WEIGHT])
REVERSE = Keyword("reverse", "reverse", flag(), "Turns the weight around.")


def read_tracked(words: Words) -> TrackedInterface:
    """Return one line of `track_interface`. Raises ValueError, or `Ignored` with what could be read."""
    reverse = [word for word in words[1:] if word in ("reverse", "noreverse")]
    rest = tuple(word for word in words[1:] if word not in ("reverse", "noreverse"))
    said: list[str] = []
    if rest and rest[0] != "weight":
        options(rest, {"weight": str})
    found = options(rest, WEIGHT_OPTION, frozenset({"weight"}), said)
    tracked = TrackedInterface(link_name(words[0]), found.get("weight", 0), reverse == ["reverse"])
    return cast(TrackedInterface, remaining(tracked, said))


def write_tracked(tracked: TrackedInterface) -> Words:
    """Return the words of one line of `track_interface`."""
    weight = ("weight", str(tracked.weight)) if tracked.weight or tracked.reverse else ()
    return (tracked.name, *weight, *(("reverse",) if tracked.reverse else ()))


def starts_name(words: Words, index: int) -> bool:
    """Whether a word begins the next interface of a line, and is not an option of the one before it."""
    return words[index] not in ("weight", "reverse", "noreverse") and words[index - 1] != "weight"


TRACK_INTERFACE = Lines(
    "track_interface",
    "track_interfaces",
    "INTERFACE [weight -253..253 [reverse]]",
    read_tracked,
    write_tracked,
    starts_name,
    "Interfaces whose loss counts. Without a weight the instance goes to FAULT; a positive weight is added to the "
    "priority while the interface is up, a negative one while it is down.",
    words=(NAME, WEIGHT, REVERSE),
)

TRACKERS: tuple[Kept, ...] = tuple(
    kept(
        name,
        f"{what} that decide about this block, one per line, with an optional weight.",
        "what it tracks neither lowers the priority nor causes FAULT",
        "{ NAME [weight N [reverse|noreverse]] ... }",
        lines=True,
    )
    for name, what in (
        ("track_script", "Scripts (vrrp_script)"),
        ("track_file", "Files (track_file)"),
        ("track_process", "Processes (vrrp_track_process)"),
        ("track_bfd", "BFD sessions (bfd_instance)"),
    )
)
