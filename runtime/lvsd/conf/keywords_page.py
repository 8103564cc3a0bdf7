# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 -m lvsd.conf.keywords_page > docs/keywords.md`: the grammar as a page.

With `--schema` it writes the collection's `plugins/module_utils/_schema.py` instead.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from . import schema
from .manual import Explanation, explanations

SCHEMA = Path(__file__).parents[3] / "plugins" / "module_utils" / "_schema.py"

HEAD = """<!--
SPDX-FileCopyrightText: 2026 The lvs.director authors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Keywords of the configuration

Made from the grammar by `python3 -m lvsd.conf.keywords_page`; do not edit.

`lvsd` reads keepalived's configuration language. Every keyword of keepalived is known. One marked with ⚠ is read, kept
and rendered, and `lvsd -t` names it in a warning that says what happens instead.
`lvsctl explain KEYWORD` prints a line of this page.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(
        section(block, list(dict.fromkeys(lines)))
        for block, lines in groupby(sorted_by_block(), key=lambda line: line.block)
    )


def sorted_by_block() -> list[Explanation]:
    """All lines, those of one block together, blocks in the order of their first line."""
    lines = list(explanations())
    order = {block: index for index, block in enumerate(dict.fromkeys(line.block for line in lines))}
    return sorted(lines, key=lambda line: order[line.block])


def section(block: str, lines: list[Explanation]) -> str:
    """Return the heading and the table of one block; "" is the top level of the file."""
    title = f"`{block}`" if block else "Outside all blocks"
    rows = "".join(row(line) for line in lines)
    return f"\n## {title}\n\n| Keyword | Meaning | Default |\n|---|---|---|\n{rows}"


def row(line: Explanation) -> str:
    """Return one keyword as a row of its table."""
    spellings = [f"`{name}`" for name in line.spellings] + [f"`{name}` (deprecated)" for name in line.deprecated]
    also = f" Also: {', '.join(spellings)}." if spellings else ""
    effect = f" ⚠ {line.warning.rpartition('yet: ')[2]}." if line.warning else ""
    usage = cell(f"{line.keyword} {line.syntax}".strip())
    return f"| `{usage}` | {cell(line.text + also + effect)} | {cell(line.default)} |\n"


def cell(text: str) -> str:
    """Return a text with the bars escaped that would end a cell of a Markdown table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    if "--schema" in sys.argv[1:]:
        SCHEMA.write_text(schema.module())
    else:
        sys.stdout.write(page())
