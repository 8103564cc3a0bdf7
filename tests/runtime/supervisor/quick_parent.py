# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real parent over fake workers, with its patience cut to fractions of a second.

quick_parent.py OPTION...      lvsd's options; DIGEST in the environment is its version
"""

import os
import sys
from pathlib import Path

from lvsd import options, release
from lvsd.__main__ import test
from lvsd.supervisor import backoff, daemon, parent, reload, successor, takeover, watchdog, workers

FAKE = Path(__file__).with_name("fake_worker.py")


def main(argv: list[str]) -> int:
    release.DIGEST = os.environ.get("DIGEST")
    backoff.FIRST = 0.1
    watchdog.PING_EVERY, watchdog.SILENCE, watchdog.FIRST_SILENCE = 0.1, 0.3, 4.0
    workers.SILENCE = 0.3
    parent.TICK = parent.FIRST_TICK = 0.05
    parent.STOP_PATIENCE = 2.0
    parent.READY_WITHIN = 2.0
    reload.ANSWER_WITHIN = 1.0
    successor.TAKE_OVER_WITHIN = 2.0
    takeover.ANSWER_WITHIN = 0.5
    chosen = options.parse(argv)
    if chosen.test:
        return test(chosen)

    def command(name: str, part: Path) -> list[str]:
        return [os.fspath(FAKE), "--worker", name, os.fspath(part), os.fspath(chosen.runtime_dir), str(os.getpid())]

    return daemon.run(chosen, command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
