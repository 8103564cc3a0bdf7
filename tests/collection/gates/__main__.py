# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.collection.gates [NAME ...]`: run gates side by side, then one line for each.

Exit 0 unless one failed.  A gate that this machine cannot run, and what of a gate it cannot run, is said, not passed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from tests import side_by_side
from tests.collection.gates import ansible_tests, linters, modules, package, sbom
from tests.collection.gates.ansible_tests import CORES
from tests.collection.gates.answers import NotRun, Refused
from tests.collection.gates.environment import CACHE, ROOT
from tests.side_by_side import NOTE, Job

LONGEST = 20 * 60  # seconds; a gate that takes longer has hung
AT_ONCE = min(2, os.cpu_count() or 1)

# the longest first, so that the last to end is a short one
GATES: dict[str, Callable[[], None]] = {
    **{f"sanity-{version}": partial(ansible_tests.sanity, core) for version, core in CORES.items()},
    **{f"units-{version}": partial(ansible_tests.units, core) for version, core in CORES.items()},
    "importer": linters.importer,
    **{f"modules-{version}": partial(modules.modules, core) for version, core in CORES.items()},
    "docs": linters.documentation,
    "package": package.package,
    "sbom": sbom.sbom,
    "lint": linters.lint,
    "changelog": linters.changelog,
    "reuse": linters.licences,
}


def here(name: str) -> int:
    """Run one gate in this process; its exit code."""
    try:
        GATES[name]()
    except NotRun as reason:
        print(f"{NOTE}not run: {reason}", flush=True)
        return side_by_side.NOT_RUN
    except (Refused, subprocess.SubprocessError) as error:
        print(error, flush=True)
        return side_by_side.FAILED
    finally:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{name}: {used.ru_utime + used.ru_stime:.0f} s of processor time", flush=True)
    return side_by_side.PASSED


def every(names: list[str]) -> int:
    """Run these gates, or all of them, side by side."""
    jobs = [
        Job(
            name,
            (sys.executable, "-m", "tests.collection.gates", "--here", name),
            ROOT,
            CACHE / "logs" / f"{name}.log",
            LONGEST,
        )
        for name in names or GATES
    ]
    results = side_by_side.run(jobs, AT_ONCE)
    print("\n=== gates")
    print(side_by_side.table(results))
    for result in results:
        for note in result.notes:
            if note.startswith("not run"):
                print(f"{NOTE}{result.name}: {note}")  # for the table of levels
    failed = sum(result.failed for result in results)
    passed = sum(result.code == side_by_side.PASSED for result in results)
    print(f"gates: {passed} passed, {failed} failed, {len(results) - passed - failed} not run")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.collection.gates", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(GATES))
    parser.add_argument("--here", action="store_true", help="run the one gate in this process")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in GATES]:
        parser.error(f"no gate {', '.join(unknown)}; there are {', '.join(GATES)}")
    return here(options.names[0]) if options.here else every(options.names)


if __name__ == "__main__":
    sys.exit(main())
