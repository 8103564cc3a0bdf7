# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One life of the checker: the real `Checker` with everything in it; only the servers, the kernel, the clock and the
scripts are not.
"""

from __future__ import annotations

from errno import ENOSPC
from pathlib import Path
from typing import Any

from lvsd.check.check_task import Runner
from lvsd.check.checker import Checker
from lvsd.check.health import Health, Result
from lvsd.check.memory import Memory
from lvsd.loop import WorkerOptions
from lvsd.model import Configuration
from lvsd.worker.reporter import Reporter

from tests.daemon.simulation.clock import VirtualLoop

BOOT = "one boot"


class CheckerProcess:
    """`world` has the clock, the folder of the files, the kernel's table, the real servers and the watch."""

    def __init__(self, world: Any, configuration: Configuration) -> None:
        self.world = world
        self.ended = False
        self.full = False  # the disk, for what an operator orders
        loop: Any = VirtualLoop(world.clock, self.wake)
        loop.servers = world.servers
        self.loop = loop
        folder: Path = world.folder
        options = WorkerOptions(config=folder / "unused", runtime_dir=folder, state_dir=folder)
        memory = Memory(folder, BOOT, self._write, self._complain)
        self.checker = Checker(loop, options, world.kernel, memory, BOOT, Reporter("checker", self._complain))
        checker: Any = self.checker
        checker.programs.configure = lambda: None
        checker.notifier.tell = self._script
        self._observe = checker.services._tell
        checker.services._tell = self._observed
        world.process = self
        self.loop.turn(lambda: self._begin(configuration))
        world.watch.after_wake()

    def wake(self) -> None:
        """Something is due."""
        if not self.ended:
            self.loop.turn(lambda: None)
            self.world.watch.after_wake()

    def order(self, what: Any) -> None:
        """On the control socket, or a signal: carried out in front of what is due."""

        def drain() -> None:
            what()
            self.world.watch.after_order()

        self.loop.turn(drain)
        self.world.watch.after_wake()

    def reload(self, configuration: Configuration) -> Any:
        """The answer of a reload of this configuration."""
        return self.checker.reload(configuration)

    def ask(self, verb: str, request: dict[str, Any]) -> Any:
        """Raises Refused."""
        return self.checker.handlers()[verb](request)

    def _begin(self, configuration: Configuration) -> None:
        self.checker.start(configuration)
        self.world.watch.begun(configuration)

    def _observed(self, runner: Runner, before: Health, result: Result) -> None:
        self.world.watch.result(runner, result)
        self._observe(runner, before, result)

    def _script(self, subject: str, scripts: Any) -> None:
        for command, _unused in scripts:
            self.world.watch.script(subject, command.words[0])

    def _write(self, path: Path, text: str) -> None:
        if self.full:
            raise OSError(ENOSPC, "No space left on device")
        path.write_text(text)

    def _complain(self, text: str, *_unused: object) -> None:
        self.world.story.append((self.loop.now, f"    {text}"))
