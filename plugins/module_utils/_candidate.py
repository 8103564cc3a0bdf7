# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""A configuration is read by the daemon's parser before the disk holds it: the block alone, then the whole tree.

Both are temporary copies.  So a task is refused in check mode as it would be in a run, and while the daemon is stopped
as the running one would refuse the reload.
"""

from __future__ import annotations

import os
import shutil
import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _place
from ansible_collections.lvs.director.plugins.module_utils._arguments import DirectorModule
from ansible_collections.lvs.director.plugins.module_utils._findings import (
    Finding,
    discreetly,
    errors,
    fatal,
    findings_in,
    refused,
    renamed,
    text_of,
)
from ansible_collections.lvs.director.plugins.module_utils._place import Change

ERRORS = 5  # exit code of `lvsd -t`: errors in the configuration
KNOWN = (0, ERRORS, 6)  # 6: accepted, but a script would run insecurely
MAIN = "lvsd.conf"


class Unchecked(Exception):
    """`lvsd -t` could not look: the exit code and what it said."""


def check(module: DirectorModule, found: t.List[Change], candidate: t.Optional[str], running: bool) -> bool:
    """Fail the task where the daemon would not take what is `found` to change; nothing has changed then.

    True says that the change repairs a tree that is still wrong: the daemon will refuse it for what is left.
    `candidate` is the text of the one block with what it needs to be read alone, None where there is none.  A host
    without the daemon has nothing to ask.
    """
    if running:
        _keep_the_first_file(module, found)
    if not os.access(module.params["lvsd_path"], os.X_OK):
        return False
    folder = os.path.join(module.tmpdir, "candidate")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if candidate is not None and any(change.after is not None for change in found):
            _check_block(module, folder, found, candidate)
        return _check_tree(module, folder, found, running, whole=candidate is None)
    except Unchecked as unchecked:
        module.warn(f"lvsd could not check the configuration: {unchecked}")
    except OSError as error:  # shutil.Error is one, without a file's name
        reason = error.strerror or error
        module.fail_json(msg=f"{error.filename or folder}: the check needs room for a copy: {reason}; nothing changed")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return False


def _keep_the_first_file(module: DirectorModule, found: t.List[Change]) -> None:
    first = os.path.join(module.params["config_dir"], MAIN)
    if any(change.path == first and change.after is None for change in found):
        module.fail_json(
            msg=f"{first}: the running daemon reads its configuration from there and refuses a reload without it;"
            " nothing has changed. Stop the daemon first"
        )


def _check_block(module: DirectorModule, folder: str, found: t.List[Change], candidate: str) -> None:
    path = os.path.join(folder, os.path.basename(found[0].path))
    _place.write(path, candidate)
    findings = _read(module, path, folder, found)
    shutil.rmtree(folder, ignore_errors=True)
    if errors(findings):
        _fail(module, errors(findings), findings)
    _warn(module, findings)


def _check_tree(module: DirectorModule, folder: str, found: t.List[Change], running: bool, whole: bool) -> bool:
    """The configuration as it would become; what is wrong there is compared with what was wrong before.

    Whether the daemon would still refuse it.
    """
    config_dir = module.params["config_dir"]
    before: t.Optional[t.List[Finding]] = None
    if os.path.isdir(config_dir):
        shutil.copytree(config_dir, folder, ignore=dangling)
    path = os.path.join(folder, MAIN)
    changed = [change._replace(path=os.path.join(folder, os.path.relpath(change.path, config_dir))) for change in found]
    _place.put(changed)
    if not os.path.exists(path):
        return False
    after = _read(module, path, folder, found)
    if errors(after):
        _place.restore(changed)
        before = _read(module, path, folder, found) if os.path.exists(path) else []
    removes = bool(found) and all(change.after is None for change in found)
    reasons = refused(before or [], after, removes, running)
    if reasons:
        _fail(module, reasons, after)
    ours = {change.path for change in found}
    _warn(module, [finding for finding in after if whole or finding["path"] in ours or finding in fatal(after)])
    return bool(fatal(after))


def _fail(module: DirectorModule, reasons: t.List[Finding], findings: t.List[Finding]) -> None:
    listed = "\n".join(text_of(finding) for finding in reasons)
    module.fail_json(msg=f"lvsd does not accept this configuration; nothing has changed:\n{listed}", findings=findings)


def _warn(module: DirectorModule, findings: t.Iterable[Finding]) -> None:
    for finding in findings:
        module.warn(text_of(finding))


def _read(module: DirectorModule, path: str, folder: str, found: t.List[Change]) -> t.List[Finding]:
    """What the daemon finds, in the names of the real files.  Raises `Unchecked`, `OSError`."""
    code, out, err = module.run_command([module.params["lvsd_path"], "-t", "--json", "-f", path], cwd="/")
    if code not in KNOWN:
        raise Unchecked(f"exit code {code}: {err.strip()}")
    config_dir = module.params["config_dir"]
    findings = [renamed(discreetly(finding), folder, config_dir, found) for finding in findings_in(out or err)]
    if code == ERRORS and not errors(findings):
        findings.append({"path": config_dir, "line": 0, "severity": "error", "message": err.strip() or out.strip()})
    return findings


def dangling(folder: str, names: t.Iterable[str]) -> t.List[str]:
    """Symlinks that lead nowhere (what copytree has for them goes wrong before Python 3.11)."""
    return [name for name in names if not os.path.exists(os.path.join(folder, name))]
