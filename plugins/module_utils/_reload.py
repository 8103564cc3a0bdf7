# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""From wanted files to a running configuration: compare, check, put in place, reload once, show the live state.

Where the daemon refuses, or something does not work any more after its reload, the files are put back as they were and
the task fails with the reason.
"""

from __future__ import annotations

import contextlib
import os
import time
import typing as t
from types import MappingProxyType

from ansible_collections.lvs.director.plugins.module_utils import _candidate, _place
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._control import Answer, ControlError, request
from ansible_collections.lvs.director.plugins.module_utils._faults import (
    Needs,
    Seen,
    foreseen,
    seen,
    settled,
    standing_faults,
)
from ansible_collections.lvs.director.plugins.module_utils._findings import discreetly, errors, text_of
from ansible_collections.lvs.director.plugins.module_utils._fragment import MARKER
from ansible_collections.lvs.director.plugins.module_utils._place import Change, Files

SHARED_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "config_dir": {"type": "path", "default": "/etc/lvsd"},
    "runtime_dir": {"type": "path", "default": "/run/lvsd"},
    "lvsd_path": {"type": "path", "default": "/usr/local/sbin/lvsd"},
    "allow_faults": {"type": "bool", "default": False},
}

Live = t.Callable[[], t.Optional[Answer]]
NO_NEEDS: Needs = MappingProxyType({})


def apply(
    module: DirectorModule, wanted: Files, live: Live, candidate: t.Optional[str] = None, needs: Needs = NO_NEEDS
) -> Answer:
    """Make the files hold what is `wanted`; the result is what `exit_json` takes.

    `candidate` is the text of the one block that the daemon's parser has to accept by itself; the whole configuration
    as it would become is checked in any case.  `needs` are the interfaces of the instances.  Files that the daemon has
    not read yet are a reload, too.
    """
    found = differing(module, wanted)
    stale = is_stale(module.params["runtime_dir"], module.params["config_dir"])
    result: Answer = {
        "changed": bool(found),
        "files": [{"path": change.path, "action": change.action} for change in found],
        "diff": _place.diff(found),
        "reloaded": False,
    }
    if found or stale:
        before = _seen(module)
        still_wrong = _candidate.check(module, found, candidate, running=before is not None)
        _foresee(module, found, before, needs)
        if module.check_mode:
            result["changed"] = True
        else:
            _put(module, found)
            result["reloaded"] = _reload(module, found, before, still_wrong)
            result["changed"] = bool(found) or result["reloaded"]
    result["live"] = _live(module, live)
    return result


def _seen(module: DirectorModule) -> t.Optional[Seen]:
    try:
        return seen(module.params["runtime_dir"])
    except ControlError as error:
        module.fail_json(msg=f"The daemon does not answer, so it cannot be reloaded; nothing has changed: {error}")
    return None


def _foresee(module: DirectorModule, found: t.List[Change], before: t.Optional[Seen], needs: Needs) -> None:
    """Refuse before anything has changed what the reload would show anyway, so in check mode, too."""
    if before is None:
        return
    config_dir = module.params["config_dir"]
    changed = {os.path.relpath(change.path, config_dir) for change in found if change.after is not None}
    concerned = [need for path, need in needs.items() if path in changed]
    _judge(
        module,
        foreseen(module.params["runtime_dir"], before, concerned),
        "The host lacks what this configuration needs; nothing has changed",
    )


def _judge(module: DirectorModule, faults: t.List[str], what: str) -> None:
    """Fail because of `faults`, or warn where they are allowed."""
    if not faults:
        return
    if not module.params["allow_faults"]:
        listed = "\n".join(faults)
        module.fail_json(msg=f"{what}:\n{listed}\nWhere that is meant to be so, set allow_faults.", faults=faults)
    for fault in faults:
        module.warn(f"allowed by allow_faults: {fault}")


def differing(module: DirectorModule, wanted: Files) -> t.List[Change]:
    """Return what has to change.  The task fails where a file that the collection did not write is in the way."""
    try:
        found = _place.changes(module.params["config_dir"], wanted)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: cannot be read: {error.strerror}; nothing has changed")
    others = ", ".join(change.path for change in found if not change.is_ours)
    if others:
        module.fail_json(
            msg=f"{others}: not written by this collection, because the first line is not '{MARKER}';"
            " nothing has changed. Give it another name or place; or put that line at its top, and it is replaced"
        )
    return found


def _put(module: DirectorModule, found: t.List[Change]) -> None:
    try:
        _place.put(found)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: cannot be written: {error.strerror}; the files are as they were")


def _live(module: DirectorModule, live: Live) -> t.Optional[Answer]:
    try:
        return live()
    except ControlError as error:
        module.warn(f"The live state is not known: {error}")
        return None


def _reload(module: DirectorModule, found: t.List[Change], before: t.Optional[Seen], still_wrong: bool) -> bool:
    """One reload; False when the daemon is not running, or refuses what a removal has left `still_wrong`.

    A refusal, or a new fault, restores the files and fails the task.
    """
    try:
        answer = request(module.params["runtime_dir"], "lvsd", "reload")
    except ControlError as error:
        module.fail_json(msg=f"The files are in place, but the daemon did not answer the reload: {error}")
    if answer is None:
        return False
    if answer.get("ok"):
        _look_for_faults(module, found, before or Seen())
        return True
    if still_wrong:
        module.warn(f"lvsd still runs the configuration before, because of what else is wrong: {answer.get('error')}")
        return False
    _refuse(module, found, answer)
    return False


def _look_for_faults(module: DirectorModule, found: t.List[Change], before: Seen) -> None:
    runtime_dir = module.params["runtime_dir"]
    try:
        faults = settled(runtime_dir, before)
        if not faults or module.params["allow_faults"]:
            _judge(module, faults, "")
            _warn_of_the_rest(module, faults)
            return
        restored = _take_back(module, found, before)
    except ControlError as error:
        module.warn(f"Whether everything works after the reload is not known: {error}")
        return
    _judge(module, faults, f"lvsd has taken the configuration, but with it something does not work. {restored}")


def _warn_of_the_rest(module: DirectorModule, told: t.List[str]) -> None:
    """Warn of what did not work before either: it does not fail this task, but the result must not look well."""
    for fault in standing_faults(seen(module.params["runtime_dir"]) or Seen()):
        if fault not in told:
            module.warn(f"As before this task: {fault}")


def _take_back(module: DirectorModule, found: t.List[Change], before: Seen) -> str:
    """Files and daemon as they were, as far as possible; what that came to.  Raises `ControlError`."""
    if not found:
        return "The files were in place before this task and stay"
    try:
        _place.restore(found)
    except OSError as error:
        return f"{error.filename} could not be put back ({error.strerror}), so it stays"
    answer = request(module.params["runtime_dir"], "lvsd", "reload")
    if not (answer or {}).get("ok"):
        reason = (answer or {}).get("error", "it is not running")
        return f"The files are as they were, but the daemon has not loaded them again: {reason}"
    left = settled(module.params["runtime_dir"], before)
    if left:
        return f"The files are as they were and are loaded again, but this is left: {', '.join(left)}"
    return "The files are as they were, and the daemon has loaded them again"


def _refuse(module: DirectorModule, found: t.List[Change], answer: Answer) -> None:
    """Put the files back, and fail with the daemon's findings."""
    try:
        _place.restore(found)
    except OSError as error:
        lost = f"{error.filename} could not be put back ({error.strerror}): it holds what lvsd refused"
        module.fail_json(msg=f"{lost}. The daemon runs the configuration before. {answer.get('error')}")
    with contextlib.suppress(ControlError):  # so that the daemon knows the files as they are; nothing differs for it
        request(module.params["runtime_dir"], "lvsd", "reload")
    texts = {change.path: change.after for change in found}
    findings = [discreetly(finding, texts) for finding in answer.get("findings", [])]
    reasons = [text_of(finding) for finding in errors(findings)] or [answer.get("error", "no reason given")]
    module.fail_json(
        msg="lvsd refused the configuration; the files are as they were:\n" + "\n".join(reasons), findings=findings
    )


def is_stale(runtime_dir: str, config_dir: str) -> bool:
    """Whether a file was written after the daemon last read them: an earlier run was cut off before its reload."""
    try:
        answer = request(runtime_dir, "lvsd", "show")
    except ControlError:
        return False
    loaded = (answer or {}).get("loaded_at")
    if not isinstance(loaded, (int, float)):
        return False
    return loaded + 1.0 < newest(config_dir) <= time.time()  # a file from the future is a clock that was set back


def newest(config_dir: str) -> float:
    """When a file or a folder of the configuration last changed, in seconds of the wall clock; 0 for none.

    What leads nowhere, as an editor's lock does, or goes away meanwhile, changed its folder.
    """
    times = [0.0]
    for where, folders, names in os.walk(config_dir):
        for name in [".", *folders, *(name for name in names if not name.endswith(".new"))]:
            with contextlib.suppress(OSError):
                times.append(os.stat(os.path.join(where, name)).st_mtime)
    return max(times)
