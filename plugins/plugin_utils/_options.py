# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Documentation of options, made from the tables of keywords: what the modules check is what the pages say."""

from __future__ import annotations

import typing as t

import yaml
from ansible_collections.lvs.director.plugins.module_utils._keywords import (
    Keyword,
    Table,
    argument_spec,
    number_text,
)
from ansible_collections.lvs.director.plugins.plugin_utils._glossary import MEANING

Options = t.Dict[str, t.Dict[str, t.Any]]


def options(table: Table, name: str, nested: str = "suboptions") -> Options:
    """The documentation of the options of `table`; `nested` is what the format calls the options inside."""
    return {keyword.name: _option(keyword, name, nested) for keyword in table}


def fragment(table: Table, name: str) -> str:
    """A documentation fragment with the options of `table`."""
    return yaml.safe_dump({"options": options(table, name)}, sort_keys=False)


def listed(tables: t.Dict[str, t.Tuple[str, Table]]) -> str:
    """A documentation fragment of options that are lists of dictionaries: option -> (description, table)."""
    found = {
        option: {"description": [description], "type": "list", "elements": "dict", "suboptions": options(table, option)}
        for option, (description, table) in tables.items()
    }
    return yaml.safe_dump({"options": found}, sort_keys=False)


def _option(keyword: Keyword, name: str, nested: str) -> t.Dict[str, t.Any]:
    spec = argument_spec((keyword,))[keyword.name]
    spec.pop("options", None)
    spec.pop("no_log", None)
    found = {"description": _description(keyword, name), **spec}
    if keyword.body:
        found[nested] = options(keyword.body, keyword.name, nested)
    return found


def _description(keyword: Keyword, name: str) -> t.List[str]:
    meaning = MEANING.get(f"{name}.{keyword.name}") or MEANING.get(keyword.name) or MEANING[_defaulted(keyword.name)]
    if keyword.low is None or keyword.high is None:
        return [meaning]
    return [meaning, f"Between V({number_text(keyword.low)}) and V({number_text(keyword.high)})."]


def _defaulted(keyword: str) -> str:
    """The keyword that a default in `global_defs` is the default of."""
    return keyword[len("vrrp_") :] if keyword.startswith("vrrp_") else keyword
