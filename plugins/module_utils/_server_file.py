# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The file of one real server, changed in the keywords that a task names; what it does not name stays.

Only our own, canonical text is read: the marker, one block, one keyword at the depth of INDENT.
"""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils import _ipvs
from ansible_collections.lvs.director.plugins.module_utils._fragment import INDENT, MANAGED
from ansible_collections.lvs.director.plugins.module_utils._keywords import Values

METHOD = "lvs_method"
METHOD_OPTIONS = ("lb_kind", "tunnel")
ORDER = (METHOD, *(keyword.name for keyword in _ipvs.REAL_SERVER if keyword.name not in METHOD_OPTIONS))

Entries = t.Dict[str, t.List[str]]  # keyword -> its lines, of all its occurrences


def merged(service: _ipvs.Service, values: Values, before: t.Optional[str]) -> str:
    """The file's text: what `values` name as they say, the rest as in `before`, the text there is.

    None in `values` is what the task does not name; an empty list takes the keyword away.  Raises `Refused`.
    """
    kept = entries(before or "")
    named = dict(values)
    if METHOD in kept:
        named.update(_method(kept[METHOD][0].split(), values))
    after = _ipvs.server_text(service, named)
    ours = entries(after)
    for keyword, lines in kept.items():
        if keyword != METHOD and values.get(keyword) is None:
            ours[keyword] = lines
    head, foot = after.removeprefix(MANAGED).split("\n", 1)[0], "}\n"
    body = [line for keyword in ORDER for line in ours.get(keyword, [])]
    return "".join(f"{line}\n" for line in [MANAGED.rstrip("\n"), head, *body]) + foot


def entries(text: str) -> Entries:
    """The keywords of the one block in a text of ours; none in a text that is not so written."""
    rows = text.removeprefix(MANAGED).rstrip("\n").split("\n") if text.startswith(MANAGED) else []
    if len(rows) < 2 or not rows[0].startswith("real_server ") or rows[-1] != "}":
        return {}
    found: Entries = {}
    keyword = ""
    for row in rows[1:-1]:
        if not row.startswith(INDENT):
            return {}
        if row[len(INDENT)] not in " }":
            keyword = row.split()[0]
        found.setdefault(keyword, []).append(row)
    return found if set(found) <= set(ORDER) else {}


def _method(words: t.List[str], values: Values) -> Values:
    """The method and its tunnel: as the task names them, or else as they are in the words of the line."""
    kind = values.get("lb_kind") or words[1]
    tunnel = values.get("tunnel")
    if tunnel is None and kind == words[1] == "TUN" and len(words) > 2:
        port = int(words[words.index("port") + 1]) if "port" in words else None
        checksum = words[-1] if words[-1].endswith("csum") else None
        tunnel = {"type": words[words.index("type") + 1], "port": port, "checksum": checksum}
    return {"lb_kind": kind, "tunnel": tunnel}


def candidate(service: _ipvs.Service, text: str) -> str:
    """That text inside the barest service, for a check of this one block by the daemon."""
    bare = _ipvs.bare_service(service).split("\n")
    block = [f"{INDENT}{row}" for row in text.removeprefix(MANAGED).rstrip("\n").split("\n")]
    return "\n".join([*bare[:-2], *block, *bare[-2:]])
