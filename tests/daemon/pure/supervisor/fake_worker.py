# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that needs no privilege: a real process behind a real control socket that misbehaves when told to.

fake_worker.py --worker NAME PART RUNTIME_DIR PARENT

RUNTIME_DIR/behaviour.json      {NAME: {"refuse": true, ...}}
RUNTIME_DIR/pids, ended, left   who began, who was stopped in order, who made room for a successor
DIGEST, ORPHAN_PATIENCE         of the environment: its version, and how long it lives without a parent
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvsd import version
from lvsd.control import server as control
from lvsd.control.server import ControlServer, EventLog, Later, Refused
from lvsd.loop import Loop
from lvsd.worker.handover import end_predecessor
from lvsd.worker.parent_watch import ParentWatch


def main(name: str, part: Path, runtime_dir: Path, parent: int) -> int:
    version.DIGEST = os.environ.get("DIGEST")
    loop = Loop()
    text = part.read_text()

    def note(file: str, line: object) -> None:
        with open(runtime_dir / file, "a") as notes:
            notes.write(f"{line}\n")

    def behaviour() -> dict[str, Any]:
        try:
            return dict(json.loads((runtime_dir / "behaviour.json").read_text()).get(name, {}))
        except FileNotFoundError:
            return {}

    def reload(_: Mapping[str, Any]) -> dict[str, Any] | Later:
        nonlocal text
        if behaviour().get("refuse"):
            raise Refused("do not like it")
        if "die" in behaviour():
            if behaviour()["die"] == "held" and os.fork() == 0:
                time.sleep(3)  # and has every connection as long
            os._exit(7)
        if behaviour().get("mute"):
            return Later()
        old, text = text, part.read_text()
        return {"changes": {"changed": old != text}}

    def ping(_: Mapping[str, Any]) -> dict[str, Any] | Later:
        return Later() if behaviour().get("silent") else {"pid": os.getpid(), **version.described()}

    def stop() -> None:
        if not behaviour().get("stubborn"):
            note("ended", name)
            loop.stop()

    def leave(_: Mapping[str, Any]) -> dict[str, Any]:
        note("left", name)
        loop.call_later(0, loop.stop)
        return {}

    def adopt(request: Mapping[str, Any]) -> dict[str, Any]:
        if behaviour().get("unadoptable"):
            raise Refused("do not want to")
        return bond.adopt(request)

    note("pids", os.getpid())
    control.LOOK_EVERY = 3600.0 if behaviour().get("blind") else 0.1
    if "exit" in behaviour():
        return int(behaviour()["exit"])
    time.sleep(behaviour().get("prepares", 0))
    end_predecessor(runtime_dir / f"{name}.sock")
    if "exit_late" in behaviour():
        return int(behaviour()["exit_late"])
    handlers = {"ping": ping, "show": lambda _: {"text": text}, "reload": reload, "leave": leave, "adopt": adopt}
    server = ControlServer(loop, runtime_dir / f"{name}.sock", handlers, EventLog(name))
    patience = float(os.environ.get("ORPHAN_PATIENCE", "20"))
    bond = ParentWatch(
        loop, parent, stop, lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True), patience=patience
    )
    loop.on_signal(signal.SIGTERM, stop)
    loop.on_signal(signal.SIGHUP, lambda: None)
    loop.run()
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5])))
