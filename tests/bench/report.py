# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a table for the terminal, and as docs/benchmarks.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.figures import Row, factor, goal_text, spread, verdict

HEADINGS = ("", "lvsd", "the other", "", "ratio", "goal", "")


def cells(row: Row) -> tuple[str, ...]:
    """What, ours, theirs, the rival's name, ratio, goal, verdict."""
    what = f"{row.name}, {row.unit}" if row.unit else row.name
    return (what, spread(row.ours), spread(row.theirs), row.rival, factor(row.ratio), goal_text(row), verdict(row))


def as_text(rows: Sequence[Row]) -> str:
    """A table in columns."""
    table = [HEADINGS, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table
    )


def as_markdown(rows: Sequence[Row], titles: Mapping[str, str]) -> str:
    """A section with a table for each bench, in the order of `titles`: name -> heading, and what was done below it."""
    sections = []
    for bench, text in titles.items():
        found = [row for row in rows if row.bench == bench]
        if found:
            title, _, method = text.partition("\n")
            sections.append(f"## {title}\n\n{method.strip()}\n\n{_table(found)}")
    return "\n\n".join(sections)


def _table(rows: Sequence[Row]) -> str:
    lines = ["| | lvsd | the other | ratio | goal |", "|---|---|---|---|---|"]
    for row in rows:
        what, ours, theirs, rival, ratio, goal, judged = cells(row)
        other = theirs if rival == "keepalived" else f"{theirs} ({rival})"
        told = f"{goal}: **{judged}**" if goal else ""
        lines.append(f"| {what} | {ours} | {other} | {ratio} | {told} |")
    return "\n".join(lines)


def summary(rows: Sequence[Row]) -> str:
    """How many goals hold, and which do not."""
    judged = [row for row in rows if row.goal]
    missed = [row for row in judged if not row.holds]
    names = "".join(
        f"\n  missed: {row.name} (beside {row.rival}): {verdict(row).removeprefix('missed ')}" for row in missed
    )
    return f"{len(judged) - len(missed)} of {len(judged)} goals hold{names}"
