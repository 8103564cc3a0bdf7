# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a table for the terminal, and as docs/benchmarks.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.figures import NEWEST, RIVALS, THEIRS, Row, factor, goal_text, spread, verdict

HEADINGS = ("", "lvsd", "the other", "", "ratio", "goal", "")


def cells(row: Row) -> tuple[str, ...]:
    """What, ours, theirs, the rival's name, ratio, goal, verdict."""
    return (
        title(row),
        spread(row.ours),
        spread(row.theirs),
        row.rival,
        factor(row.ratio),
        goal_text(row),
        verdict(row),
    )


def title(row: Row) -> str:
    return f"{row.name}, {row.unit}" if row.unit else row.name


def as_text(rows: Sequence[Row]) -> str:
    """A table in columns."""
    table = [HEADINGS, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table
    )


def as_markdown(rows: Sequence[Row], titles: Mapping[str, str], versions: Mapping[str, str]) -> str:
    """A section with a table for each bench, in the order of `titles`: name -> heading, and what was done below it.

    `versions`: what the columns of the rivals are called.
    """
    sections = []
    for bench, text in titles.items():
        found = [row for row in rows if row.bench == bench]
        if found:
            heading, _, method = text.partition("\n")
            sections.append(f"## {heading}\n\n{method.strip()}\n\n{_table(found, versions)}")
    return "\n\n".join(sections)


def _table(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """A line for each quantity, with a column for each rival; whoever is none of them stands in the first."""
    old, new = versions[THEIRS], versions[NEWEST]
    lines = [f"| | lvsd | {old} | ratio | {new} | ratio | goal |", "|---|---|---|---|---|---|---|"]
    lines += [_line(together, versions) for together in _quantities(rows)]
    return "\n".join(lines)


def _quantities(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of one quantity beside its rivals, together."""
    found: dict[tuple[str, str, tuple[float, ...]], list[Row]] = {}
    for row in rows:
        found.setdefault((row.name, "" if row.rival in RIVALS else row.rival, row.ours), []).append(row)
    return list(found.values())


def _line(together: Sequence[Row], versions: Mapping[str, str]) -> str:
    ours = together[0]
    columns = []
    for rival in RIVALS:
        row = next((row for row in together if row.rival == rival), None)
        if row is None and rival == THEIRS and ours.rival not in RIVALS:
            columns += [f"{spread(ours.theirs)} ({ours.rival})", factor(ours.ratio)]
        else:
            columns += ["", ""] if row is None else [spread(row.theirs), factor(row.ratio)]
    judged = [row for row in together if row.goal]
    several = len(judged) > 1
    verdicts = ", ".join(
        f"**{verdict(row)}**" + (f" beside {versions.get(row.rival, row.rival)}" if several else "") for row in judged
    )
    told = f"{goal_text(judged[0])}: {verdicts}" if judged else ""
    return f"| {' | '.join([title(ours), spread(ours.ours), *columns, told])} |"


def summary(rows: Sequence[Row]) -> str:
    """How many goals hold beside each rival, and which do not."""
    judged = [row for row in rows if row.goal]
    lines = []
    for newest in (False, True):
        found = [row for row in judged if (row.rival == NEWEST) == newest]
        missed = [row for row in found if not row.holds]
        if found:
            where = f"beside {NEWEST if newest else THEIRS}"
            lines.append(f"{len(found) - len(missed)} of {len(found)} goals hold {where}")
            lines += [
                f"  missed: {row.name} (beside {row.rival}): {verdict(row).removeprefix('missed ')}" for row in missed
            ]
    return "\n".join(lines) or "no goal was measured"
