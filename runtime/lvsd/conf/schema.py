# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar as data for the collection, which imports nothing of the daemon: `plugins/module_utils/_schema.py`.

What is only kept has no effect, and is left out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .grammar import ROOT
from .grammar.entry import Block, Entry, Kept, Keyword, Lines
from .manual import default_of, syntax_of

WIDTH = 120  # columns of a line, as the formatter has it
HEAD = '''# SPDX-FileCopyrightText: 2026 The lvs.director authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: not a public interface.
"""The keywords that the daemon carries out, block by block, with their types, ranges and meanings.

Made from the daemon's grammar by `python3 -m lvsd.conf.keywords_page --schema`; do not edit.
"""

from __future__ import annotations

import typing as t


class Word(t.NamedTuple):
    """One keyword of a block, or one word of a line.

    `type` is that of the value (int, float, str), or says how it is written: words (several), flag (the bare name),
    switch (the name, or the name and off), member (one of several flags), rows (a line each), names (a name each),
    block and blocks (once, or several times).  `form` is the reader of a text in `_forms.py`.
    """

    type: str
    text: str
    syntax: str = ""
    default: str = ""
    low: t.Optional[float] = None
    high: t.Optional[float] = None
    unit: str = ""
    choices: t.Tuple[t.Any, ...] = ()
    form: str = ""


BLOCKS: t.Dict[str, t.Dict[str, Word]] = {
'''

Fields = dict[str, Any]


def schema() -> dict[str, dict[str, Fields]]:
    """Every block, and every line of several words, by its name: the fields of its words that are not empty."""
    return {name: dict(words) for name, words in blocks(ROOT)}


def blocks(block: Block) -> Iterator[tuple[str, Iterable[tuple[str, Fields]]]]:
    """A block, then those inside it."""
    words = [entry for entry in block.entries if not isinstance(entry, Kept)]
    if block.name:
        yield block.name, map(described, words)
    for entry in words:
        if isinstance(entry, Block):
            yield from blocks(entry)
        elif inside := entry.words if isinstance(entry, Lines) else entry.kind.words:
            yield entry.name, map(described, inside)


def described(entry: Entry) -> tuple[str, Fields]:
    """The name of a word and what is to be said of it."""
    fields: Fields = {
        "type": type_of(entry),
        "text": entry.text,
        "syntax": syntax_of(entry),
        "default": default_of(entry),
    }
    if isinstance(entry, Keyword):
        kind = entry.kind
        fields |= {"low": kind.low, "high": kind.high, "unit": kind.unit, "choices": kind.choices, "form": kind.form}
    return entry.name, {name: value for name, value in fields.items() if value not in ("", None, ())}


def type_of(entry: Entry) -> str:
    """Return the type of an entry as the collection knows it (`Word.type`)."""
    match entry:
        case Keyword():
            return entry.kind.type
        case Block():
            return "blocks" if entry.many else "block"
        case Lines(words=()):
            return "names"
    return "rows"


def module() -> str:
    """The text of the module, as the formatter leaves it."""
    return HEAD + "".join(block(name, words) for name, words in schema().items()) + "}\n"


def block(name: str, words: Mapping[str, Fields]) -> str:
    """Return the source of one block of the table."""
    rows = "".join(word(each, fields) for each, fields in words.items())
    return f"    {literal(name)}: {{\n{rows}    }},\n"


def word(name: str, fields: Fields) -> str:
    """One word: in one line where it fits, or with a line for each field."""
    start = f"        {literal(name)}: Word("
    given = [f"{field}={literal(value)}" for field, value in fields.items()]
    if len(whole := f"{start}{', '.join(given)}),") <= WIDTH:
        return whole + "\n"
    return start + "\n" + "".join(argument(field, value) for field, value in fields.items()) + "        ),\n"


def argument(field: str, value: Any) -> str:
    """A field on a line of its own; a long text in pieces, a long tuple with a line for each item."""
    row = f"            {field}={literal(value)},"
    if len(row) <= WIDTH:
        return row + "\n"
    pieces = [f"{literal(item)}," for item in value] if isinstance(value, tuple) else map(literal, cut(value))
    return f"            {field}=(\n" + "".join(f"                {piece}\n" for piece in pieces) + "            ),\n"


def cut(text: str) -> list[str]:
    """The text in pieces that fit, each but the last with the space that ends it."""
    lines = textwrap.wrap(text, WIDTH - 20, break_long_words=False, break_on_hyphens=False)
    return [f"{line} " for line in lines[:-1]] + lines[-1:]


def literal(value: Any) -> str:
    """A value as Python writes it, a text in double quotes unless it holds some."""
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, str) and '"' not in value:
        return f'"{value}"'
    return repr(value)
