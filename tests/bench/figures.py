# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, and whether a goal holds. Pure.

A round measures every daemon, one right after the other; a goal is judged on the rounds' pairs, so that whatever
slows the machine down for a while slows all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

THEIRS, NEWEST = "keepalived", "the newest keepalived"
RIVALS = (THEIRS, NEWEST)


@dataclass(frozen=True, slots=True)
class AtMost:
    """ours <= factor * theirs + extra; `ahead`: and not equal. `extra` has the row's unit."""

    factor: float = 1.0
    extra: float = 0.0
    ahead: bool = False

    def excess(self, ours: float, theirs: float) -> float:
        """By how much a pair misses the goal; negative when it holds."""
        return ours - self.factor * theirs - self.extra


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity (less is better): a value per round of each side, in `unit`."""

    bench: str
    name: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    rival: str = THEIRS
    goal: AtMost | None = None

    def __post_init__(self) -> None:
        if len(self.ours) != len(self.theirs) or not self.ours:
            raise ValueError(f"{self.name}: {len(self.ours)} and {len(self.theirs)} values are no pairs")

    @property
    def pairs(self) -> list[tuple[float, float]]:
        return list(zip(self.ours, self.theirs, strict=True))

    @property
    def ratio(self) -> float:
        """The median of ours / theirs, pair by pair."""
        return median(
            ours / theirs if theirs else (1.0 if ours == theirs else float("inf")) for ours, theirs in self.pairs
        )

    @property
    def miss(self) -> float:
        """By how much the goal is missed, in the row's unit, as the median of the pairs; <= 0 when it holds."""
        if self.goal is None:
            return 0.0
        return median(self.goal.excess(ours, theirs) for ours, theirs in self.pairs)

    @property
    def holds(self) -> bool | None:
        """None without a goal."""
        if self.goal is None:
            return None
        return self.miss < 0 if self.goal.ahead else self.miss <= 0


def beside(
    bench: str, name: str, unit: str, found: Mapping[str, Sequence[float]], ours: str, goal: AtMost | None = None
) -> list[Row]:
    """A row beside each rival; `found`: a value per round, by daemon."""
    return [Row(bench, name, unit, tuple(found[ours]), tuple(found[rival]), rival, goal) for rival in RIVALS]


def column(found: Mapping[str, Sequence[Sequence[float]]], at: int) -> dict[str, list[float]]:
    """One of the quantities that each round has measured together."""
    return {kind: [values[at] for values in rounds] for kind, rounds in found.items()}


def spread(values: tuple[float, ...]) -> str:
    """ "0.31 (0.28..0.40)": the median, the least and the most."""
    return f"{number(median(values))} ({number(min(values))}..{number(max(values))})"


def number(value: float) -> str:
    """Three figures that count."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:.{digits}f}"


def factor(ratio: float) -> str:
    """How ours compares: "0.42" of theirs, or "1/12" where it is much less."""
    return f"1/{1 / ratio:.0f}" if 0 < ratio <= 0.1 else f"{ratio:.2f}"


def goal_text(row: Row) -> str:
    """ "<= 1/10", "<= 2.5 ×", "<= +0.5 ms", "ahead"; "" without a goal."""
    goal = row.goal
    if goal is None:
        return ""
    if goal.extra:
        return f"<= +{goal.extra:g} {row.unit}"
    if goal.factor == 1:
        return "ahead" if goal.ahead else "no more"
    return f"<= {factor(goal.factor)}" if goal.factor <= 0.1 else f"<= {goal.factor:g} ×"


def verdict(row: Row) -> str:
    """ "holds", or by how much not."""
    if row.holds is None:
        return ""
    return "holds" if row.holds else f"missed by {number(row.miss)} {row.unit}"
