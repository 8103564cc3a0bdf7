# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""Options from the daemon's schema: names, types, ranges, choices and meanings are those of its keywords."""

from __future__ import annotations

import typing as t

from ansible_collections.lvs.director.plugins.module_utils._forms import FORMS
from ansible_collections.lvs.director.plugins.module_utils._keywords import Keyword, Table
from ansible_collections.lvs.director.plugins.module_utils._schema import BLOCKS

NUMBERS = ("int", "float")
WRITTEN = ("flag", "switch", "words", "rows", "names", "block", "blocks")


def option(block: str, name: str, keyword: str = "", **own: t.Any) -> Keyword:
    """The option `name` of a keyword in `block`, which may have another name there; `own` is what Ansible has its own.

    Raises KeyError for what the daemon does not have.
    """
    word = BLOCKS[block][keyword or name]
    numeric = word.type in NUMBERS
    found = Keyword(
        name,
        kind=word.type if word.type in WRITTEN else "word",
        type=word.type if numeric else "str",
        choices=None if word.form else word.choices or None,
        low=word.low if numeric else None,
        high=word.high if numeric else None,
        form=FORMS.get(word.form),
        written=keyword or None,
        text=word.text,
        unit=word.unit,
        fallback=word.default,
    )
    return found._replace(**own)


def options(block: str, *names: t.Union[str, Keyword]) -> Table:
    """The options of a block in this order; an option that has something of its own is given as it is."""
    return tuple(option(block, name) if isinstance(name, str) else name for name in names)
