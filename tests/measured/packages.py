# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was measured of each file to the packages, and which of them are below their floor.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from .floors import ITSELF


@dataclass(frozen=True, slots=True)
class Share:
    """Of a package: its statements, and how many of them were run."""

    statements: int = 0
    run: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.statements + other.statements, self.run + other.run)

    @property
    def percent(self) -> float:
        """100 for a package without a statement."""
        return 100.0 * self.run / self.statements if self.statements else 100.0


def package_of(path: str) -> str:
    """The package of a file below runtime/lvsd: its first folder, or `ITSELF`.  Raises ValueError for another file."""
    parts = PurePath(path).parts
    if "lvsd" not in parts:
        raise ValueError(f"{path} is no file of lvsd")
    inside = parts[len(parts) - parts[::-1].index("lvsd") :]
    return inside[0] if len(inside) > 1 else ITSELF


def shares(files: Mapping[str, Share]) -> dict[str, Share]:
    """Path of a file -> its share becomes package -> its share, in the order of the names."""
    found: dict[str, Share] = {}
    for path, share in files.items():
        package = package_of(path)
        found[package] = found.get(package, Share()) + share
    return dict(sorted(found.items()))


def read(document: Mapping[str, object]) -> dict[str, Share]:
    """The files of `coverage json`.  Raises KeyError, TypeError for another document."""
    files = document["files"]
    assert isinstance(files, Mapping)
    summaries = {path: entry["summary"] for path, entry in files.items()}
    return {path: Share(summary["num_statements"], summary["covered_lines"]) for path, summary in summaries.items()}


def problems(found: Mapping[str, Share], floors: Mapping[str, float]) -> list[str]:
    """What is below its floor, has none, or was not measured at all; one line each."""
    lines = [f"{name}: was not measured" for name in floors if name not in found]
    for name, share in found.items():
        if name not in floors:
            lines.append(f"{name}: has no floor in tests/measured/floors.py; measured are {share.percent:.1f} %")
        elif share.percent < floors[name]:
            lines.append(
                f"{name}: {share.percent:.1f} % of its statements are run, at least {floors[name]:g} have to be"
            )
    return lines


def table(found: Mapping[str, Share], floors: Mapping[str, float]) -> str:
    """One line for each package, and one for all."""
    rows = [f"{'package':12} {'statements':>10} {'run':>7} {'floor':>6}"]
    for name, share in [*found.items(), ("all", sum(found.values(), Share()))]:
        floor = f"{floors[name]:g}" if name in floors else "-"
        rows.append(f"{name:12} {share.statements:10} {share.percent:6.1f}% {floor:>6}")
    return "\n".join(rows)
