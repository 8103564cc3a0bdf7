# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs of a configuration are not run, as findings: for `lvsd -t`, the start and each reload.

A worker judges again right before each run (programs/run.py), because files change.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from lvsd.conf import Finding, Loaded, Script, Severity
from lvsd.model import Command, GlobalDefs
from lvsd.programs import program_path
from lvsd.programs.identity import DEFAULT_USER, UnknownAccount, account_of, existing
from lvsd.programs.security import ROOT

Judgement = tuple[Severity, str]


def judged(loaded: Loaded) -> Loaded:
    """The same, with a finding for each keyword whose program would not be run by a daemon that is root.

    INSECURE for one that is refused, ERROR for a user that does not exist, WARNING for one that cannot be looked at.
    """
    defs = loaded.configuration.global_defs
    known: dict[tuple[str, str | None, str | None], Judgement | None] = {}
    found = list(default_user(loaded, defs))
    for script in loaded.scripts:
        command = script.command
        key = (command.words[0], command.user, command.group)
        if key not in known:
            known[key] = judge(command, defs)
        if (judgement := known[key]) is not None:
            found.append(finding(script, *judgement))
    if not found:
        return loaded
    order = {path: index for index, path in enumerate(loaded.files)}
    every = sorted([*loaded.findings, *found], key=lambda f: (order.get(f.path, -1), f.line))
    return replace(loaded, findings=tuple(every))


def judge(command: Command, defs: GlobalDefs) -> Judgement | None:
    """Why the program would not be run; None: it would, or its path is not a full one, which has been said."""
    path = command.words[0]
    if not path.startswith("/"):
        return None
    try:
        account = account_of(command, defs.script_user, defs.script_group, daemon=ROOT)
        reason = program_path.refusal(command, account, security=defs.enable_script_security)
    except UnknownAccount as error:
        made_later = DEFAULT_USER in (command.user, defs.script_user)  # by the role, which asks -t before in check mode
        return Severity.WARNING if made_later else Severity.ERROR, f"{path} is not run: {error}"
    except PermissionError as error:
        return Severity.WARNING, f"{path} cannot be looked at by this user, who may not look at {error.filename}"
    except OSError as error:
        return Severity.WARNING, f"{path} is not run: {error.filename}: {(error.strerror or '').lower()}"
    return None if reason is None else (Severity.INSECURE, f"{path} is not run: {reason}")


def default_user(loaded: Loaded, defs: GlobalDefs) -> list[Finding]:
    """keepalived, when it protects scripts, runs none whose user would only be root by default; lvsd judges it."""
    if not defs.enable_script_security or defs.script_user is not None or existing(DEFAULT_USER) is not None:
        return []
    without = next((script for script in loaded.scripts if script.command.user is None), None)
    if without is None:
        return []
    text = f"it runs as root, as there is no script_user and no user {DEFAULT_USER}; keepalived does not run it"
    return [finding(without, Severity.WARNING, text)]


def finding(script: Script, severity: Severity, text: str) -> Finding:
    """Return a finding about one program, at its place in the configuration."""
    make = partial(Finding, script.place.path, script.place.line, severity)
    return make(f"'{script.keyword}': {text}", script.keyword)
