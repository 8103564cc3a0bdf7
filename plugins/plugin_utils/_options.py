# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Documentation of options, made from the tables of keywords: what the modules check is what the pages say."""

from __future__ import annotations

import re
import typing as t

import yaml
from ansible_collections.lvs.director.plugins.module_utils._keywords import (
    Keyword,
    Table,
    argument_spec,
    number_text,
)

CODE = re.compile("`([^`]+)`")
Options = t.Dict[str, t.Dict[str, t.Any]]


def options(table: Table, nested: str = "suboptions") -> Options:
    """The documentation of the options of `table`; `nested` is what the format calls the options inside."""
    return {keyword.name: _option(keyword, nested) for keyword in table}


def fragment(table: Table) -> str:
    """A documentation fragment with the options of `table`."""
    return _dumped(options(table))


def listed(tables: t.Dict[str, t.Tuple[str, Table]]) -> str:
    """A documentation fragment of options that are lists of dictionaries: option -> (description, table)."""
    found = {
        option: {"description": [description], "type": "list", "elements": "dict", "suboptions": options(table)}
        for option, (description, table) in tables.items()
    }
    return _dumped(found)


def _dumped(found: Options) -> str:
    text: str = yaml.safe_dump({"options": found}, sort_keys=False)
    return text


def _option(keyword: Keyword, nested: str) -> t.Dict[str, t.Any]:
    spec = argument_spec((keyword,))[keyword.name]
    spec.pop("options", None)
    spec.pop("no_log", None)
    found = {"description": list(_description(keyword)), **spec}
    if keyword.body:
        found[nested] = options(keyword.body, nested)
    return found


def _description(keyword: Keyword) -> t.Iterator[str]:
    yield _marked(keyword.text)
    if keyword.low is not None and keyword.high is not None:
        unit = f" {keyword.unit}" if keyword.unit else ""
        yield f"Between V({number_text(keyword.low)}) and V({number_text(keyword.high)}){unit}."
    if keyword.fallback and keyword.default is None and not keyword.required:
        yield f"The daemon's default is {_marked(keyword.fallback)}."


def _marked(text: str) -> str:
    """A text of the daemon's grammar in Ansible's markup."""
    return CODE.sub(r"C(\1)", text)
