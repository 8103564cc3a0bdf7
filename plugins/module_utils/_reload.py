# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""From wanted files to a running configuration: compare, check, put in place, reload once, show the live state.

Where the daemon refuses, the files are put back as they were and the task fails with the daemon's findings.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import typing as t
from types import MappingProxyType

from ansible_collections.lvs.director.plugins.module_utils import _place
from ansible_collections.lvs.director.plugins.module_utils._control import Answer, ControlError, request
from ansible_collections.lvs.director.plugins.module_utils._fragment import MARKER, discreet
from ansible_collections.lvs.director.plugins.module_utils._place import Change, Files

SHARED_OPTIONS: t.Dict[str, t.Dict[str, t.Any]] = {
    "config_dir": {"type": "path", "default": "/etc/lvsd"},
    "runtime_dir": {"type": "path", "default": "/run/lvsd"},
    "lvsd_path": {"type": "path", "default": "/usr/local/sbin/lvsd"},
}

REFUSED = 5  # exit code of `lvsd -t`: errors in the configuration
INSECURE = 6  # accepted, but a script would run insecurely

Finding = t.Dict[str, t.Any]
Live = t.Callable[[], t.Optional[Answer]]


def apply(module: t.Any, wanted: Files, live: Live, candidate: t.Optional[str] = None) -> Answer:
    """Make the files hold what is `wanted`; the result is what `exit_json` takes.

    `candidate` is the text that the daemon's parser has to accept before anything is written; None checks the
    whole configuration as it would become.  Files that the daemon has not read yet are a reload, too.
    """
    found = differing(module, wanted)
    stale = is_stale(module.params["runtime_dir"], module.params["config_dir"])
    result: Answer = {
        "changed": bool(found),
        "files": [{"path": change.path, "action": change.action} for change in found],
        "diff": _place.diff(found),
        "reloaded": False,
    }
    if found:
        _check(module, found, candidate)
    if module.check_mode:
        result["changed"] = bool(found) or stale
    elif found or stale:
        _put(module, found)
        result["reloaded"] = _reload(module, found)
        result["changed"] = bool(found) or result["reloaded"]
    result["live"] = _live(module, live)
    return result


def differing(module: t.Any, wanted: Files) -> t.List[Change]:
    """What has to change.  A file that somebody else wrote in the place of one of ours fails the task."""
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


def _put(module: t.Any, found: t.List[Change]) -> None:
    try:
        _place.put(found)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: cannot be written: {error.strerror}; the files are as they were")


def _live(module: t.Any, live: Live) -> t.Optional[Answer]:
    try:
        return live()
    except ControlError as error:
        module.warn(f"The live state is not known: {error}")
        return None


def _reload(module: t.Any, found: t.List[Change]) -> bool:
    """One reload; False when the daemon is not running.  A refusal restores the files and fails the task."""
    try:
        answer = request(module.params["runtime_dir"], "lvsd", "reload")
    except ControlError as error:
        module.fail_json(msg=f"The files are in place, but the daemon did not answer the reload: {error}")
    if answer is None:
        return False
    if answer.get("ok"):
        for reason in answer.get("refused", []):
            module.warn(f"The daemon has loaded the configuration, but the kernel does not take all of it: {reason}")
        return True
    try:
        _place.restore(found)
    except OSError as error:
        lost = f"{error.filename} could not be put back ({error.strerror}): it holds what lvsd refused"
        module.fail_json(msg=f"{lost}. The daemon runs the configuration before. {answer.get('error')}")
    with contextlib.suppress(ControlError):  # so that the daemon knows the files as they are; nothing differs for it
        request(module.params["runtime_dir"], "lvsd", "reload")
    texts = {change.path: change.after for change in found}
    findings = [discreetly(finding, texts) for finding in answer.get("findings", [])]
    errors = [text_of(finding) for finding in findings if severity(finding) == "error"]
    reasons = errors or [answer.get("error", "no reason given")]
    module.fail_json(
        msg="lvsd refused the configuration; the files are as they were:\n" + "\n".join(reasons), findings=findings
    )
    return False


def _check(module: t.Any, found: t.List[Change], candidate: t.Optional[str]) -> None:
    """Let the daemon's parser read the text before the disk does; a host without the daemon yet has nothing to ask."""
    lvsd = module.params["lvsd_path"]
    if not os.access(lvsd, os.X_OK):
        return
    folder = os.path.join(module.tmpdir, "candidate")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        path = _single(folder, found, candidate) if candidate is not None else _whole(module, folder, found)
        if path:
            _run_check(module, lvsd, path, folder, found)
    except OSError as error:  # shutil.Error is one, without a file's name
        reason = error.strerror or error
        module.fail_json(msg=f"{error.filename or folder}: the check needs room for a copy: {reason}; nothing changed")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _single(folder: str, found: t.List[Change], candidate: t.Optional[str]) -> t.Optional[str]:
    """Write the one block; nothing to check where files are only removed."""
    if candidate is None or all(change.after is None for change in found):
        return None
    path = os.path.join(folder, os.path.basename(found[0].path))
    _place.write(path, candidate)
    return path


def _whole(module: t.Any, folder: str, found: t.List[Change]) -> t.Optional[str]:
    """A copy of the whole configuration as it would become."""
    config_dir = module.params["config_dir"]
    if os.path.isdir(config_dir):
        shutil.copytree(config_dir, folder, ignore=dangling)
    for change in found:
        _place.put([change._replace(path=os.path.join(folder, os.path.relpath(change.path, config_dir)))])
    path = os.path.join(folder, "lvsd.conf")
    return path if os.path.exists(path) else None


def dangling(folder: str, names: t.Iterable[str]) -> t.List[str]:
    """Symlinks that lead nowhere (what copytree has for them goes wrong before Python 3.11)."""
    return [name for name in names if not os.path.exists(os.path.join(folder, name))]


def _run_check(module: t.Any, lvsd: str, path: str, folder: str, found: t.List[Change]) -> None:
    code, out, err = module.run_command([lvsd, "-t", "--json", "-f", path], cwd="/")
    findings = [
        renamed(discreetly(finding), folder, module.params["config_dir"], found) for finding in findings_in(out or err)
    ]
    if code == REFUSED:
        errors = [finding for finding in findings if severity(finding) == "error"]
        reasons = [text_of(finding) for finding in errors or findings] or [err.strip() or out.strip()]
        module.fail_json(msg="lvsd does not accept this configuration:\n" + "\n".join(reasons), findings=findings)
    for finding in findings:
        module.warn(text_of(finding))
    if code not in (0, INSECURE):
        module.warn(f"lvsd could not check the configuration (exit code {code}): {err.strip()}")


def findings_in(text: str) -> t.List[Finding]:
    """The findings in what `lvsd -t --json` printed."""
    try:
        found = json.loads(text)
    except ValueError:
        return []
    if isinstance(found, dict):
        found = found.get("findings", [])
    return [finding for finding in found if isinstance(finding, dict)]


def severity(finding: Finding) -> str:
    return str(finding.get("severity", "error")).lower()


def renamed(finding: Finding, folder: str, config_dir: str, found: t.List[Change]) -> Finding:
    """A finding in the candidate, as one in the file that it is going to be."""
    path = str(finding.get("path", ""))
    relative = os.path.relpath(path, folder) if path.startswith(folder) else path
    here = next((change.path for change in found if os.path.basename(change.path) == relative), None)
    return {**finding, "path": here or os.path.normpath(os.path.join(config_dir, relative))}


def discreetly(finding: t.Any, texts: t.Mapping[str, t.Optional[str]] = MappingProxyType({})) -> t.Any:
    """A finding that quotes no secret of the line that it is about; `texts` are those that were put back meanwhile."""
    if not isinstance(finding, dict):
        return finding
    path, number = str(finding.get("path", "")), finding.get("line")
    rows = (texts.get(path) or _place.read(path) or "").split("\n")
    about = rows[number - 1] if isinstance(number, int) and 0 < number <= len(rows) else ""
    return {**finding, "message": discreet(str(finding.get("message", "")), about)}


def text_of(finding: t.Any) -> str:
    """`FILE:LINE: message`, as the daemon prints it."""
    if not isinstance(finding, dict):
        return str(finding)
    return f"{finding.get('path', '')}:{finding.get('line', 0)}: {finding.get('message', '')}"


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
