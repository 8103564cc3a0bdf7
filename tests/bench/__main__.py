# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench [ROUNDS=5] [ONLY=failover,ipvs]`: measure, print, and (when everything was measured) write the page."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench import adverts, failover, machine, page, uml
from tests.bench.figures import Row
from tests.bench.plan import Plan
from tests.bench.report import as_text, summary

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
ON_HOST: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "failover": failover.run,
    "jitter": adverts.jitter,
    "many": adverts.many,
}


def in_machine() -> dict[str, Callable[[Plan], Iterator[Row]]]:
    """Those that need a kernel with IPVS."""
    from tests.bench import checking, ipvs, reloading, services

    services.be_every_server()
    return {"ipvs": ipvs.run, "reload": checking.reload, "checks": checking.checks, "reloading": reloading.jitter}


IN_MACHINE = (uml.MEMORY, "ipvs", "reload", "checks", "reloading")


def main(argv: Sequence[str]) -> int:
    options = arguments(argv)
    plan = Plan(options.rounds, options.quick)
    names = options.only.split(",") if options.only else [*ON_HOST, *IN_MACHINE]
    if unknown := set(names) - {*ON_HOST, *IN_MACHINE}:
        raise SystemExit(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join((*ON_HOST, *IN_MACHINE))}")
    if options.inside:
        benches = in_machine()
        for name in names:
            for row in benches[name](plan):
                print(uml.write(row), flush=True)
        return 0
    if os.geteuid() != 0:
        raise SystemExit("the bench needs root (namespaces, a User-Mode Linux machine)")
    signal.signal(signal.SIGTERM, interrupted)
    began, load_before = time.monotonic(), os.getloadavg()[0]
    rows = list(measure(plan, names))
    took = time.monotonic() - began
    print(f"\n{as_text(rows)}\n\n{summary(rows)}; {took / 60:.1f} minutes")
    if not options.only and not options.quick:
        PAGE.write_text(page.markdown(rows, machine.description(load_before), plan.rounds))
        print(f"written: {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
    return 0


def measure(plan: Plan, names: Sequence[str]) -> Iterator[Row]:
    for name in names:
        if name in ON_HOST:
            yield from ON_HOST[name](plan)
    if inside := [name for name in names if name in IN_MACHINE]:
        yield from uml.run(plan, inside)


def interrupted(number: int, frame: object) -> None:
    """SIGTERM ends as Ctrl-C does: everything that was started is ended."""
    raise KeyboardInterrupt


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="lvsd beside keepalived")
    parser.add_argument("--rounds", type=int, default=5, help="pairs for each figure")
    parser.add_argument("--only", default="", help="some benches, with commas between")
    parser.add_argument("--quick", action="store_true", help="as little as shows that the benches work")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
