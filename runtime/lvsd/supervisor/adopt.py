# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a parent begins: from the workers that one before it has left, after a crash or an execve, to what it wants.

    adopt      who answers on a worker's socket is tied to us; who will not be is killed, and started anew below
    reload     write the parts, tell the workers of our version, start those that lack, stop those without a part
    replace    those of another version, vrrp as the last one: its successor has the least to wait for then; one
               failure ends it, the old one runs on

On a host where nothing runs yet the first step finds no worker and the last has nothing to do.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvsd import log
from lvsd.control.async_client import ask
from lvsd.control.server import Answer
from lvsd.loop import Loop
from lvsd.version import described
from lvsd.worker.handover import is_worker
from lvsd.worker.registry import WORKERS

from . import worker_config
from .reload import Reload
from .worker_config import Parts
from .worker_process import WorkerProcess

ANSWER_WITHIN = 2.0  # seconds


class Takeover:
    """`done` gets the reason why the configuration was refused by a worker that runs, or None, when all is as wanted.

    Where no worker runs and none can be started, as the parts cannot be written, `failed` gets the error instead.
    `problems` are the replacements that failed.
    """

    def __init__(
        self,
        loop: Loop,
        workers: Mapping[str, WorkerProcess],
        runtime_dir: Path,
        new: Parts,
        done: Callable[[str | None], None],
        failed: Callable[[OSError], None],
    ) -> None:
        self.loop = loop
        self.workers = workers
        self.runtime_dir = runtime_dir
        self.new = new
        self.done = done
        self.failed = failed
        self.adopted: dict[str, bool] = {}  # name -> whether it is of our version
        self.replaced: list[str] = []
        self.problems: list[str] = []
        self._left = set(WORKERS)  # of whom it is not known yet whether they run
        self._reload: Reload | None = None
        self._stop: Callable[[], None] | None = None

    def begin(self) -> None:
        """Ask each worker's socket whether a process of a parent before serves it."""
        for name in WORKERS:
            self._ask(name, "ping", lambda answer, name=name: self._found(name, answer))  # type: ignore[misc]

    def abandon(self, then: Callable[[], None]) -> None:
        """Start nothing more; `then` is called once every worker that runs is known."""
        self._stop = then
        if self._reload:
            self._reload.abandon()
        if not self._left:
            then()

    def show(self) -> dict[str, Any]:
        """Return what was adopted, replaced and went wrong, as the control socket shows it."""
        return {"adopted": sorted(self.adopted), "replaced": self.replaced, "problems": self.problems}

    # --- adopt ---

    def _ask(self, name: str, verb: str, receive: Callable[[Answer | None], None], **arguments: Any) -> None:
        ask(self.loop, self.workers[name].control, verb, receive, timeout=ANSWER_WITHIN, **arguments)

    def _found(self, name: str, ping: Answer | None) -> None:
        pid = (ping or {}).get("pid")
        if ping is None or not isinstance(pid, int):
            self._known(name)
            return

        def answered(answer: Answer | None) -> None:
            if answer and answer.get("ok"):
                self.workers[name].adopt(pid, ping)
                self.adopted[name] = ping.get("digest") == described()["digest"]
            elif is_worker(pid):
                log.log(f"{name}: pid {pid} cannot be adopted; it is killed and started anew", log.WARNING)
                self.loop.watch_process(pid, lambda _: None).send(signal.SIGKILL)
            self._known(name)

        self._ask(name, "adopt", answered, parent=os.getpid())

    def _known(self, name: str) -> None:
        self._left.discard(name)
        if self._left:
            return
        if self._stop:
            self._stop()
        else:
            self._tell()

    # --- reload ---

    def _tell(self) -> None:
        old = Parts(worker_config.on_disk(self.runtime_dir), frozenset(self.adopted))
        same = {name for name, ours in self.adopted.items() if ours}
        self._reload = Reload(self.loop, self.workers, self.runtime_dir, old, self.new, self._answered, asked=same)
        try:
            self._reload.begin()
        except OSError as error:
            if self.adopted:
                self._told(f"cannot write the workers' parts: {error}")
            else:
                self.failed(error)

    def _answered(self, refused: str | None, _answers: object) -> None:
        self._told(refused and f"a worker that runs refuses it: {refused}")

    def _told(self, refused: str | None) -> None:
        if refused:  # the parts of before are back in place
            for name in self.new.needed:
                self.workers[name].start()
        others = [name for name in reversed(WORKERS) if name in self.new.needed and self.adopted.get(name) is False]
        self._replace_next(others, refused)

    # --- replace ---

    def _replace_next(self, names: list[str], refused: str | None) -> None:
        if self._stop:
            return
        if not names:
            self.done(refused)
            return
        name, *others = names

        def then(reason: str | None) -> None:
            if reason is None:
                self.replaced.append(name)
                self._replace_next(others, refused)
                return
            self.problems += [f"{name}: {reason}", *(f"{other}: not tried" for other in others)]
            for kept in names:
                self._ask(kept, "reload", lambda _: None)
            self._replace_next([], refused)

        self.workers[name].replace(then)
