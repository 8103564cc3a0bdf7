# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the texts of a source lack: docstrings of public names, actors with a name.  Nothing is imported."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOURCES = ("runtime/lvsd", "plugins")
UNNAMED = re.compile(r"\b(?:nobody|somebody|whoever|everybody|anybody)\b(?! else's)", re.IGNORECASE)
"""Words that hide which process acts.  What is "somebody else's" belongs to no process of ours: that may stay."""

FILE = re.compile(r"(?<![\w/.*-])(?:[a-z_]+/)*[a-z_]+\.py\b")
"""A source that a text names: from its own folder or the one above, or from one of `PLACES`."""
PLACES = ("", *SOURCES, "plugins/module_utils", "runtime/lvsd/conf", "runtime/lvsd/conf/grammar")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def packages() -> dict[str, list[Path]]:
    """The sources of the daemon and the plugins by package: a folder of the first level, or the files beside them."""
    found: dict[str, list[Path]] = {}
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            first, *inside = path.relative_to(ROOT / folder).parts
            found.setdefault(f"{folder}/{first}" if inside else folder, []).append(path)
    return found


def undocumented(source: str) -> Iterator[str]:
    """The public names of a module that have no docstring: `(module)`, functions, classes, methods, properties.

    An Ansible plugin has its DOCUMENTATION in the place of the module's docstring.  A name behind an underscore is
    private, and so is all that it holds; names of Python's own protocols (`__len__`) say what they are.
    """
    tree = ast.parse(source)
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if tree.body and ast.get_docstring(tree) is None and "DOCUMENTATION" not in assigned:
        yield "(module)"
    yield from _undocumented(tree, "")


def _undocumented(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in parent.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            if ast.get_docstring(node) is None:
                yield prefix + node.name
            if isinstance(node, ast.ClassDef):
                yield from _undocumented(node, f"{prefix}{node.name}.")


def unnamed(source: str) -> Iterator[str]:
    """The lines of docstrings, comments and messages whose actor is nobody, somebody or the like."""
    for line, text in lines(source):
        if UNNAMED.search(text):
            yield f"{line}: {text.strip()}"


def astray(path: Path, source: str) -> Iterator[str]:
    """The sources that texts of `path` name and that are not there."""
    beside = [path.parent, path.parent.parent, *(ROOT / folder for folder in PLACES)]
    for line, text in lines(source):
        for name in FILE.findall(text):
            if not any((folder / name).exists() for folder in beside):
                yield f"{line}: {name}"


def lines(source: str) -> list[tuple[int, str]]:
    """Each line of a docstring, a comment or another text of a source, with its number."""
    texts = [
        (node.lineno + at, line)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for at, line in enumerate(node.value.split("\n"))
    ]
    texts += [
        (token.start[0], token.string)
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    return sorted(texts)
