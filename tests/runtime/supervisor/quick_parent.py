# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real parent over fake workers, with its patience cut to fractions of a second.

quick_parent.py OPTION...      lvsd's options
"""

import os
import sys
from pathlib import Path

from lvsd import journal, options
from lvsd.loop import Loop
from lvsd.supervisor import backoff, daemon, parent, reload, watchdog, workers

FAKE = Path(__file__).with_name("fake_worker.py")


def main(argv: list[str]) -> int:
    backoff.FIRST = 0.1
    watchdog.PING_EVERY, watchdog.SILENCE, watchdog.FIRST_SILENCE = 0.1, 0.3, 1.0
    workers.SILENCE = 0.3
    parent.TICK = parent.FIRST_TICK = 0.05
    parent.STOP_PATIENCE = 2.0
    parent.READY_WITHIN = 2.0
    reload.ANSWER_WITHIN = 1.0
    os.environ["PARENT"] = str(os.getpid())
    chosen = options.parse(argv)
    journal.open_log("lvsd", console=True, use_syslog=False)

    def command(name: str, part: Path) -> list[str]:
        return [os.fspath(FAKE), name, os.fspath(part), os.fspath(chosen.runtime_dir)]

    loop = Loop()
    ours = parent.Parent(loop, chosen, daemon.load(chosen), lambda: daemon.load(chosen), command)
    try:
        ours.start()
        loop.run()
    finally:
        ours.close()
        loop.close()
    return ours.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
