# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in what is only kept: names, braces, and values of the kinds that the grammar's syntax names.

None of them is fatal, as nothing of it is run; keepalived reports them, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..findings import Findings
from ..grammar.entry import Kept
from ..grammar.number import decimal, whole
from ..grammar.value import address_of
from ..parser import Node
from ..suggest import unknown

RANGE = re.compile(r"(-?[0-9]+)\.\.(-?[0-9]+)")
LARGE = 2**31 - 1
NEEDED = {"vrrp_script": "script", "vrrp_track_process": "process", "track_file": "file", "bfd_instance": "neighbor_ip"}
"""Without this word keepalived takes the block away."""
KINDS: dict[str, Callable[[str], object]] = {
    "SECONDS": lambda word: decimal(word, 0, LARGE),
    "N": lambda word: whole(word, -LARGE, LARGE),
    "MILLISECONDS": lambda word: whole(word, 0, LARGE),
    "BYTES": lambda word: whole(word, 0, LARGE),
}


def check_kept(findings: Findings, entry: Kept, node: Node, trail: tuple[str, ...]) -> None:
    """Report what is wrong with a statement that is kept, and inside it."""
    where = (*trail, node.label)
    if entry.body:
        name(findings, entry, node, trail)
        body(findings, entry, node, where)
    elif entry.lines:
        braces(findings, entry, node, trail)
    elif node.body is None:
        value(findings, entry, node, trail)


def say(trail: tuple[str, ...], message: str) -> str:
    """Return `message` behind the labels of the blocks that lead to it."""
    return f"{': '.join(trail)}: {message}" if trail else message


def name(findings: Findings, entry: Kept, node: Node, trail: tuple[str, ...]) -> None:
    """Report a block that needs exactly one name and has none or more."""
    if entry.syntax == "NAME" and len(node.words) != 2:
        findings.error(node.place, say(trail, f"'{node.label}' needs exactly one name"), entry.name, fatal=False)


def braces(findings: Findings, entry: Kept, node: Node, trail: tuple[str, ...]) -> None:
    """`notification_email a@b`: keepalived reads the lines that follow as the values."""
    named = entry.syntax.startswith("NAME")
    words = node.words[2:] if named else node.words[1:]
    if (words or node.body is None) and entry.syntax:
        head = " ".join(node.words[: 2 if named else 1])
        inside = " ".join(words) or entry.syntax.partition("{")[2].strip(" }") or "..."
        message = f"the values of '{entry.name}' stand in braces: {head} {{ {inside} }}"
        findings.warning(node.place, say(trail, message), entry.name)


def body(findings: Findings, entry: Kept, node: Node, trail: tuple[str, ...]) -> None:
    """Report what is wrong inside a block that is kept: unknown keywords, and one without which it is taken away."""
    if node.body is None:
        findings.error(node.place, say(trail, "a block in braces must follow"), entry.name, fatal=False)
        return
    for line in node.body:
        if not line.words:
            continue
        inner = entry.known.get(line.words[0])
        if inner is None:
            unknown(findings, lambda message: say(trail, message), entry.name, entry.known, line)
        elif isinstance(inner, Kept) and (line.body is None or inner.body):
            check_kept(findings, inner, line, trail)
    needed = NEEDED.get(entry.name)
    if needed and not any(entry.known.get(line.words[0]) is entry.known[needed] for line in node.body if line.words):
        findings.error(node.place, say(trail, f"'{needed}' is missing"), entry.name, fatal=False)


def value(findings: Findings, entry: Kept, node: Node, trail: tuple[str, ...]) -> None:
    """One word after a keyword, where the syntax says of which kind it is."""
    if not entry.syntax or entry.syntax.startswith("["):
        return
    if len(node.words) == 1:
        message = f"'{entry.name}' needs a value: {entry.name} {entry.syntax}"
        findings.error(node.place, say(trail, message), entry.name, fatal=False)
        return
    kind = entry.syntax.partition(" ")[0]
    limits = RANGE.fullmatch(kind)
    read = (lambda word: whole(word, int(limits[1]), int(limits[2]))) if limits else KINDS.get(kind)
    read = address_of if entry.name.endswith("_ip") else read
    try:
        if read is not None:
            read(node.words[1])
    except ValueError as error:
        findings.error(node.place, say(trail, f"{node.words[0]} {error}"), entry.name, fatal=False)
