# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.daemon.simulation SEED`: run the schedule again and tell what happens."""

from __future__ import annotations

import argparse

from tests.daemon.simulation.run import run
from tests.daemon.simulation.story import told


def main() -> int:
    """0: every invariant held; 1: one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.daemon.simulation", description=__doc__)
    parser.add_argument("seed", type=int)
    outcome = run(parser.parse_args().seed, telling=True)
    verdict = f"✗ {outcome.violation}" if outcome.violation else "✓ every invariant held"
    print(told(outcome.plan, outcome.story.lines, verdict))
    return 1 if outcome.violation else 0


if __name__ == "__main__":
    raise SystemExit(main())
