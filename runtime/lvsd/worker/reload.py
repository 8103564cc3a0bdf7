# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's reload: a child reads and parses the configuration, so that no packet and no check waits for it.

asked ──▶ (reading) ── the child's answer ──▶ taken, or refused ──▶ every request that waited is answered
   │          └─ asked meanwhile: the next reading answers, as this one may have begun before the file was written
   └─ the file says what it said: taken at once, because a fork costs more than reading it (each page that the worker
      writes to afterwards is copied)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lvsd import conf
from lvsd.conf import Loaded
from lvsd.conf.cache import Witness
from lvsd.conf.load import learn, no_collection, recall, why
from lvsd.control.server import Answer, Later, Refused
from lvsd.forked_answer import ForkedAnswer
from lvsd.loop import Loop
from lvsd.model import Configuration
from lvsd.record import record

ENDED_EARLY = "the reading of the configuration ended early"


@record(frozen=True, slots=True)
class ConfigurationRead:
    """What the child has found: the errors for which the configuration is refused, or the configuration.

    None and no errors: it says what runs already, so that the worker need not receive and compare it.
    """

    errors: tuple[str, ...] = ()
    configuration: Configuration | None = None
    witness: Witness | None = None  # what the child has read


class WorkerReload:
    """The requests to reload of one worker.

    `take` carries a configuration out and says what has changed; it raises Refused, and then everything is as it
    was.  `refused` hears each refusal that `take` has not had a say in, for the log.  `settled` calls back when the
    file may become another one; the answer is given then.
    """

    def __init__(
        self,
        loop: Loop,
        path: Path,
        take: Callable[[Configuration], Answer],
        refused: Callable[[str], None],
        settled: Callable[[Callable[[], None]], None] = lambda then: then(),
    ) -> None:
        self.loop = loop
        self.path = path
        self.running = Configuration()  # what was taken last
        self._take = take
        self._refused = refused
        self._settled = settled
        self._taken: list[Later] = []  # carried out, and answered when that has settled
        self._refusing: str | None = None
        self._waiting: list[Later] = []  # for the next reading
        self._asked: list[Later] = []  # for the one that is under way
        self._reading: ReadConfiguration | None = None

    def ask(self, _unused: Mapping[str, Any]) -> Later:
        """The verb `reload`: answered when the configuration has been taken or refused."""
        later = Later()
        if self._refusing:
            later.refuse(self._refusing)
            return later
        self._waiting.append(later)
        if self._reading is None:
            self._read()
        return later

    def end(self, why: str) -> None:
        """Refuse every request, those that wait and those to come; the child ends and is not heard."""
        self._refusing = why
        if self._reading:
            self._reading.cancel()
            self._reading = None
        waiting = [*self._taken, *self._asked, *self._waiting]
        self._taken, self._asked, self._waiting = [], [], []
        for later in waiting:
            later.refuse(why)

    def _read(self) -> None:
        self._asked, self._waiting = self._waiting, []
        if (known := recall(self.path)) is not None:
            self._have_read(found_in(known))
            return
        try:
            self._reading = ReadConfiguration(self.loop, self.path, self.running, self._have_read)
        except OSError as error:  # no process, no descriptor
            self._have_read(ConfigurationRead((f"the configuration cannot be read: {error.strerror}",)))

    def _have_read(self, found: ConfigurationRead) -> None:
        self._reading = None
        asked, self._asked = self._asked, []
        if found.errors:
            self._refused(found.errors[0])
            for later in asked:
                later.refuse(found.errors[0], findings=list(found.errors))
        else:
            if found.witness is not None:
                learn(self.path, found.witness, found.configuration or self.running)
            self._carry_out(found.configuration or self.running, asked)
        if self._waiting:
            self._read()

    def _carry_out(self, configuration: Configuration, asked: list[Later]) -> None:
        try:
            answer = self._take(configuration)
        except Refused as refused:
            for later in asked:
                later.refuse(str(refused), **refused.details)
            return
        self.running = configuration
        self._taken += asked
        self._settled(lambda: self._answer(asked, answer))

    def _answer(self, asked: list[Later], answer: Answer) -> None:
        for later in asked:
            if later in self._taken:  # else it was refused meanwhile, as this process ends
                self._taken.remove(later)
                later.answer(answer)


class ReadConfiguration(ForkedAnswer):
    """A child that reads and parses the configuration; `done` is called once with what it has found.

    Raises OSError where there can be no child.
    """

    def __init__(
        self, loop: Loop, path: Path, running: Configuration, done: Callable[[ConfigurationRead], object]
    ) -> None:
        super().__init__(loop, partial(look, path, running), lambda received: done(told(received)))


def told(received: bytes) -> ConfigurationRead:
    """What the child has written, as far as it came to that."""
    import pickle

    try:
        with no_collection():
            found: ConfigurationRead = pickle.loads(received)
    except (EOFError, pickle.UnpicklingError):
        return ConfigurationRead((ENDED_EARLY,))
    return found


def look(path: Path, running: Configuration) -> ConfigurationRead:
    """What `path` says now, beside what runs.  Raises nothing."""
    try:
        loaded = conf.load(path)
    except OSError as error:
        return ConfigurationRead((f"{path}: {error.strerror}",))
    except Exception as error:  # whatever it is; a log of ours may have been closed
        return ConfigurationRead((f"{path}: {type(error).__name__}: {error}",))
    found = found_in(loaded)
    if found.errors:
        return found
    same = loaded.configuration == running
    return ConfigurationRead((), None if same else loaded.configuration, why(path))


def found_in(loaded: Loaded) -> ConfigurationRead:
    """What a configuration that was read comes to: the errors for which it is refused, or itself."""
    errors = tuple(str(finding) for finding in loaded.findings if finding.fatal)
    return ConfigurationRead(errors) if errors else ConfigurationRead(configuration=loaded.configuration)
