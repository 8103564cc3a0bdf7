# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much is measured, and how it is told while it goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

UNJUDGED = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """`quick`: as little as shows that the benches work; its figures are worth nothing."""

    rounds: int = 5
    quick: bool = False

    def each_round(self, bench: str, what: str, *, judged: bool = True) -> Iterator[str]:
        """ "1/5", "2/5", ...; what no goal judges gets fewer rounds."""
        self.say(f"{bench}: {what}")
        rounds = self.rounds if judged else min(self.rounds, UNJUDGED)
        for number in range(1, rounds + 1):
            yield f"{number}/{rounds}"

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)
