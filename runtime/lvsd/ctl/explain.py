# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a keyword of the configuration means, from the grammar that reads it."""

from __future__ import annotations

import textwrap
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

from lvsd.conf import manual
from lvsd.conf.manual import Explanation, explanations

from .sockets import Failed
from .table import table

Result = tuple[dict[str, Any], Callable[[], str]]


def explain(options: Namespace) -> Result:
    """One keyword, or the list of those without effect.  Raises `Failed` for a word that is no keyword."""
    if options.unimplemented:
        rows = manual.not_implemented()
        keywords = [{"block": block, "keyword": keyword, "warning": warning} for block, keyword, warning in rows]
        return {"version": 1, "ok": True, "keywords": keywords}, lambda: table(("BLOCK", "KEYWORD", "WARNING"), rows)
    found = manual.explain(options.keyword)
    if not found:
        raise Failed(f"{options.keyword!r} is no keyword{_near(options.keyword)}")
    return {"version": 1, "ok": True, "explanations": [asdict(one) for one in found]}, lambda: text(found)


def text(found: Sequence[Explanation]) -> str:
    """A paragraph for each block that knows the keyword.  Pure."""
    return "\n\n".join(_paragraph(one) for one in found)


def _paragraph(one: Explanation) -> str:
    where = f"in {one.block}" if one.block else "at the top level"
    lines = [f"{one.keyword} {one.syntax}".rstrip() + f"    ({where})"]
    lines += textwrap.wrap(one.text, 96, initial_indent="    ", subsequent_indent="    ")
    if one.default:
        lines.append(f"    Default: {one.default}")
    if one.spellings:
        lines.append(f"    Also written: {', '.join(one.spellings)}")
    if one.deprecated:
        lines.append(f"    Deprecated spellings: {', '.join(one.deprecated)}")
    if one.warning:
        lines.append(f"    Warning: {one.warning}")
    return "\n".join(lines)


def _near(word: str) -> str:
    near = get_close_matches(word, {one.keyword for one in explanations()}, 3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
