# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""What `lvsd -t --json` and a refused reload say about a configuration: read, named by the real files, compared."""

from __future__ import annotations

import json
import os
import typing as t
from collections import Counter
from types import MappingProxyType

from ansible_collections.lvs.director.plugins.module_utils import _place
from ansible_collections.lvs.director.plugins.module_utils._fragment import discreet
from ansible_collections.lvs.director.plugins.module_utils._place import Change

Finding = t.Dict[str, t.Any]


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
    """`error`, `warning` or `insecure`; a finding without a word about it is an error."""
    return str(finding.get("severity", "error")).lower()


def errors(findings: t.Iterable[Finding]) -> t.List[Finding]:
    """Those for which `lvsd -t` does not accept a configuration."""
    return [finding for finding in findings if severity(finding) == "error"]


def fatal(findings: t.Iterable[Finding]) -> t.List[Finding]:
    """Those for which a running daemon refuses a reload; an unknown keyword is none."""
    return [finding for finding in errors(findings) if finding.get("fatal", True)]


def new_errors(before: t.Iterable[Finding], after: t.Iterable[Finding]) -> t.List[Finding]:
    """The errors in `after` that were not there `before`, wherever in their file they stand now."""
    known = Counter(_same(finding) for finding in errors(before))
    found = []
    for finding in errors(after):
        if known[_same(finding)]:
            known[_same(finding)] -= 1
        else:
            found.append(finding)
    return found


def _same(finding: Finding) -> t.Tuple[str, str]:
    return str(finding.get("path")), str(finding.get("message"))


def refused(before: t.List[Finding], after: t.List[Finding], removes: bool, running: bool) -> t.List[Finding]:
    """The findings for which a change from the tree `before` to the one `after` is not made; none: it is made.

    A new error always refuses.  What was wrong before does where the daemon would not take the tree, with two ways to
    repair it: a removal (`removes`) that leaves fewer errors, and, while the daemon is not `running`, every removal
    and whatever leaves fewer errors.
    """
    new = new_errors(before, after)
    if new or not fatal(after):
        return new
    repairs = len(fatal(after)) < len(fatal(before))
    repaired = removes and repairs if running else removes or repairs
    return [] if repaired else fatal(after)


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
