# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to start a program of the operator's: it is judged, started, limited and waited for.

programs = Programs(loop)
programs.configure(configuration.global_defs, conf.commands(configuration))
run = programs.start(command, ("INSTANCE", "VI_1", "MASTER", "150"), limit=60, grace=5, done=ended)   # or NotRun
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lvsd.loop import Loop, Timer
from lvsd.model import Command, GlobalDefs

from . import program_path, subreaper
from .identity import UnknownAccount, account_of, environment
from .security import Account

GIVE_UP = 2.0  # seconds behind SIGKILL: a process that no signal ends (state D) holds no other program up
BACKSTOP = 1.0  # seconds: so much later the subreaper ends the program by itself, where no worker is left to do so


class NotRun(Exception):
    """A program that must not or cannot run; the text says why.  `known`: it has been said before."""

    def __init__(self, reason: str, *, known: bool) -> None:
        super().__init__(reason)
        self.known = known


@dataclass(frozen=True, slots=True)
class RefusedProgram:
    """A program that is not run, why, and since when (wall clock, seconds)."""

    command: Command
    user: str
    reason: str
    since: float

    def __str__(self) -> str:
        return f"{self.program} is not run: {self.reason}"

    @property
    def program(self) -> str:
        """The path of the program."""
        return self.command.words[0]

    def shown(self) -> dict[str, Any]:
        """Return the refusal as the control socket shows it; `since` is wall-clock time in seconds."""
        return {"program": self.program, "user": self.user, "reason": self.reason, "since": self.since}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended.  `code` is its exit code, negative for a signal, None where it did not start or never
    ended; `error` says why it did not start; `left` processes were ended that it had left behind.
    """

    code: int | None
    error: str | None = None
    left: int = 0


Done = Callable[[Ended], None]
Key = tuple[str, str | None, str | None]


class Programs:
    """Judges programs and starts them; remembers which are refused."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._defs = GlobalDefs()
        self._accounts: dict[tuple[str | None, str | None], Account] = {}
        self._refused: dict[Key, RefusedProgram] = {}

    def configure(self, defs: GlobalDefs, commands: Iterable[Command]) -> list[RefusedProgram]:
        """Take on what global_defs says, and judge every program that is configured; those that are not run."""
        self._defs = defs
        self._accounts.clear()
        before, self._refused = self._refused, {}
        for command in dict.fromkeys(commands):
            self._judge(command, before)
        return list(self._refused.values())

    @property
    def refused(self) -> list[dict[str, Any]]:
        """For `show`: the programs that are not run, as it is now."""
        for refused in list(self._refused.values()):
            self._judge(refused.command, self._refused)
        return [refused.shown() for refused in self._refused.values()]

    def start(
        self, command: Command, arguments: tuple[str, ...] = (), *, limit: float, grace: float, done: Done
    ) -> Run:
        """Judge the program, then start it; `done` is called later.  Raises NotRun.

        The caller ends it after `limit` seconds; `grace` seconds lie between SIGTERM and SIGKILL.
        """
        before = self._refused.get(self._key(command))
        account = self._judge(command, self._refused)
        now = self._refused.get(self._key(command))
        if account is None or now is not None:
            raise NotRun(now.reason if now is not None else "it has no account", known=now is before)
        task = subreaper.Task(
            words=(*command.words, *arguments),
            account=None if is_ours(account) else account,
            environment=environment(os.environ, account),
            limit=limit + BACKSTOP,
            grace=grace,
        )
        try:
            pid, report = subreaper.fork(task)
        except OSError as error:
            raise NotRun(f"it cannot be started: {error.strerror}", known=False) from error
        return Run(self._loop, pid, report, grace, done)

    def _judge(self, command: Command, before: dict[Key, RefusedProgram]) -> Account | None:
        """Note whether it is refused, and since when; the account that it would run as, where there is one."""
        key, account = self._key(command), None
        try:
            account = self._account(command)
            reason = program_path.refusal(command, account, security=self._defs.enable_script_security)
        except UnknownAccount as error:
            reason = str(error)
        except OSError as error:
            reason = f"{error.filename}: {(error.strerror or '').lower()}"
        if reason is None:
            self._refused.pop(key, None)
        elif (known := before.get(key)) is not None and known.reason == reason:
            self._refused[key] = known
        else:
            user = account.name if account is not None else key[1] or ""
            self._refused[key] = RefusedProgram(command, user, reason, time.time())
        return account

    def _account(self, command: Command) -> Account:
        """Raises UnknownAccount.  Looked up once: a directory service may take long to answer."""
        key = self._key(command)[1:]
        if key not in self._accounts:
            self._accounts[key] = account_of(command, self._defs.script_user, self._defs.script_group)
        return self._accounts[key]

    def _key(self, command: Command) -> Key:
        if command.user is None:
            return command.words[0], self._defs.script_user, self._defs.script_group
        return command.words[0], command.user, command.group


class Run:
    """A program that runs; `done` is called once, when it and all that it has started have ended."""

    def __init__(self, loop: Loop, pid: int, report: int, grace: float, done: Done) -> None:
        self._loop = loop
        self._pid: int | None = pid
        self._report = report
        self._grace = grace
        self._done: Done | None = done
        self._timer: Timer | None = None
        loop.watch_child(pid, self._ended)

    def stop(self) -> None:
        """SIGTERM now, SIGKILL after the grace; `done` is called when it has ended."""
        self._order(subreaper.POLITELY, self._grace)

    def kill(self) -> None:
        """SIGKILL now, to it and to all that it has started."""
        self._order(subreaper.AT_ONCE, 0.0)

    def _order(self, number: int, grace: float) -> None:
        if self._pid is not None:
            os.kill(self._pid, number)
            self._forget_timer()
            self._timer = self._loop.call_later(grace + GIVE_UP, lambda: self._tell(Ended(None)))

    def _ended(self, _unused: int) -> None:
        self._pid = None
        told = b""
        try:
            told = os.read(self._report, 4096)
        except BlockingIOError:  # it has been killed before it could say anything, and the program runs on
            pass
        os.close(self._report)
        self._tell(ended(told.decode()))

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell(self, how: Ended) -> None:
        self._forget_timer()
        done, self._done = self._done, None
        if done is not None:
            done(how)


def ended(report: str) -> Ended:
    """What a subreaper has said."""
    said = dict(line.partition(" ")[::2] for line in report.splitlines())
    if "failed" in said:
        return Ended(None, f"did not start: {os.strerror(int(said['failed'])).lower()}")
    code = int(said["code"]) if "code" in said else None
    return Ended(code, None if code is not None else "it is not known how it ended", int(said.get("left", "0")))


def is_ours(account: Account) -> bool:
    """Whether nothing is to be changed for this account, as for root where the daemon is root."""
    return (account.uid, account.gid) == (os.geteuid(), os.getegid())
