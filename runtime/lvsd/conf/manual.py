# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar as a manual: what a keyword means, and which ones are not implemented."""

from __future__ import annotations

from collections.abc import Iterator

from lvsd.record import record

from .grammar import ROOT
from .grammar.authentication import ah_warning
from .grammar.entry import Block, Entry, Kept, Keyword, Lines
from .grammar.http_check import PCRE_OPTIONS
from .validate.checks import REGEX_OPTIONS

# values and options of keywords that are implemented otherwise
VALUES = (
    ("authentication", "auth_type AH", ah_warning("AH") or ""),
    *(
        (block, word, f"'{word}' is known but not implemented yet")
        for block in ("virtual_ipaddress", "virtual_ipaddress_excluded")
        for word in ("use_vmac", "track_group")
    ),
    *(
        ("url", f"regex_options {name}", f"the option '{name}' is known but not implemented yet")
        for name in sorted(PCRE_OPTIONS - REGEX_OPTIONS.keys())
    ),
)


@record(frozen=True, slots=True)
class Explanation:
    """One keyword in one block; `block` is "" outside all blocks, `warning` is set where it has no effect."""

    block: str
    keyword: str
    syntax: str
    text: str
    default: str
    spellings: tuple[str, ...]
    deprecated: tuple[str, ...]
    warning: str | None


def explanations() -> Iterator[Explanation]:
    """Every keyword of the grammar, block after block."""
    yield from walk("", ROOT.entries)


def walk(block: str, entries: tuple[Entry, ...], inherited: str | None = None) -> Iterator[Explanation]:
    """Yield an explanation of each entry of a block, then of the blocks inside it.

    `inherited` is the reason for which the outer block is not implemented.
    """
    inner: list[tuple[str, tuple[Entry, ...], str | None]] = []
    for entry in entries:
        warning = (entry.warning or inherited) if isinstance(entry, Kept) else None
        yield Explanation(
            block, entry.name, syntax_of(entry), entry.text, default_of(entry), entry.aliases, entry.deprecated, warning
        )
        if isinstance(entry, Block):
            inner.append((entry.name, entry.entries, None))
            if entry.kept_effect:
                yield Explanation(
                    block, f"{entry.name} group", "NAME", "A service of a group.", "", (), (), entry.kept_effect
                )
        elif isinstance(entry, Kept) and entry.body:
            inner.append((entry.name, entry.body, warning))
    for name, body, reason in inner:
        yield from walk(name, body, reason)


def syntax_of(entry: Entry) -> str:
    """Return what follows the keyword of an entry, with the braces where it opens a block."""
    match entry:
        case Keyword():
            return entry.kind.syntax
        case Lines():
            return f"{{ {entry.syntax} ... }}"
        case Kept() if not entry.body:
            return entry.syntax
    return f"{entry.syntax} {{ ... }}".strip()


def default_of(entry: Entry) -> str:
    """Return the default of an entry as text, "" where it has none."""
    return entry.default if isinstance(entry, Keyword | Lines) else ""


def explain(keyword: str) -> tuple[Explanation, ...]:
    """What a keyword means, in every block that knows it; () for an unknown one."""
    found = []
    for one in explanations():
        if keyword in (one.keyword, *one.spellings, *one.deprecated) and one not in found:
            found.append(one)
    return tuple(found)


def not_implemented() -> list[tuple[str, str, str]]:
    """(block, keyword, the warning a user sees) for every keyword that is known but not implemented."""
    found = [(one.block, one.keyword, one.warning) for one in explanations() if one.warning]
    return list(dict.fromkeys([*found, *VALUES]))
