# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real parent over fake workers, with its patience cut to fractions of a second.

quick_parent.py OPTION...      lvsd's options; DIGEST in the environment is its version, THIRD adds a third worker
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lvsd import options, version
from lvsd.__main__ import test
from lvsd.control import server
from lvsd.loop import WorkerOptions
from lvsd.supervisor import adopt, daemon, parent, reload, replace, restart, watchdog, worker_process
from lvsd.worker import registry

FAKE = Path(__file__).with_name("fake_worker.py")


def main(argv: list[str]) -> int:
    version.DIGEST = os.environ.get("DIGEST")
    restart.FIRST = server.LOOK_EVERY = 0.1
    watchdog.PING_EVERY, watchdog.SILENCE, watchdog.FIRST_SILENCE = 0.1, 1.0, 6.0
    worker_process.SILENCE = 1.0
    parent.TICK = parent.FIRST_TICK = 0.05
    parent.STOP_PATIENCE = 4.0
    parent.READY_WITHIN = 3.0
    reload.ANSWER_WITHIN = 1.5
    replace.TAKE_OVER_WITHIN = 3.0
    adopt.ANSWER_WITHIN = 1.0
    if "THIRD" in os.environ:
        import third

        third.register()
    chosen = options.parse(argv)
    if chosen.test:
        return test(chosen)

    def job(name: str) -> Callable[[WorkerOptions], int]:
        if name in os.environ.get("UNIMPORTABLE", ""):
            raise SyntaxError(f"in {name}")
        time.sleep(float(os.environ.get("IMPORT_TAKES", "0")))
        if name == "third":
            return registry.WORKERS[name].main()
        return fake

    return daemon.run(chosen, job)


def fake(chosen: WorkerOptions) -> int:
    name = chosen.config.stem
    words = ["--worker", name, os.fspath(chosen.config), os.fspath(chosen.runtime_dir), str(chosen.parent)]
    os.execv(sys.executable, [sys.executable, os.fspath(FAKE), *words])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
