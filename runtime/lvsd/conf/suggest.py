# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator may have meant: the nearest keyword, the right block, the right form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from .findings import Findings
from .grammar import ROOT
from .grammar.entry import Block, Entry, Kept
from .parser import Node

Say = Callable[[str], str]

UNKNOWN_KEYWORD = "unknown keyword"  # every report of one says so

# words of older manuals and of other programs, with what to do about them
FORMER = {
    "lvs_id": ("router_id", "'lvs_id' was renamed: write 'router_id'"),
    "nat_mask": (None, "'nat_mask' was for Linux 2.2 and has no successor: leave it out"),
    "sync_instance": ("vrrp_sync_group", "'sync_instance' was replaced by the block 'vrrp_sync_group'"),
    "include": (None, "'include' must be the first word of its line"),
}


@lru_cache(maxsize=1)
def homes() -> Mapping[str, tuple[str, ...]]:
    """Every keyword with the blocks that know it; "" is the file outside all blocks."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(name: str, known: Mapping[str, Entry]) -> None:
        for word, entry in known.items():
            if name not in found.get(word, ()):
                found[word] = (*found.get(word, ()), name)
            if isinstance(entry, Block | Kept) and entry.known:
                walk(entry.name, entry.known)

    walk(ROOT.name, ROOT.known)
    return found


@lru_cache(maxsize=1024)
def nearest(word: str, block: str, known: tuple[str, ...]) -> str | None:
    """The keyword of this block that looks most like the word."""
    from difflib import get_close_matches  # of use only where something is wrong

    matches = get_close_matches(word, known, n=1, cutoff=0.75) if len(word) <= 64 else []
    return matches[0] if matches else None


def belongs_elsewhere(word: str) -> bool:
    """Whether it is a keyword, of some block."""
    return word in homes() and word not in FORMER


def unknown(
    findings: Findings, say: Say, block: str, known: Mapping[str, Entry], node: Node, more: tuple[Node, ...] = ()
) -> str | None:
    """Report an unknown keyword, once for all that follow it; answers the one of this block that was meant, if near."""
    word = node.words[0]
    if findings.closed:
        findings.error(node.place, f"{UNKNOWN_KEYWORD} '{word[:80]}'", word, fatal=False)
        return None
    if word in FORMER:
        meant, message = FORMER[word]
        findings.error(node.place, say(f"{UNKNOWN_KEYWORD}: {message}"), word, fatal=False)
        return meant
    elsewhere = homes().get(word)
    if elsewhere:
        where = " or ".join("outside all blocks" if not home else f"in {home}" for home in elsewhere[:3])
        brace = ": is there a '}' too many before it?" if block == "" and node.body is not None else ""
        message = f"{UNKNOWN_KEYWORD} '{word}' in this place; it belongs {where}{brace}"
        if more:
            lines = "line" if len(more) == 1 else "lines"
            message += f"; so it is with {len(more)} more {lines}, up to line {more[-1].place.line}"
        findings.broken = True
        findings.error(node.place, say(message), word, fatal=False)
        return None
    meant = nearest(word, block, tuple(known))
    hint = f"; did you mean '{meant}'?" if meant else far(word)
    if len(node.words) > 1 and node.words[1].startswith("="):
        hint = "; $NAME=value has no space before the '='"
    elif word.startswith("$"):
        hint = "; no parameter of this name is defined before this line"
    findings.error(node.place, say(f"{UNKNOWN_KEYWORD} '{word[:80]}'{hint}"), word, fatal=False)
    return meant


def far(word: str) -> str:
    """A near keyword of another block."""
    meant = nearest(word, "*", tuple(homes()))
    if not meant:
        return ""
    home = homes()[meant][0]
    return f"; '{meant}' is known {f'in {home}' if home else 'outside all blocks'}"


def misplaced(findings: Findings, say: Say, outer: Node, node: Node) -> None:
    """A block of the root inside another block: a brace is missing before it."""
    findings.withdraw(outer.place, "{")
    findings.broken = True
    findings.error(
        node.place,
        say(
            f"'{node.label}' cannot stand inside another block: is a '}}' missing before it?"
            f" '{outer.label}' was opened in line {outer.place.line}"
        ),
        node.words[0],
    )


def braces_needed(findings: Findings, say: Say, nodes: list[Node]) -> None:
    """Names that stand in a sync group without `group { }`."""
    names = " ".join(node.label for node in nodes)
    findings.error(
        nodes[0].place, say(f"the members stand in a block of their own: group {{ {names} }}"), nodes[0].label
    )
