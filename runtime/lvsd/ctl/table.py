# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aligned columns for people, and the words in them that deserve a colour.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

GREEN, YELLOW, RED, BOLD, PLAIN = "\033[32m", "\033[33m", "\033[31m", "\033[1m", "\033[0m"
COLOURS = {
    "Active": GREEN,
    "up": GREEN,
    "enabled": GREEN,
    "drained": YELLOW,
    "sorry": YELLOW,
    "Initialize": RED,
    "down": RED,
    "absent": RED,
}


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, colour: bool = False) -> str:
    """Rows under headings, columns as wide as their widest cell, numbers to the right, None as `-`."""
    cells = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    right = [
        bool(rows)
        and all(isinstance(row[n], int | float | None) for row in rows)
        and any(row[n] is not None for row in rows)
        for n in range(len(headings))
    ]
    widths = [max(len(row[n]) for row in [list(headings), *cells]) for n in range(len(headings))]

    def line(row: Sequence[str], heading: bool) -> str:
        padded = [
            cell.rjust(width) if r else cell.ljust(width) for cell, width, r in zip(row, widths, right, strict=True)
        ]
        if colour:
            padded = [paint(text, BOLD if heading else COLOURS.get(text.strip(), "")) for text in padded]
        return "  ".join(padded).rstrip()

    return "\n".join([line(list(headings), True), *(line(row, False) for row in cells)])


def paint(text: str, code: str) -> str:
    """Return a text in the colour `code`, an escape sequence; "" leaves it as it is."""
    return f"{code}{text}{PLAIN}" if code else text


_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def duration(seconds: float) -> str:
    """At most two units: `4.2 s`, `3 min 20 s`, `5 h 2 min`, `12 d 3 h`."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    counts: list[str] = []
    rest = int(seconds)
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count or counts:
            counts.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, counts[:2]))
