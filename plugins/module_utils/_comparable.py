# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Whether two texts of ours mean the same to the daemon: order where it knows none, and defaults that are written out.

Nothing is written anew for such a difference, so the daemon is not reloaded for it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils._checks import CHECKS
from ansible_collections.lvs.director.plugins.module_utils._defaults import DEFAULTS
from ansible_collections.lvs.director.plugins.module_utils._fragment import INDENT
from ansible_collections.lvs.director.plugins.module_utils._ipvs import FLAGS

Row = t.Tuple[t.Any, ...]  # (text, rows of the block); no rows for a plain line

UNORDERED_ROWS = {
    "unicast_peer": 0,
    "track_interface": 0,
    "virtual_ipaddress_excluded": 0,
    "group": 0,
    "virtual_ipaddress": 1,
}
"""Blocks whose rows mean the same in any order -> how many of the first do not: an instance is known by its first
address."""
UNORDERED_KEYWORDS: t.Dict[str, t.FrozenSet[str]] = {
    "virtual_server": frozenset(FLAGS),
    "real_server": frozenset(check.name for check in CHECKS),
}
"""Blocks -> those of their keywords that mean the same in any order: each check of a real server has to pass."""
UNORDERED_WORDS = frozenset(("status_code", "regex_options"))
NEEDLESS = {
    block: frozenset(f"{keyword} {value}" for keyword, value in values.items()) for block, values in DEFAULTS.items()
}
"""Blocks -> lines that say what the daemon would do without them."""
MASTER = "state MASTER"  # without a priority it means the address owner's, 255


def equivalent(before: str, after: str) -> bool:
    """Whether the daemon would run alike with both texts, the second of which this collection has written.

    A first one that is torn, or has another form than this collection writes, is never alike.
    """
    rows, _rest = _rows(before.splitlines(), 0)
    wanted, _rest = _rows(after.splitlines(), 0)
    return _written(rows) == before and _normal("", rows) == _normal("", wanted)


def _written(rows: t.List[Row], indent: str = "") -> str:
    """The text of rows, as this collection writes it."""
    return "".join(
        f"{indent}{text}\n" if inner is None else f"{indent}{text} {{\n{_written(inner, indent + INDENT)}{indent}}}\n"
        for text, inner in rows
    )


def _rows(lines: t.List[str], at: int) -> t.Tuple[t.List[Row], int]:
    """The rows of a block whose first line is `at`, and the line behind its end."""
    found: t.List[Row] = []
    while at < len(lines):
        row = lines[at].strip()
        at += 1
        if row == "}":
            break
        if row.endswith(" {"):
            inner, at = _rows(lines, at)
            found.append((row[:-2], inner))
        else:
            found.append((row, None))
    return found, at


def _normal(keyword: str, rows: t.List[Row]) -> t.List[Row]:
    """The rows of the block `keyword` without its defaults, those in order that have none."""
    needless = NEEDLESS.get(keyword, frozenset())
    if (MASTER, None) in rows:
        needless -= {"priority 100"}
    kept = [_normal_row(*row) for row in rows if row[1] is not None or row[0] not in needless]
    if keyword in UNORDERED_ROWS:
        fixed = UNORDERED_ROWS[keyword]
        return kept[:fixed] + sorted(kept[fixed:], key=repr)
    moving = UNORDERED_KEYWORDS.get(keyword, frozenset())
    if not moving:
        return kept
    free = sorted((row for row in kept if _keyword(row) in moving), key=repr)
    return [row for row in kept if _keyword(row) not in moving] + free


def _normal_row(text: str, rows: t.Optional[t.List[Row]]) -> Row:
    keyword, _space, words = text.partition(" ")
    if rows is not None:
        return text, _normal(keyword, rows)
    return (f"{keyword} {' '.join(sorted(words.split()))}" if keyword in UNORDERED_WORDS else text), None


def _keyword(row: Row) -> str:
    return str(row[0]).partition(" ")[0]
