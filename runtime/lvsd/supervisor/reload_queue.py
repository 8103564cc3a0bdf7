# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests to reload: one reload at a time, the next one for all who asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lvsd import log
from lvsd.conf import Loaded, Severity
from lvsd.control.peer import asked_by, ordered
from lvsd.control.server import Answer, EventLog, Later
from lvsd.loop import Loop
from lvsd.options import Options
from lvsd.worker.registry import WORKERS

from . import sdnotify, worker_config
from .last_good import RunningConfiguration, keep_good
from .reload import Reload, as_json, grounds, refusal
from .worker_config import Parts
from .worker_process import WorkerProcess


class Reloads:
    """Held until `release`: no worker is told to reload while workers are adopted and replaced."""

    def __init__(
        self,
        loop: Loop,
        options: Options,
        workers: Mapping[str, WorkerProcess],
        running: RunningConfiguration,
        load: Callable[[], Loaded],
        events: EventLog,
        ready: Callable[[], None],
    ) -> None:
        self.loop = loop
        self.options = options
        self.workers = workers
        self.running = running
        self.load = load
        self.events = events
        self.runtime_dir = options.runtime_dir.absolute()
        self.ready = ready  # called behind each that was told to systemd
        self._held = True
        self._refusing: str | None = None
        self._reload: Reload | None = None
        self._waiting: list[Later] = []  # for the next reload
        self._when_idle: list[Callable[[], None]] = []

    def ask(self, request: Mapping[str, Any]) -> Later:
        """The verb `reload`."""
        later = Later(asked_by(request))
        self.queue(later)
        return later

    def queue(self, later: Later) -> None:
        """Requests that come while a reload is under way share the next one: it reads what they have written."""
        self._waiting.append(later)
        if self._refusing or not (self._held or self._reload):
            self._begin()

    def release(self) -> None:
        """Let reloads begin again, and begin the one that waits."""
        self._held = False
        if self._waiting:
            self._begin()

    @property
    def busy(self) -> bool:
        """Whether a reload runs."""
        return self._reload is not None

    def when_idle(self, then: Callable[[], None]) -> None:
        """Call `then` when no reload is under way: now, or behind the one that is."""
        if self._reload:
            self._when_idle.append(then)
        else:
            then()

    def end(self, why: str) -> None:
        """Hear no more answers; refuse every request from now on."""
        self._refusing = why
        if self._reload:
            self._reload.abandon()
        if self._waiting:
            self._begin()

    def go_on(self) -> None:
        """After all: what `end` said does not happen."""
        self._refusing = None

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._refusing:
            self._refuse(waiting, self._refusing)
            return
        try:
            loaded = self.load()
        except OSError as error:
            self._refuse(waiting, f"cannot read the configuration: {error}")
            return
        if wrong := grounds(loaded, self.running.loaded):
            log_findings(loaded)
            reason, findings = refusal(loaded, wrong)
            self._refuse(waiting, reason, findings=findings)
            return
        sdnotify.reloading()
        new = worker_config.split(loaded.configuration, self.options)

        def done(reason: str | None, answers: dict[str, Answer]) -> None:
            self._end(waiting, loaded, new, reason, answers)

        old = self.running.parts
        self._reload = Reload(self.loop, self.workers, self.runtime_dir, old, new, done, asked=self._concerned(new))
        try:
            self._reload.begin()
        except OSError as error:
            self._reload = None
            self.ready()
            self._refuse(waiting, f"cannot write the workers' parts: {error}")

    def _concerned(self, new: Parts) -> set[str]:
        """The workers that are told: those whose part is another one, and those that read files which it names.

        Reading its part costs a worker a fork, and so vrrp a moment without advertisements.
        """
        old = self.running.parts.texts if self.running.fallback is None else {}
        return {name for name in self.workers if WORKERS[name].reads_files or old.get(name) != new.texts[name]}

    def _end(
        self, waiting: list[Later], loaded: Loaded, new: Parts, reason: str | None, answers: dict[str, Answer]
    ) -> None:
        self._reload = None
        if reason is not None:
            self._refuse(waiting, reason, workers=answers)
        else:
            old, self.running = self.running, RunningConfiguration(loaded, new)
            keep_good(self.runtime_dir, loaded)
            log_findings(loaded)
            listening: dict[str, Any] = {name: {} for name, worker in self.workers.items() if worker.listening()}
            changes = listening | {name: answer.get("changes", {}) for name, answer in answers.items()}
            by, order = ordered((later.peer for later in waiting), "SIGHUP")
            self.events.add("reload", "lvsd", f"lvsd: {self.options.config} loaded by {by}", changes=changes, **order)
            started, stopped = sorted(new.needed - old.parts.needed), sorted(old.parts.needed - new.needed)
            refused = [reason for answer in answers.values() for reason in answer.get("refused", ())]
            replaced = sorted(name for name, answer in answers.items() if answer.get("note") == "replaced")
            lists = {"started": started, "stopped": stopped, "replaced": replaced, "refused": refused}
            for later in waiting:
                later.answer({"changes": changes, **lists, "findings": as_json(loaded)})
        self.ready()
        idle, self._when_idle = self._when_idle, []
        for then in idle:
            then()
        if self._waiting:
            self._begin()

    def _refuse(self, waiting: list[Later], reason: str, **details: Any) -> None:
        by, order = ordered((later.peer for later in waiting), "SIGHUP")
        self.events.add(
            "reload", "lvsd", f"lvsd: reload by {by} refused, the old configuration stays: {reason}", **order
        )
        for later in waiting:
            later.refuse(reason, **details)


def log_findings(loaded: Loaded) -> None:
    """Each finding as a line of the log: what is left over in a running daemon is a warning, but for its programs."""
    for finding in loaded.findings:
        refused = finding.severity is Severity.INSECURE
        log.log(str(finding), log.ERROR if refused else log.WARNING)
