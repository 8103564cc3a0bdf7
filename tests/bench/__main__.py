# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench [ROUNDS=5] [ONLY=failover,ipvs]`: measure, print, and (when everything was measured) write the page."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import adverts, failover, machine, page, reloads, tracking, uml
from tests.bench.figures import Row
from tests.bench.plan import Plan
from tests.bench.report import as_text, summary

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
ON_HOST: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "failover": failover.run,
    "jitter": adverts.jitter,
    "many": adverts.many,
    "reloads": reloads.run,
    "tracker": tracking.run,
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
    failed: list[str] = []
    if options.inside:
        for row in measure(plan, names, in_machine(), failed):
            print(uml.write(row), flush=True)
        return 1 if failed else 0
    if os.geteuid() != 0:
        raise SystemExit("the bench needs root (namespaces, a User-Mode Linux machine)")
    signal.signal(signal.SIGTERM, interrupted)
    began, load_before = time.monotonic(), os.getloadavg()[0]
    rows = list(measure(plan, names, ON_HOST, failed))
    if inside := [name for name in names if name in IN_MACHINE]:
        rows += measure(plan, ["machine"], {"machine": lambda plan: uml.run(plan, inside)}, failed)
    took = time.monotonic() - began
    print(f"\n{as_text(rows)}\n\n{summary(rows)}; {took / 60:.1f} minutes")
    if not options.only and not options.quick:
        lacking = {"failed": ", ".join(failed)} if failed else {}
        PAGE.write_text(page.markdown(rows, {**machine.description(load_before), **lacking}, plan.rounds))
        print(f"written: {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
    return 1 if failed else 0


def measure(
    plan: Plan, names: Sequence[str], benches: Mapping[str, Callable[[Plan], Iterator[Row]]], failed: list[str]
) -> Iterator[Row]:
    """Those of `names` that are here; one that fails is named in `failed`, and the others go on."""
    for name in names:
        if name in benches:
            try:
                yield from benches[name](plan)
            except Exception:
                failed.append(name)
                plan.say(f"{name} FAILED\n{traceback.format_exc()}")


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
