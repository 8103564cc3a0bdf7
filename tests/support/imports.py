# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import statement means, read from the source: nothing is imported."""

from __future__ import annotations

import ast
from pathlib import Path


def names(node: ast.AST, path: Path, root: Path) -> list[str]:
    """The full dotted names that a statement of `path`, below the package `root`, imports; none for another statement.

    `from .a import b` in the package p is p.a.b, whether b is a module or not.
    """
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = [root.name, *path.relative_to(root).parts[:-1]]
    base = package[: len(package) - node.level + 1] if node.level else []
    return [".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names]
