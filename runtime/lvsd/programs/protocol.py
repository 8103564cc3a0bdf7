# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker and its starter say to each other (pure): one JSON array in each packet of a SOCK_SEQPACKET pair.

    worker   ["configure", ASKED]                                               read the part, judge its programs
             ["judge", ASKED]                                                   judge again what is refused
             ["start", RUN, WORDS, USER, GROUP, ARGUMENTS, LIMIT, GRACE]
             ["stop", RUN], ["kill", RUN]
             ["socket", ASKED]                                                  make the worker's control socket again
    starter  ["refused", RUN, REASON, KNOWN], ["ended", RUN, CODE, ERROR, LEFT]   exactly one for each start
             ["program", PATH, USER, REASON, SINCE]                             one for each that is refused, then
             ["judged", ASKED]                                                  the answer to "judge"
             ["configured", ASKED, ERROR]                                       the answer to all "configure" up to it
             ["socket", ASKED, ERROR]                                           with the socket, where ERROR is null
             ["failed", TEXT]                                                   its last word, where it has a mistake

The starter has rights that the worker has not, so it believes nothing that does not look exactly so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lvsd.model import Command
from lvsd.record import record

LONGEST = 128 << 10  # bytes of a packet; what the socket's buffer takes whole (net.core.wmem_default)
NUMBERS = 1 << 62
SECONDS = 4e9  # a time beyond it is more than the clocks take


class Garbled(ValueError):
    """A packet that is none of the above."""


@record(frozen=True, slots=True)
class NotRun:
    """Why a program is not run; `known`: the starter has said it of this program before."""

    reason: str
    known: bool = False


@record(frozen=True, slots=True)
class Ended:
    """How a program ended.  `code` is its exit code, negative for a signal, None where it did not start or never
    ended; `error` says why it did not start; `left` processes were ended that it had left behind.
    """

    code: int | None
    error: str | None = None
    left: int = 0


@record(frozen=True, slots=True)
class RefusedProgram:
    """A program that is not run, as whom, why, and since when (wall clock, seconds)."""

    program: str
    user: str
    reason: str
    since: float

    def __str__(self) -> str:
        return f"{self.program} is not run: {self.reason}"

    def shown(self) -> dict[str, Any]:
        """Return the refusal as the control socket shows it; `since` is wall-clock time in seconds."""
        return {"program": self.program, "user": self.user, "reason": self.reason, "since": self.since}


@record(frozen=True, slots=True)
class ConfigureOrder:
    """Read the part of the configuration again, and judge every program that it names; `asked` grows."""

    asked: int


@record(frozen=True, slots=True)
class JudgeOrder:
    """Judge again what is refused; the answer carries the number `asked`."""

    asked: int


@record(frozen=True, slots=True)
class StartOrder:
    """Start a program of the configuration, as the run with this number; `limit` and `grace` are seconds."""

    run: int
    command: Command
    arguments: tuple[str, ...]
    limit: float
    grace: float


@record(frozen=True, slots=True)
class EndOrder:
    """End a run: with SIGTERM and then SIGKILL, or with SIGKILL `at_once`."""

    run: int
    at_once: bool


@record(frozen=True, slots=True)
class SocketOrder:
    """Make the control socket of the worker again; the answer carries the number `asked`."""

    asked: int


@record(frozen=True, slots=True)
class RefusalReport:
    """The run has not begun."""

    run: int
    why: NotRun


@record(frozen=True, slots=True)
class EndReport:
    """The run is over."""

    run: int
    how: Ended


@record(frozen=True, slots=True)
class JudgedReport:
    """Every program that is refused has been named."""

    asked: int


@record(frozen=True, slots=True)
class ConfiguredReport:
    """The part has been read after the order `asked`, and every program that is refused has been named.

    `error` says why the programs stay those of the configuration before.
    """

    asked: int
    error: str | None = None


@record(frozen=True, slots=True)
class SocketReport:
    """The control socket comes with this packet, or `error` says why not."""

    asked: int
    error: str | None = None


@record(frozen=True, slots=True)
class FailureReport:
    """The starter ends by a mistake of its own, which `text` describes."""

    text: str


Order = ConfigureOrder | JudgeOrder | StartOrder | EndOrder | SocketOrder
Report = RefusalReport | EndReport | RefusedProgram | JudgedReport | ConfiguredReport | SocketReport | FailureReport


def packet(message: Order | Report) -> bytes:
    """Write an order or a report."""
    return json.dumps(fields(message), separators=(",", ":")).encode()


def fields(message: Order | Report) -> list[Any]:
    """Return the array that stands for an order or a report."""
    match message:
        case ConfigureOrder(asked):
            return ["configure", asked]
        case JudgeOrder(asked):
            return ["judge", asked]
        case StartOrder(run, command, arguments, limit, grace):
            return ["start", run, command.words, command.user, command.group, arguments, limit, grace]
        case EndOrder(run, at_once):
            return ["kill" if at_once else "stop", run]
        case SocketOrder(asked):
            return ["socket", asked]
        case RefusalReport(run, why):
            return ["refused", run, why.reason, why.known]
        case EndReport(run, how):
            return ["ended", run, how.code, how.error, how.left]
        case RefusedProgram(program, user, reason, since):
            return ["program", program, user, reason, since]
        case JudgedReport(asked):
            return ["judged", asked]
        case ConfiguredReport(asked, error):
            return ["configured", asked, error]
        case SocketReport(asked, error):
            return ["socket", asked, error]
        case FailureReport(text):
            return ["failed", text]


def order(received: bytes) -> Order:
    """Read what a worker has sent.  Raises Garbled."""
    match array(received):
        case ["configure", asked]:
            return ConfigureOrder(number(asked))
        case ["judge", asked]:
            return JudgeOrder(number(asked))
        case ["start", run, words, user, group, arguments, limit, grace]:
            command = Command(texts(words, least=1), text_or_none(user), text_or_none(group))
            return StartOrder(number(run), command, texts(arguments), seconds(limit), seconds(grace))
        case ["stop" | "kill" as how, run]:
            return EndOrder(number(run), how == "kill")
        case ["socket", asked]:
            return SocketOrder(number(asked))
    raise Garbled("no order")


def report(received: bytes) -> Report:
    """Read what a starter has sent.  Raises Garbled."""
    match array(received):
        case ["refused", run, str() as reason, bool() as known]:
            return RefusalReport(number(run), NotRun(reason, known))
        case ["ended", run, code, error, left]:
            ended = Ended(None if code is None else number(code), text_or_none(error), number(left))
            return EndReport(number(run), ended)
        case ["program", str() as program, str() as user, str() as reason, since]:
            return RefusedProgram(program, user, reason, seconds(since))
        case ["judged", asked]:
            return JudgedReport(number(asked))
        case ["configured", asked, error]:
            return ConfiguredReport(number(asked), text_or_none(error))
        case ["socket", asked, error]:
            return SocketReport(number(asked), text_or_none(error))
        case ["failed", str() as text]:
            return FailureReport(text)
    raise Garbled("no report")


def array(received: bytes) -> list[Any]:
    """Return the array in a packet.  Raises Garbled."""
    if len(received) > LONGEST:
        raise Garbled("too long")
    try:
        found = json.loads(received)
    except (ValueError, RecursionError) as error:
        raise Garbled(str(error)) from None
    if not isinstance(found, list):
        raise Garbled("no array")
    return found


def number(found: Any) -> int:
    """Raises Garbled."""
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > NUMBERS:
        raise Garbled("no number")
    return found


def seconds(found: Any) -> float:
    """Raises Garbled."""
    if not isinstance(found, (int, float)) or isinstance(found, bool) or not 0 <= found <= SECONDS:
        raise Garbled("no time")
    return float(found)


def texts(found: Any, least: int = 0) -> tuple[str, ...]:
    """Raises Garbled."""
    if not isinstance(found, list) or len(found) < least or not all(isinstance(text, str) for text in found):
        raise Garbled("no words")
    checked: Sequence[str] = found
    return tuple(checked)


def text_or_none(found: Any) -> str | None:
    """Raises Garbled."""
    if found is not None and not isinstance(found, str):
        raise Garbled("no text")
    return found
