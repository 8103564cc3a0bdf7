# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.release`: the files of a release, in .cache/release.

Their date is SOURCE_DATE_EPOCH, or that of the last commit.  A checkout with uncommitted changes is refused.
"""

from __future__ import annotations

import shutil
import sys

from tests.collection.gates.environment import ROOT
from tests.release.files import make
from tests.release.tarball import NotClean, epoch, refuse_changes

FOLDER = ROOT / ".cache" / "release"


def main() -> int:
    try:
        refuse_changes(ROOT)
    except NotClean as reason:
        print(reason, file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path in make(ROOT, FOLDER, epoch(ROOT)):
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
