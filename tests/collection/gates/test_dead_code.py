# SPDX-FileCopyrightText: 2026 The lvs.director authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon and the plugins define, one of them uses: a test alone keeps nothing alive."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WRITTEN = ("plugins/module_utils/_schema.py",)  # by a program
# by another program, or by Python itself
CALLED_FROM_OUTSIDE = {
    *("DOCUMENTATION", "EXAMPLES", "RETURN", "ATTRIBUTES", "VRRP_INSTANCE", "VRRP_SYNC_GROUP"),
    *("ActionModule", "FilterModule", "ModuleDocFragment", "TRANSFERS_FILES", "_requires_connection"),
    *("CallbackModule", "CALLBACK_VERSION", "CALLBACK_TYPE", "CALLBACK_NAME"),
    *("_fields_", "writable"),
}
# what waits for its first user; may only shrink
WAITING = {"subscribe"}


def sources() -> dict[str, str]:
    """The text of each file by its path in the repository."""
    found = (path for folder in ("runtime/lvsd", "plugins") for path in sorted((ROOT / folder).rglob("*.py")))
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in found}
    return {name: text for name, text in texts.items() if name not in WRITTEN}


def defined(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """The name and line of each function, class, constant and field; members of an enumeration stand for a table."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        if isinstance(node, ast.ClassDef) and not any("Enum" in base or "Flag" in base for base in bases(node)):
            yield from defined(node.body)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from ((each.id, node.lineno) for each in targets if isinstance(each, ast.Name))


def bases(node: ast.ClassDef) -> list[str]:
    return [ast.unparse(base) for base in node.bases]


def used(tree: ast.Module) -> Iterator[str]:
    """The names that the file reads; an import alone reads none, nor does a mention in `__all__`."""
    listed = {id(each) for node in tree.body if exports(node) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.MatchClass):
            yield from node.kwd_attrs
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in listed:
            yield from re.findall(r"\w+", node.value) if len(node.value) < 60 else ()


def exports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def unused(texts: dict[str, str]) -> list[str]:
    """`FILE:LINE: NAME` of each definition that no file reads."""
    trees = {name: ast.parse(text) for name, text in texts.items()}
    known = {name for tree in trees.values() for name in used(tree)}
    return [
        f"{file}:{line}: {name}"
        for file, tree in trees.items()
        for name, line in defined(tree.body)
        if name not in known and not name.startswith("__")
    ]


def test_nothing_is_defined_that_only_a_test_uses() -> None:
    found = {each: each.rpartition(" ")[2] for each in unused(sources())}
    assert [each for each, name in found.items() if name not in CALLED_FROM_OUTSIDE | WAITING] == []
    assert set(found.values()) >= WAITING | CALLED_FROM_OUTSIDE  # what is used is no exception any more


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(): pass", ["f"]),
        ("def f(): pass\nf()", []),
        ("import g\ndef f(): pass\n__all__ = ['f']", ["f"]),
        ("class A:\n    size: int = 0\n    def b(self): pass\nA()", ["size", "b"]),
        ("class A:\n    size: int = 0\nprint(A().size)", []),
        ("class A:\n    size: int = 0\nA(size=1)", []),
        ("class A(IntEnum):\n    ONE = 1\nA(1)", []),
        ("LIMIT = 3\nNAME: str = ''\nprint(LIMIT)", ["NAME"]),
        ("def on_up(): pass\ngetattr(x, 'on_up')", []),
    ],
)
def test_what_counts_as_unused(text: str, names: list[str]) -> None:
    assert [each.rpartition(" ")[2] for each in unused({"a.py": text})] == names
