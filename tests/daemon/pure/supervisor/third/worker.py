# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""It works at nothing: it says what it was told to run, and notes what it was asked to do.

RUNTIME_DIR/third.notes     prepare, begin, take, release, depart, write_again, dispose: one a line
"""

import os
from collections.abc import Mapping
from typing import Any

from lvsd import version
from lvsd.control.server import Answer, Handler, Refused
from lvsd.loop import Loop, WorkerOptions
from lvsd.model import Configuration
from lvsd.programs.notifier import Notifier
from lvsd.worker.lifecycle import WorkerLifecycle
from lvsd.worker.run import run


class ThirdWorker(WorkerLifecycle):
    name = "third"
    scripts_at_stop = 0.5

    def __init__(self, options: WorkerOptions, loop: Loop) -> None:
        super().__init__(options, loop)
        self.notifier = Notifier(loop, self.reporter.say, self.programs, options.scripts)
        self.ports: list[int] = []

    def note(self, what: str) -> None:
        with open(self.options.runtime_dir / "third.notes", "a") as notes:
            notes.write(f"{what}\n")

    def prepare(self, wanted: Configuration) -> None:
        self.note("prepare")

    def begin(self, wanted: Configuration) -> None:
        self.note("begin")
        self.ports = ports(wanted)

    def verbs(self) -> Mapping[str, Handler]:
        return {"show": self.show}

    def show(self, _: Mapping[str, Any]) -> Answer:
        return {"ports": self.ports}

    def take(self, wanted: Configuration) -> Answer:
        if 666 in ports(wanted):
            raise Refused("a port that it does not like")
        self.note("take")
        before, self.ports = self.ports, ports(wanted)
        self.reporter.say("reload", self.name, f"third: {before} -> {self.ports}")
        return {"changes": {"changed": before != self.ports}}

    def release(self) -> None:
        self.note("release")

    def depart(self) -> None:
        self.note("depart")

    def write_again(self) -> None:
        self.note("write_again")

    def dispose(self) -> None:
        self.note("dispose")


def ports(wanted: Configuration) -> list[int]:
    return [service.port or 0 for service in wanted.virtual_servers]


def main(options: WorkerOptions) -> int:
    version.DIGEST = os.environ.get("DIGEST")
    return run(ThirdWorker, options)
