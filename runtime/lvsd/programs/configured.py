# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that a configuration names: which they are, and whether each may run now."""

from __future__ import annotations

import time
from collections.abc import Iterable

from lvsd.model import Command, GlobalDefs

from . import program_path
from .identity import UnknownAccount, account_of
from .protocol import NotRun, RefusedProgram
from .security import Account

UNNAMED = "the configuration does not name it"
Key = tuple[str, str | None, str | None]


class ConfiguredPrograms:
    """Says of each program whether it is configured and may run; remembers which may not.

    The programs of the configuration before are allowed until the next one is taken on: they may still wait for their
    turn in the worker.
    """

    def __init__(self) -> None:
        self._defs = GlobalDefs()
        self._named: dict[Command, None] = {}
        self._before: dict[Command, None] = {}
        self._accounts: dict[tuple[str | None, str | None], Account] = {}
        self._refused: dict[Key, tuple[Command, RefusedProgram]] = {}

    def configure(self, defs: GlobalDefs, commands: Iterable[Command]) -> None:
        """Take on what global_defs says and these programs, and judge every one of them."""
        self._defs = defs
        every = dict.fromkeys(commands)
        self._before, self._named = self._named, every | dict.fromkeys(with_script_user(every, defs))
        self._accounts.clear()
        before, self._refused = self._refused, {}
        for command in every:
            self._judge(command, before)

    def refused(self) -> list[RefusedProgram]:
        """Return the programs that are not run, as it is now: each of them is judged again."""
        for command, _unused in list(self._refused.values()):
            self._judge(command, self._refused)
        return [refused for _unused, refused in self._refused.values()]

    def any_named(self) -> bool:
        """Whether any program is configured, or was before."""
        return bool(self._named or self._before)

    def names(self, command: Command) -> bool:
        """Whether the configuration names this program, or the one before does."""
        return command in self._named or command in self._before

    def admit(self, command: Command) -> Account | NotRun:
        """Judge a program that is about to be run; the account that runs it, or why it is not run."""
        if not self.names(command):
            return NotRun(UNNAMED)
        known = self._refused.get(self._key(command))
        account = self._judge(command, self._refused)
        now = self._refused.get(self._key(command))
        if now is not None:
            return NotRun(now[1].reason, known=now is known)
        return account if account is not None else NotRun("it has no account")

    def _judge(self, command: Command, before: dict[Key, tuple[Command, RefusedProgram]]) -> Account | None:
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
        elif (known := before.get(key)) is not None and known[1].reason == reason:
            self._refused[key] = known
        else:
            user = account.name if account is not None else key[1] or ""
            self._refused[key] = command, RefusedProgram(command.words[0], user, reason, time.time())
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


def with_script_user(commands: Iterable[Command], defs: GlobalDefs) -> list[Command]:
    """Return those that name no user with that of global_defs, as a check names it."""
    if defs.script_user is None:
        return []
    return [Command(each.words, defs.script_user, defs.script_group) for each in commands if each.user is None]
