# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ansible-test sanity` would say after minutes about names, in a second."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
JUDGED = ("plugins", "runtime/lvsd", "tests/unit")  # what the sanity gate reads


def underscores(source: str) -> Iterator[int]:
    """The lines that bind the name `_`, which ansible-test's pylint keeps for translations; lambdas may."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store):
            yield node.lineno
        elif isinstance(node, ast.FunctionDef):
            parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            yield from (parameter.lineno for parameter in parameters if parameter.arg == "_")


@pytest.mark.parametrize("folder", JUDGED)
def test_what_is_not_used_is_called_unused_and_not_by_a_bare_underscore(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in underscores(path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("for _ in range(3): pass", [1]),
        ("a, _ = 1, 2", [1]),
        ("def f(_): pass", [1]),
        ("[1 for _, b in x]", [1]),
        ("lambda _: 1", []),
        ("match x:\n case _: pass", []),
    ],
)
def test_what_counts_as_a_binding(source: str, lines: list[int]) -> None:
    assert list(underscores(source)) == lines
