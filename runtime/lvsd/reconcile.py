# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change for the kernel to hold what we want.

One function for every kind of kernel object: an address, a virtual service, a destination.
Keys say which object; values say how it is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Changes(Generic[K, V]):
    """The difference between two tables; false when there is none.

    `remove` holds the values that are there now, `add` and `update` the values that are wanted.
    """

    remove: dict[K, V] = field(default_factory=dict)
    add: dict[K, V] = field(default_factory=dict)
    update: dict[K, V] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.remove or self.add or self.update)

    def __len__(self) -> int:
        return len(self.remove) + len(self.add) + len(self.update)


def changes(actual: Mapping[K, V], desired: Mapping[K, V]) -> Changes[K, V]:
    """The changes that turn `actual` into `desired`, in the order of the tables."""
    found: Changes[K, V] = Changes()
    missing = object()
    common = 0
    for key, value in desired.items():
        held = actual.get(key, missing)
        if held is missing:
            found.add[key] = value
            continue
        common += 1
        if held != value:
            found.update[key] = value
    if common < len(actual):
        found.remove.update((key, value) for key, value in actual.items() if key not in desired)
    return found
