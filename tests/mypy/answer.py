# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of mypy's answer counts."""

from __future__ import annotations

import re
from collections.abc import Collection

FAULT = re.compile(r"^([^:]+\.py):\d+: error: ")


def judged(said: str, left: Collection[str], *, failed: bool) -> list[str]:
    """The lines to mend: faults outside the files in `left`, and files in `left` that have no fault any more.

    A failure without a fault of a file is told whole.
    """
    lines = said.splitlines()
    faulty = {found[1] for found in map(FAULT.match, lines) if found}
    if failed and not faulty:
        return lines
    found = [line for line in lines if (of := FAULT.match(line)) and of[1] not in left]
    return found + [f"{file}: no fault any more; take it out of LEFT" for file in sorted(set(left) - faulty)]
