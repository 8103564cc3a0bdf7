# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that needs no privilege: a real process behind a real control socket that misbehaves when told to.

fake_worker.py NAME PART RUNTIME_DIR      RUNTIME_DIR/behaviour.json: {NAME: {"refuse": true, ...}}
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvsd.control import ControlServer, EventLog, Later, Refused
from lvsd.loop import Loop
from lvsd.supervisor import process


def main(name: str, part: Path, runtime_dir: Path) -> int:
    process.die_with(int(os.environ["PARENT"]))
    loop = Loop()
    text = part.read_text()

    def behaviour() -> dict[str, Any]:
        try:
            return dict(json.loads((runtime_dir / "behaviour.json").read_text()).get(name, {}))
        except FileNotFoundError:
            return {}

    def reload(_: Mapping[str, Any]) -> dict[str, Any] | Later:
        nonlocal text
        if behaviour().get("refuse"):
            raise Refused("do not like it")
        if behaviour().get("die"):
            os._exit(7)
        if behaviour().get("mute"):
            return Later()
        old, text = text, part.read_text()
        return {"changes": {"changed": old != text}}

    def ping(_: Mapping[str, Any]) -> dict[str, Any] | Later:
        return Later() if behaviour().get("silent") else {"pid": os.getpid()}

    def stop() -> None:
        if not behaviour().get("stubborn"):
            with open(runtime_dir / "ended", "a") as ended:
                ended.write(f"{name}\n")
            loop.stop()

    if "exit" in behaviour():
        return int(behaviour()["exit"])
    handlers = {"ping": ping, "show": lambda _: {"text": text}, "reload": reload}
    server = ControlServer(loop, runtime_dir / f"{name}.sock", handlers, EventLog(name))
    loop.on_signal(signal.SIGTERM, stop)
    loop.run()
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
