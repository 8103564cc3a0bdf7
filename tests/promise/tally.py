# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was counted, as tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of event under load. `flushed`: times that an entry of the IPVS table was seen missing or counting
    from 0 again; `moves`: VIPs added or removed on either director, and advertisements that only a hand-over sends."""

    kind: str
    rounds: int
    requests: int
    failed: int
    slowest: float  # milliseconds
    moves: int
    flushed: int
    transfer: str  # "alive", or what became of the long transfer
    pause: float  # milliseconds: the longest time that it got no byte
    errors: str = ""

    @property
    def kept(self) -> bool:
        """Nothing was lost, nothing moved."""
        return not (self.failed or self.moves or self.flushed) and self.transfer == "alive"


@dataclass(frozen=True, slots=True)
class Handover:
    """`systemctl stop` of the active director: what its peer waited, in seconds, beside its Skew_Time."""

    stopped: str
    peer: str
    skew: float
    waited: float  # from the advertisement of priority 0 to the first gratuitous ARP

    @property
    def late(self) -> float:
        return self.waited - self.skew


def promises(rows: Sequence[Row]) -> str:
    """The table of counts, in Markdown."""
    head = ("event on the active director", "rounds", "requests", "failed", "VIP moves", "IPVS table flushed",
            "long transfer", "slowest request", "longest pause of the transfer")  # fmt: skip
    body = [
        (row.kind, row.rounds, row.requests, row.failed, row.moves, f"{row.flushed} times" if row.flushed else "no",
         row.transfer, f"{row.slowest:.0f} ms", f"{row.pause:.0f} ms")
        for row in rows
    ]  # fmt: skip
    return markdown(head, body)


def handovers(found: Sequence[Handover], latency: dict[str, float]) -> str:
    """One line per peer; `latency`: seconds by which the emulated peer is late by itself."""
    head = ("`systemctl stop`, taken over by", "rounds", "Skew_Time", "waited: least", "median", "most",
            "over Skew_Time", "of that the emulated machine's own")  # fmt: skip
    body = []
    for peer in sorted({one.peer for one in found}):
        mine = [one for one in found if one.peer == peer]
        waited = [one.waited for one in mine]
        body.append(
            (peer, len(mine), ms(mine[0].skew), ms(min(waited)), ms(median(waited)), ms(max(waited)),
             ms(max(one.late for one in mine)), f"up to {ms(latency[peer])}")
        )  # fmt: skip
    return markdown(head, body)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def markdown(head: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    rows = [[str(cell) for cell in row] for row in (head, *body)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
