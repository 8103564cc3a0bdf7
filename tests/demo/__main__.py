# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: boot a pair, provision it, balance, fail over, drain; print and draw what happened; leave nothing."""

from __future__ import annotations

import signal
import sys
import time

from tests.lab import leftovers
from tests.lab.paths import LabError
from tests.lab.ssh import CommandFailed

from .provision import PlaybookFailed
from .story import Stage, tell


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the lab is taken down
    began = time.monotonic()
    stage = Stage()
    try:
        tell(stage)
    except (LabError, PlaybookFailed, CommandFailed) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted", file=sys.stderr)
        return 130
    left = leftovers()
    for row in left:
        print(f"demo: left behind: {row}", file=sys.stderr)
    stage.say(f"done in {time.monotonic() - began:.0f} s; nothing is left running" if not left else "left something")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
