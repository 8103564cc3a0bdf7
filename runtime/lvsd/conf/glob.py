# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of file names as `include` takes them: csh braces, `*`, `?` and `[...]`."""

from __future__ import annotations

import itertools

PARTS = 256  # most patterns that braces may stand for
LONGEST = 4096  # characters of a pattern with braces (PATH_MAX of linux/limits.h)


def has_wildcard(pattern: str) -> bool:
    """Whether a path has to be searched for, and is not the name of one file."""
    return any(character in pattern for character in "*?[")


def braces(pattern: str) -> list[str]:
    """csh brace expansion: `{a,b{,c}}` is a, b and bc; an unbalanced brace stands for itself, and so does anything
    that is longer than a path can be.
    """
    if len(pattern) > LONGEST:
        return [pattern]
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= PARTS:
        current = waiting.pop(0)
        alternatives = first_group(current)
        if alternatives is None:
            done.append(current)
        else:
            waiting = alternatives + waiting
    return (done + waiting)[:PARTS]


def first_group(pattern: str) -> list[str] | None:
    """The pattern once per alternative of its first balanced group, or None where there is none."""
    start = pattern.find("{")
    if start < 0:
        return None
    depth = 0
    cuts = [start]
    for index in range(start, len(pattern)):
        character = pattern[index]
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 1:
            cuts.append(index)
        if depth == 0:
            cuts.append(index)
            head, tail = pattern[:start], pattern[index + 1 :]
            return [head + pattern[a + 1 : b] + tail for a, b in itertools.pairwise(cuts)]
    return None
