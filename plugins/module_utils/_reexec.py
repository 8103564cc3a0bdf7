# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""A running daemon becomes the version that is current now, without a restart."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.lvs.director.plugins.module_utils._control import Answer, ControlError, request, state
from ansible_collections.lvs.director.plugins.module_utils._findings import discreetly

DAEMON = "lvsd"
BACK_WITHIN = 20.0  # seconds, of a parent that has been replaced; its workers live for 60 without one
ASK_EVERY = 0.2

Versions = t.Dict[str, t.Dict[str, t.Optional[str]]]  # lvsd, vrrp, checker -> release, digest


class NotReplaced(Exception):
    """The daemon, or a part of it, runs the version before; `findings` of its configuration are a reason."""

    def __init__(self, reason: str, findings: t.Sequence[Answer] = ()) -> None:
        super().__init__(reason)
        self.findings = list(findings)


def live(runtime_dir: str) -> t.Optional[Answer]:
    """What the parent shows; None when it does not run, or not as agreed."""
    try:
        return state(runtime_dir, DAEMON)
    except ControlError:
        return None


def versions(shown: t.Optional[Answer]) -> Versions:
    """The versions of the parent and of each worker that runs; of a daemon too old to tell, nothing."""
    if shown is None or "digest" not in shown:
        return {}
    parts = [{**shown, "name": DAEMON}, *shown["workers"]]
    return {part["name"]: {"release": part["release"], "digest": part["digest"]} for part in parts if part["pid"]}


def outdated(shown: t.Optional[Answer], digest: str) -> bool:
    """Whether something that runs from an installed version is of another one than `digest`."""
    found = [version["digest"] for version in versions(shown).values()]
    return any(other not in (None, digest) for other in found)


def replace(runtime_dir: str, wait: float) -> Answer:
    """Have the daemon execute the program that is installed now; what it shows then.  Raises `NotReplaced`."""
    before = _complete(runtime_dir, None, wait)  # one that has only just begun refuses
    try:
        answer = request(runtime_dir, DAEMON, "reexec", timeout=wait) or {"error": "it has just ended"}
    except ControlError as error:
        answer = {"error": str(error)}
    if not answer.get("ok"):
        raise NotReplaced(str(answer.get("error")), [discreetly(finding) for finding in answer.get("findings", ())])
    shown = _complete(runtime_dir, before["started_at"], wait)
    problems = shown["takeover"]["problems"]
    if problems:
        raise NotReplaced("; ".join(problems))
    return shown


def _complete(runtime_dir: str, started_at: t.Optional[float], wait: float) -> Answer:
    """What the parent shows once an image of it, another than that of `started_at`, has all its workers."""
    began = time.monotonic()
    back = False
    while True:
        shown = live(runtime_dir)
        if shown and shown.get("started_at") != started_at:
            back = True
            if shown.get("complete"):
                return shown
        waited = time.monotonic() - began
        if not back and waited > min(BACK_WITHIN, wait):
            raise NotReplaced(f"the new version did not answer within {min(BACK_WITHIN, wait):g} s")
        if waited > wait:
            raise NotReplaced(f"the workers were not replaced within {wait:g} s")
        time.sleep(ASK_EVERY)
