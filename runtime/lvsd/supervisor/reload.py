# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reload: validate, write, tell the workers, wait for their answers, then start and stop workers.

A worker that has given up what its new part needs, a capability or the files of root's, is replaced in place.
Nothing changes when the configuration is wrong.  When a worker refuses its part, or does not answer, or dies of it,
every part is written back and the workers that took theirs are told again: the daemon runs one configuration.
One that dies is started again with its old part.
A worker whose part became empty first takes it (and so leaves the kernel in order), then stops.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lvsd import log
from lvsd.conf import Finding, Loaded
from lvsd.conf.suggest import UNKNOWN_KEYWORD
from lvsd.control.async_client import ask
from lvsd.control.server import Answer
from lvsd.loop import Loop, Process

from . import worker_config
from .worker_config import Parts
from .worker_process import WorkerProcess
from .worker_rights import outgrown

ASK_AGAIN = 0.2  # seconds, for a worker that has only just been started
ANSWER_WITHIN = 30.0  # seconds; a worker that is silent for longer is the watchdog's business


class Reload:
    """From `old` to `new`; `done` gets the reason why it failed, or None, and each worker's answer.

    The workers `asked` are told; by default all that listen.
    """

    def __init__(
        self,
        loop: Loop,
        workers: Mapping[str, WorkerProcess],
        runtime_dir: Path,
        old: Parts,
        new: Parts,
        done: Callable[[str | None, dict[str, Answer]], None],
        *,
        asked: Collection[str] | None = None,
    ) -> None:
        self.loop = loop
        self.workers = workers
        self.runtime_dir = runtime_dir
        self.old = old
        self.new = new
        self.done = done
        self.answers: dict[str, Answer] = {}
        self.told: dict[str, Process | None] = {}  # who was reached: that process has to answer, not the next one
        listening = {name for name, worker in workers.items() if worker.listening()}
        self.asked = listening if asked is None else listening & set(asked)
        self.deadline = loop.now + ANSWER_WITHIN
        self.abandoned = False
        self.finished = False

    def begin(self) -> None:
        """Raises OSError where the parts cannot be written; the old ones are in place again."""
        try:
            worker_config.write(self.runtime_dir, self.new.texts)
        except OSError:
            self._put_back(self.old.texts)
            raise
        for name in self.asked:
            self.workers[name].on_end = partial(self._ended, name)
        self._tell(self.asked, self._answered, self.new)
        if not self.asked:
            self.loop.call_at(self.loop.now, self._finish)

    def abandon(self) -> None:
        """Hear no more answers, start and stop nothing, call no callback: the daemon is stopping."""
        self.abandoned = True
        self._listen_no_more()

    def _tell(self, names: set[str], receive: Callable[[str, Answer | None], None], parts: Parts) -> None:
        for name in sorted(names):
            worker = self.workers[name]
            needed = parts.capabilities.get(name, frozenset())
            if outgrown(worker.pid, needed, reads_as_root=name in parts.reads_as_root):
                self._replace(name, receive)
                continue
            heard = ask(self.loop, worker.control, "reload", partial(receive, name), timeout=ANSWER_WITHIN)
            if heard or worker.watch.answered:
                self.told[name] = worker.process

    def _replace(self, name: str, receive: Callable[[str, Answer | None], None]) -> None:
        def then(reason: str | None) -> None:
            if reason is not None:  # there may be no process by now, and the next one must not read the new part
                self._put_back_part(name)
            answer = {"changes": {}, "note": "replaced"} if reason is None else {"error": f"not replaced: {reason}"}
            receive(name, {"ok": reason is None, **answer})

        self.workers[name].replace(then)

    def _ended(self, name: str, process: Process, how: str) -> None:
        """It has to have its old part before its next process reads it, whatever the others are about to answer.

        That the connection is closed as well may be heard later: others may hold it.  An answer that comes out of it
        after all does not count, as the old part is in place by then.
        """
        if self.told.get(name) is process and not self.answers.get(name, {}).get("ok"):
            self._put_back_part(name)
            self.answers.setdefault(name, {"ok": False, "error": f"{how} before it had answered"})
            self.loop.call_at(self.loop.now, self._finish_with_all)

    def _answered(self, name: str, answer: Answer | None) -> None:
        if self.abandoned or name in self.answers:
            return
        worker = self.workers[name]
        if answer is None and name in self.told:
            answer = {"ok": False, "error": "no answer"}
        elif answer is None and worker.listening() and self.loop.now < self.deadline:  # it is only starting
            self.loop.call_later(ASK_AGAIN, lambda: self._tell({name}, self._answered, self.new))
            return
        if answer is not None and answer.get("replace"):
            self.told.pop(name, None)
            self._replace(name, self._answered)
            return
        self.answers[name] = answer or {"ok": True, "changes": {}, "note": "starts with the new configuration"}
        self._finish_with_all()

    def _finish_with_all(self) -> None:
        if set(self.answers) == self.asked:
            self._finish()

    def _finish(self) -> None:
        """Carry out what comes of the answers, once."""
        if self.abandoned or self.finished:
            return
        self.finished = True
        self._listen_no_more()
        refusals = {name: answer for name, answer in self.answers.items() if not answer.get("ok")}
        if refusals:
            if self._put_back(self.old.texts):
                self._tell(self.asked - set(refusals), self._told_old, self.old)
            reasons = "; ".join(f"{name}: {answer.get('error')}" for name, answer in sorted(refusals.items()))
            self.done(reasons, self.answers)
            return
        for name, worker in self.workers.items():
            if name in self.new.needed:
                worker.start()
            elif name in self.old.needed:
                worker.stop(lambda: None)
        self.done(None, self.answers)

    def _told_old(self, name: str, answer: Answer | None) -> None:
        """It has its old part again, or is replaced by a process that can take it."""
        if answer is not None and answer.get("replace"):
            self.workers[name].replace(lambda _reason: None)

    def _put_back_part(self, name: str) -> None:
        self._put_back({name: self.old.texts[name]} if name in self.old.texts else {})

    def _put_back(self, texts: Mapping[str, str]) -> bool:
        """Old parts, as far as the disk allows."""
        try:
            worker_config.write(self.runtime_dir, texts)
        except OSError as error:
            log.log(f"lvsd: the old parts could not be written back: {error}", log.ERROR)
            return False
        return True

    def _listen_no_more(self) -> None:
        for name in self.asked:
            self.workers[name].on_end = None


def grounds(loaded: Loaded, running: Loaded | None = None) -> list[Finding]:
    """The errors for which a configuration is refused: those that a start does not survive.

    With `running`, at a reload, also every other error that what runs does not have, but an unknown keyword: where a
    start goes on without a server or a service, a reload would take it away.
    """
    fatal = [finding for finding in loaded.findings if finding.fatal]
    if fatal or running is None:
        return fatal
    known = {finding.message for finding in running.errors}
    return [
        finding for finding in loaded.errors if finding.message not in known and UNKNOWN_KEYWORD not in finding.message
    ]


def refusal(loaded: Loaded, wrong: Sequence[Finding]) -> tuple[str, list[dict[str, Any]]]:
    """(the reason, every finding as JSON) for a configuration that is refused for `wrong`."""
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return f"{wrong[0]}{more}", as_json(loaded)


def as_json(loaded: Loaded) -> list[dict[str, Any]]:
    """The findings, as `lvsd -t --json` and a refused reload show them."""
    return [
        {
            "path": finding.path,
            "line": finding.line,
            "severity": finding.severity.value,
            "message": finding.message,
            "keyword": finding.keyword,
            "fatal": finding.fatal,
        }
        for finding in loaded.findings
    ]
